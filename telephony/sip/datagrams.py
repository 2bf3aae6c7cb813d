"""The UDP socket of SIP, read in rows: whatever has come is taken before the loop turns to anything else.

asyncio's own datagram endpoint takes one message at each turn of the loop. When a turn is long, because hundreds of
calls have media, the queue in the kernel then grows without end although there is time enough for each message.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Final

from telephony.sip.flow import Flow
from telephony.sip.internet_address import is_address, plain_address

logger = logging.getLogger(__name__)

Receive = Callable[[bytes, Flow], None]
RECEIVE_BUFFER: Final = 4 << 20
"""Octets; Linux gives net.core.rmem_max at most. Its usual 200 kB hold 160 INVITEs, less than a busy second while the
machine does something else."""
READING_SECONDS: Final = 0.01
"Half a packet time: SIP may not keep voice waiting longer. The rest is read at the loop's next turn."
LONGEST_DATAGRAM: Final = 65_536
SO_TIMESTAMPNS: Final = 35
SO_MEMINFO: Final = 55
"asm-generic/socket.h; Python 3.11 has names for neither."
LONGEST_AGE: Final = 30.0
"Seconds; a datagram that seems older tells that the wall clock was set."
_TIMESPEC = struct.Struct("@ll")
_MEMINFO = struct.Struct("9I")


class UdpTransport:
    """One UDP socket."""

    def __init__(self, receive: Receive, wall: Callable[[], float] = time.time) -> None:
        self._receive = receive
        self._wall = wall
        self._socket: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.local = ("", 0)
        self.age = 0.0
        "Seconds that the datagram in hand waited in the kernel: how far behind we are."

    def listen(self, host: str, port: int) -> None:
        """Bind; raises `OSError`."""
        loop = asyncio.get_running_loop()
        # The address is written in the settings and is no name, so this resolves nothing.
        family, kind, _, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_DGRAM, flags=1)[0]
        sock = socket.socket(family, kind)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            if sys.platform == "linux":
                sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            sock.bind(address)
        except OSError:
            sock.close()
            raise
        self._socket = sock
        self.local = sock.getsockname()[:2]
        loop.add_reader(sock, self._read)

    @property
    def dropped(self) -> int:
        """Datagrams that the kernel threw away because its queue for us was full; 0 where it does not tell."""
        if self._socket is None or sys.platform != "linux":
            return 0
        with contextlib.suppress(OSError, struct.error):
            return int(_MEMINFO.unpack(self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size))[8])
        return 0

    def send(self, data: bytes, flow: Flow) -> None:
        """Send a datagram; a name is resolved first, off the loop."""
        if self._socket is None:
            return
        if is_address(flow.remote[0]):
            self._send_to(data, self._mapped(flow.remote))
        else:
            task = asyncio.get_running_loop().create_task(self._resolve_and_send(data, flow))
            self._tasks.add(task)  # the loop holds tasks weakly
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _read(self) -> None:
        until = time.monotonic() + READING_SECONDS
        while self._socket is not None and time.monotonic() < until:
            try:
                data, control, _, address = self._socket.recvmsg(LONGEST_DATAGRAM, 64)
            except BlockingIOError:
                break
            except OSError:
                continue  # an ICMP error of an earlier datagram of ours; the transactions' timers deal with it
            self.age = self._age(control)
            if len(data) > 4:  # a lone CRLF is somebody's keep-alive
                self._receive(data, Flow("UDP", plain_address(address), self.local))
        self.age = 0.0

    def _age(self, control: list[tuple[int, int, bytes]]) -> float:
        if not control or len(control[0][2]) != _TIMESPEC.size:
            return 0.0
        seconds, nanoseconds = _TIMESPEC.unpack(control[0][2])
        age = self._wall() - seconds - nanoseconds * 1e-9
        return age if 0.0 < age < LONGEST_AGE else 0.0

    def _send_to(self, data: bytes, remote: tuple[str, int]) -> None:
        # A full queue or no route at the moment is as good as lost on the way: SIP sends again what matters.
        with contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.sendto(data, remote)

    def _mapped(self, remote: tuple[str, int]) -> tuple[str, int]:
        if ":" in self.local[0] and ":" not in remote[0]:
            return f"::ffff:{remote[0]}", remote[1]
        return remote

    async def _resolve_and_send(self, data: bytes, flow: Flow) -> None:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(*flow.remote, type=socket.SOCK_DGRAM)
        except OSError as error:
            logger.warning("no address for a SIP peer: %s", error)
            return
        self._send_to(data, self._mapped(found[0][4][:2]))  # type: ignore[arg-type]

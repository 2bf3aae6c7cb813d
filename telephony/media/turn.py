"""Calls whose packets are read, and whose recordings grow, at the same tick."""

from __future__ import annotations

import logging
import selectors
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from telephony.media.latch import SourceAddress
from telephony.media.rtp import LARGEST_PACKET

logger = logging.getLogger(__name__)

READING_SECONDS: Final = 0.008
"""Longest reading in one tick, twice what 100 calls take; one packet of each socket is read in any case. Under a flood
the rest waits in the kernel, which drops what is too much."""
SO_TIMESTAMPNS: Final = 35
"asm-generic/socket.h; Python 3.11 has no name for it."
LONGEST_WAIT_SECONDS: Final = 5.0
"What a socket's buffer holds of one call; an arrival stamped earlier means that the wall clock was set."
_TIMESPEC = struct.Struct("@ll")

Receive = Callable[[bytes, SourceAddress, float], None]


class Paced(Protocol):
    """A call as the loop sees it."""

    def send_due(self) -> None:
        """Send the packet of this packet time, if there is one."""

    def skip(self, packets: int) -> None:
        """Pass over packet times that a stall has swallowed."""

    def pass_time(self, now: float, *, caught_up: bool) -> None:
        """Do what is due by the clock; `caught_up` unless packets that have come are still to be read."""


class Turn:
    """A share of the calls and one `epoll` over their sockets; the kernel stamps when each packet came."""

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self.calls: dict[Paced, tuple[socket.socket, ...]] = {}
        self._clock, self._wall = clock, wall
        self._selector = selectors.DefaultSelector()
        self._closed = False

    def add(self, call: Paced, sockets: Mapping[socket.socket, Receive]) -> None:
        """Show every datagram of a call's non-blocking sockets to its receiver, with source and time of arrival."""
        self.calls[call] = tuple(sockets)
        for sock, receive in sockets.items():
            if sys.platform == "linux":  # elsewhere the time of reading is taken
                sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self._selector.register(sock, selectors.EVENT_READ, (call, receive))

    def remove(self, call: Paced) -> None:
        """Read what has come for a call, and let it go."""
        if call in self.calls and not self._closed:
            self.read()
            for sock in self.calls[call]:
                self._selector.unregister(sock)
        self.calls.pop(call, None)

    def close(self) -> None:
        """Read no more; calls may still be removed."""
        self._closed = True
        self._selector.close()

    def run(self) -> None:
        """Read what has come, then let time pass for every call."""
        behind = self.read()
        now = self._clock()
        for call in list(self.calls):
            try:
                call.pass_time(now, caught_up=call not in behind)
            except Exception:
                logger.exception("a call's media could not be written")

    def read(self) -> set[Paced]:
        """Read every socket, one packet of each in turn; return the calls that were left with more."""
        began = self._clock()
        since_wall = began - self._wall()
        ready = self._selector.select(0)
        while ready:
            for key, _ in ready:
                self._read_one(key.fileobj, key.data[1], began, since_wall)  # type: ignore[arg-type]
            ready = self._selector.select(0)
            if self._clock() - began > READING_SECONDS:
                break
        return {key.data[0] for key, _ in ready}

    def _read_one(self, sock: socket.socket, receive: Receive, began: float, since_wall: float) -> None:
        try:
            data, control, _, address = sock.recvmsg(LARGEST_PACKET + 1, 64)
        except OSError:
            return  # taken already, closed meanwhile, or an ICMP error of an earlier packet of ours
        arrival = 0.0
        if control and len(control[0][2]) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(control[0][2])
            arrival = seconds + nanoseconds * 1e-9 + since_wall
        if not began - LONGEST_WAIT_SECONDS < arrival < began + READING_SECONDS:
            arrival = self._clock()  # no stamp, or the wall clock was set
        try:
            receive(data, address[:2], arrival)
        except Exception:  # one call's fault must not silence the others: this is the outermost line of each
            logger.exception("a call's media could not take a packet")

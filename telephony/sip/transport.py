"""Connections for SIP: TCP and TLS on one asyncio loop, thin over `UserAgent` (RFC 3261 section 18)."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from functools import lru_cache
from itertools import count

from telephony.sip.flow import Flow, Transport
from telephony.sip.internet_address import plain_address
from telephony.sip.stream import MessageStream

logger = logging.getLogger(__name__)

Receive = Callable[[bytes, Flow], None]
MOST_CONNECTIONS = 2000
"Ten times the calls of one node; each costs a socket and some kilobytes."
UNFINISHED_SECONDS = 20.0
"A message that is begun must be whole by then, or the connection is given up."
MOST_UNSENT = 1_000_000
"Octets waiting for a peer that does not read; then the connection is closed."
CONNECT_SECONDS = 5.0


class StreamTransport:
    """TCP or TLS: connections that peers opened, and ours to them; messages go over the one a flow names."""

    def __init__(
        self,
        kind: Transport,
        receive: Receive,
        *,
        on_failed: Callable[[Flow], None] = lambda flow: None,
        client_tls: ssl.SSLContext | None = None,
    ) -> None:
        self._kind = kind
        self._receive = receive
        self._on_failed = on_failed
        self._client_tls = client_tls
        self._server: asyncio.Server | None = None
        self._numbers = count(1)
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._by_remote: dict[tuple[str, int], int] = {}
        self.local = ("", 0)

    async def listen(self, host: str, port: int, server_tls: ssl.SSLContext | None = None) -> None:
        """Accept connections; raises `OSError`."""
        # asyncio makes `::` a listener for IPv6 alone; without a host it is both, as a UDP socket on `::` is.
        self._server = await asyncio.start_server(
            self._accept,
            None if host == "::" else host,
            port,
            ssl=server_tls,
            ssl_handshake_timeout=UNFINISHED_SECONDS if server_tls else None,
        )
        self.local = self._server.sockets[0].getsockname()[:2]

    def stands(self, flow: Flow) -> bool:
        """Whether a flow's connection is still there."""
        return flow.connection in self._writers or flow.remote in self._by_remote

    def send(self, data: bytes, flow: Flow) -> None:
        """Send over the flow's connection, or over a new one when that is gone."""
        number = flow.connection if flow.connection in self._writers else self._by_remote.get(flow.remote, 0)
        writer = self._writers.get(number)
        if writer is None:
            _keep(asyncio.get_running_loop().create_task(self._connect_and_send(data, flow)))
            return
        writer.write(data)
        if writer.transport.get_write_buffer_size() > MOST_UNSENT:
            writer.transport.abort()

    def close(self) -> None:
        """Close the listener and every connection."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers.values()):
            writer.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._writers) >= MOST_CONNECTIONS:
            writer.close()
            return
        await self._converse(reader, writer)

    async def _connect_and_send(self, data: bytes, flow: Flow) -> None:
        context = (self._client_tls or system_tls()) if self._kind == "TLS" else None
        name = flow.remote[0] if context else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(*flow.remote, ssl=context, server_hostname=name)
        except (OSError, TimeoutError) as error:
            logger.warning("no %s connection to a SIP peer: %s", self._kind, error)
            self._on_failed(flow)
            return
        writer.write(data)
        await self._converse(reader, writer, flow.remote)

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: tuple[str, int] | None = None
    ) -> None:
        number = next(self._numbers)
        remote = plain_address(writer.get_extra_info("peername") or ("", 0))
        local = plain_address(writer.get_extra_info("sockname") or ("", 0))
        flow = Flow(self._kind, remote, (local[0], self.local[1] or local[1]), number)
        self._writers[number] = writer
        self._by_remote[remote] = number
        if name is not None:
            self._by_remote[name] = number
        try:
            await self._read(reader, writer, flow)
        except (OSError, TimeoutError, ValueError, ssl.SSLError) as error:
            logger.debug("%s connection given up: %s", self._kind, error)
        finally:
            self._writers.pop(number, None)
            self._by_remote = {key: value for key, value in self._by_remote.items() if value != number}
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flow: Flow) -> None:
        stream, loop = MessageStream(), asyncio.get_running_loop()
        # The first message is awaited no longer than the rest of one: silent connections would keep others out.
        deadline: float | None = loop.time() + UNFINISHED_SECONDS
        while True:
            async with asyncio.timeout_at(deadline):
                data = await reader.read(65536)
            if not data:
                return
            messages = stream.feed(data)
            for message in messages:
                self._receive(message, flow)
            if stream.pings:
                writer.write(b"\r\n" * stream.take_pings())  # RFC 5626 section 4.4.1
            if stream.broken:
                await writer.drain()
                return
            # Counted from its first octet: one that trickles in would otherwise hold the connection for ever.
            if messages:
                deadline = None
            if stream.unfinished:
                deadline = deadline or loop.time() + UNFINISHED_SECONDS


_tasks: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    # The loop holds tasks weakly.
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


@lru_cache(maxsize=1)
def system_tls() -> ssl.SSLContext:
    """Return what we check a peer's certificate with when nothing else is set: the system's authorities."""
    return ssl.create_default_context()

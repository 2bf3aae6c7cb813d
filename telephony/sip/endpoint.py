"""Sockets and clock around one `UserAgent`: what the engine and the softphone both stand on."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import ssl
from collections.abc import Callable
from functools import lru_cache

from telephony.sip.admission import Admission
from telephony.sip.datagrams import UdpTransport
from telephony.sip.flow import Flow
from telephony.sip.internet_address import is_address
from telephony.sip.message import Message
from telephony.sip.transport import StreamTransport
from telephony.sip.uri import Uri
from telephony.sip.user_agent import Line, Owner, UserAgent

logger = logging.getLogger(__name__)

ANY_HOST = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not bound to

TRIES_FOR_A_FREE_PORT = 10
"With port 0 the system chooses one that is free for UDP; now and then TCP has it taken."

LONGEST_WAIT = 0.5
"""Seconds that a request may have waited for us: after T1 callers send again, and what is late already gets later. New
calls are then refused, which costs a fiftieth of taking one."""

Observe = Callable[[str, Message, Flow, float], None]


class Endpoint:
    """Listens, keeps the agent's timers, and knows which address of ours a peer can reach."""

    def __init__(
        self,
        owner: Owner,
        admission: Admission,
        *,
        user: str,
        max_calls: int,
        advertised: str | None = None,
        observe: Observe = lambda direction, message, flow, now: None,
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        self._advertised = advertised
        self._timer: asyncio.TimerHandle | None = None
        self._bound = ""
        self.agent = UserAgent(
            Line(self.contact_host, user, max_calls),
            owner,
            admission,
            transmit=self._transmit,
            token=lambda: secrets.token_hex(8),
            observe=observe,
            connected=self._connected,
            behind=lambda: self._udp.age > LONGEST_WAIT,
        )
        self._udp = UdpTransport(self._receive)
        self._tcp = StreamTransport("TCP", self._receive, on_failed=self._flow_failed)
        self._tls = StreamTransport("TLS", self._receive, on_failed=self._flow_failed, client_tls=authorities)

    async def listen(self, host: str, port: int) -> None:
        """Bind UDP and TCP; raises `OSError`."""
        self._loop = asyncio.get_running_loop()
        self._bound = host
        for tries_left in range(0 if port else TRIES_FOR_A_FREE_PORT, -1, -1):
            self._udp.listen(host, port)
            try:
                await self._tcp.listen(host, port or self._udp.local[1])
                break
            except OSError:
                self._udp.close()
                if not tries_left:
                    raise

    async def listen_tls(self, host: str, port: int, context: ssl.SSLContext) -> None:
        """Bind TLS; raises `OSError`."""
        await self._tls.listen(host, port, context)

    @property
    def address(self) -> tuple[str, int]:
        """Where UDP and TCP are heard."""
        return self._udp.local

    @property
    def dropped(self) -> int:
        """Datagrams lost before we could read them."""
        return self._udp.dropped

    @property
    def tls_address(self) -> tuple[str, int]:
        """Where TLS is heard."""
        return self._tls.local

    def time(self) -> float:
        """Return the clock of every timer."""
        return self._loop.time()

    def changed(self) -> None:
        """Set the alarm for the agent's next timer; to be called after everything it was asked to do."""
        due = self.agent.schedule.next()
        if self._timer is not None:
            if due is not None and self._timer.when() == due:
                return
            self._timer.cancel()
        self._timer = None if due is None else self._loop.call_at(due, self._run)

    def close(self) -> None:
        """Close every socket."""
        if self._timer is not None:
            self._timer.cancel()
        for transport in (self._udp, self._tcp, self._tls):
            transport.close()

    def flow_to(self, uri: Uri) -> Flow:
        """Return the way to a URI, from the socket of its transport."""
        host, port = uri.address
        if uri.transport == "UDP":
            return Flow("UDP", (host, port), self._udp.local)
        if uri.transport == "TLS":
            return Flow("TLS", (host, port), self._tls.local)
        return Flow("TCP", (host, port), self._tcp.local)

    def contact_host(self, flow: Flow) -> tuple[str, int]:
        """Return the host and port by which a flow's peer reaches us."""
        return self._advertised or self.local_host(flow), flow.local[1] or self._udp.local[1]

    def local_host(self, flow: Flow) -> str:
        """Return the address of ours that a peer sees when no NAT is in between."""
        bound = flow.local[0] or self._bound
        return bound if bound not in ANY_HOST else route_address(flow.remote[0])

    def _receive(self, data: bytes, flow: Flow) -> None:
        try:
            self.agent.receive(data, flow, self._loop.time())
        except Exception:
            # The outermost line of one message: whatever it was, the next one must be heard.
            logger.exception("a SIP message could not be dealt with")
        self.changed()

    def _connected(self, flow: Flow) -> bool:
        return (self._tls if flow.transport == "TLS" else self._tcp).stands(flow)

    def _flow_failed(self, flow: Flow) -> None:
        self.agent.transactions.give_up(flow, self._loop.time())
        self.changed()

    def _run(self) -> None:
        self._timer = None
        try:
            self.agent.run(self._loop.time())
        except Exception:
            logger.exception("a SIP timer failed")
        self.changed()

    def _transmit(self, data: bytes, flow: Flow) -> None:
        if flow.transport == "UDP":
            self._udp.send(data, flow)
        elif flow.transport == "TLS":
            self._tls.send(data, flow)
        else:
            self._tcp.send(data, flow)


@lru_cache(maxsize=256)  # one system call for each peer, not for each message
def route_address(remote: str) -> str:
    """Return the address of ours that packets to a peer leave from."""
    if not is_address(remote):
        return "127.0.0.1" if remote == "localhost" else _route_by_name(remote)
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((remote, 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _route_by_name(remote: str) -> str:
    # Resolving would hold up the loop; a name is some other machine's, so the default route's address is it.
    return route_address("192.0.2.1")

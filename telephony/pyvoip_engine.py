"""`SipEngine` on pyVoIP 1.6.8: SIP and its threads are pyVoIP's, the audio path is ours. The only file that knows it.

pyVoIP's own audio has 8 bits and forgets silence, so its decoder and encoder are overridden: packets go through
`telephony.media` as with our engine. What pyVoIP cannot do is in docs/supported-sip.md; choose it for a trusted PBX
on the same host.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final

import pyVoIP.VoIP  # noqa: F401 - first, because `pyVoIP.RTP` and `pyVoIP.SIP` import each other by way of it
from pyVoIP import RTP, SIP
from pyVoIP.VoIP import CallState, VoIPCall, VoIPPhone

from config.sections import TelephonySettings
from telephony.engine import IncomingCall, TrunkState
from telephony.pyvoip_call import PyVoipCall
from telephony.sip.uri import parse_uri

logger = logging.getLogger(__name__)

WARNING: Final = (
    "telephony.engine is pyvoip: no OPTIONS, INFO, UPDATE, PRACK or transfer, no 487 after CANCEL, no retransmitted"
    " 200, no TCP, TLS, SRTP or G.722, refuses with 486 only, answers a second late, one trunk; use it only for a"
    " trusted PBX on the same host (docs/supported-sip.md)"
)
MOST_DIALOGS: Final = 10_000
"Call-IDs whose source is remembered, so that a response finds its way back."
CALL_ID: Final = re.compile(rb"(?im)^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)")


class _Socket(socket.socket):
    """A UDP socket that sends a response where its request came from: pyVoIP sends everything to its server."""

    def __init__(self, admits: Callable[[str], bool]) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_DGRAM)
        self._admits = admits
        self.sources: OrderedDict[bytes, tuple[str, int]] = OrderedDict()

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Return the next datagram of an admitted source; pyVoIP sleeps on `BlockingIOError` and tries again."""
        try:
            data, source = self.recvfrom(bufsize, flags)
        except OSError as error:
            raise BlockingIOError from error  # closed, or a port that answered by ICMP: no reason to end the thread
        if not self._admits(source[0]):
            raise BlockingIOError
        if found := CALL_ID.search(data):
            self.sources[found[1]] = source
            if len(self.sources) > MOST_DIALOGS:
                self.sources.popitem(last=False)
        return data

    def sendto(self, data: Any, address: Any) -> int:  # type: ignore[override]
        """Send to the source of the dialog, or to the server for what we begin."""
        found = CALL_ID.search(data)
        return super().sendto(data, self.sources.get(found[1], address) if found else address)


class _Sip(SIP.SIPClient):
    """pyVoIP's SIP, which registers only when there is a registrar."""

    admits: Callable[[str], bool]
    registers: bool

    def start(self) -> None:
        """As pyVoIP does, with our socket and without the second of waiting."""
        self.NSD = True
        self.s = self.out = _Socket(self.admits)
        self.s.bind((self.myIP, self.myPort))
        self.myPort = self.s.getsockname()[1]
        if self.registers:
            self.register()
        threading.Thread(target=self.recv_loop, name="pyVoIP SIP", daemon=True).start()

    def recv_loop(self) -> None:
        """As pyVoIP's, which trips over its own socket when that is closed."""
        try:
            super().recv_loop()
        except OSError:
            if self.NSD:
                raise


class _Rtp(RTP.RTPClient):
    """pyVoIP's two threads for a call; what they carry is ours."""

    take: Callable[[bytes], None]
    give: Callable[[], bytes]

    def parse_packet(self, packet: bytes) -> None:
        """Hand the packet over as it came: pyVoIP's own parser ends the thread on a short one."""
        self.take(packet)

    def encode_packet(self, payload: bytes) -> bytes:
        """Return what is to be said instead of pyVoIP's 8-bit buffer."""
        return self.give()

    def stop(self) -> None:
        """Close what was opened: a call that was refused never had a socket, which pyVoIP trips over."""
        if hasattr(self, "sin"):
            super().stop()


class _Call(VoIPCall):
    """Makes our RTP clients and tells our call of its end."""

    ours: PyVoipCall

    def create_rtp_clients(self, codecs: Any, ip: str, port: int, request: Any, baseport: int) -> None:
        """Make one client for each connection line; the port counts as taken while the call lasts."""
        self.assignedPorts[port] = codecs
        for index, connection in enumerate(request.body["c"]):
            client = _Rtp(codecs, ip, port, connection["address"], baseport + index, self.sendmode)
            self.RTPClients.append(client)

    def bye(self) -> None:
        """The caller hung up."""
        super().bye()
        self.ours.end_soon("caller_hung_up")


class _Phone(VoIPPhone):
    """Makes our calls, and notices CANCEL, which pyVoIP answers and forgets."""

    def _create_Call(self, request: Any, sess_id: int) -> None:
        call = _Call(self, CallState.RINGING, request, sess_id, self.myIP, sendmode=self.recvmode)
        self.calls[request.headers["Call-ID"]] = call

    def callback(self, request: Any) -> None:
        """Pass on what pyVoIP understands."""
        if request.type == SIP.SIPMessageType.MESSAGE and request.method == "CANCEL":
            call = self.calls.pop(request.headers["Call-ID"], None)
            if call is not None and hasattr(call, "ours"):
                call.ours.end_soon("caller_cancelled")
            return
        super().callback(request)


class PyVoipEngine:
    """Runs one pyVoIP phone: with the first trunk when there is one, else for direct calls."""

    def __init__(self, settings: TelephonySettings) -> None:
        self._settings = settings
        self._calls: set[PyVoipCall] = set()
        self._refused = 0
        self._draining = False
        trunk = settings.trunks[0] if settings.trunks else None
        server = parse_uri(trunk.registrar).address if trunk else ("127.0.0.1", 5060)
        bind, ports = settings.bind, settings.rtp_ports
        user, password = (trunk.username, trunk.password.get_secret_value()) if trunk else ("12345", "")
        self._server = server[0]
        phone: Any = _Phone(*server, user, password, bind.host, self._on_invite, bind.port, *ports)
        phone.sip = _Sip(*server, user, password, phone, bind.host, bind.port, phone.callback, phone.fatal)
        phone.sip.admits, phone.sip.registers = self._admits, trunk is not None
        self._phone = phone

    @property
    def address(self) -> tuple[str, int]:
        """Where SIP is heard."""
        return self._phone.sip.myIP, self._phone.sip.myPort

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None:
        """Bind and register; raises `OSError` in plain words."""
        logger.warning(WARNING)
        self._on_call, self._loop = on_call, asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self._phone.start)
        except OSError as error:
            raise OSError(f"SIP cannot listen on {self._settings.bind}: {error.strerror or error}") from error

    def _admits(self, host: str) -> bool:
        return host == self._server or any(ip_address(host) in network for network in self._settings.allow)

    def _on_invite(self, call: Any) -> None:
        """Run a call on the loop, and keep pyVoIP's thread until its end: pyVoIP forgets calls whose thread is over."""
        source = self._phone.sip.s.sources.get(call.call_id.encode(), (self._server, 0))
        call.ours = ours = PyVoipCall(call, source[0], self._loop, self._settings)
        if self._draining or len(self._calls) >= self._settings.max_calls:
            self._refused += 1
            call.deny()
            return
        asyncio.run_coroutine_threadsafe(self._attend(ours), self._loop)
        ours.over.wait()

    async def _attend(self, call: PyVoipCall) -> None:
        self._calls.add(call)
        try:
            await self._on_call(call)
            await call.ended
        finally:
            self._calls.discard(call)
            await call.hang_up()

    async def drain(self, seconds: float) -> None:
        """Refuse new calls, wait for the others, then hang up."""
        self._draining = True
        deadline = self._loop.time() + seconds
        while self._calls and self._loop.time() < deadline:
            await asyncio.wait([call.ended for call in self._calls], timeout=deadline - self._loop.time())
        for call in list(self._calls):
            await call.hang_up()

    async def stop(self) -> None:
        """Close every socket."""
        for call in list(self._calls):
            await call.hang_up()
        await asyncio.to_thread(self._phone.stop)

    def trunks(self) -> list[TrunkState]:
        """Return the state of the one registration."""
        status = self._phone.get_status().value
        return [TrunkState(trunk.name, status == "REGISTERED", status.lower()) for trunk in self._settings.trunks[:1]]

    def metrics(self) -> Mapping[str, float]:
        """Return what can be known."""
        return {"sip_calls": len(self._calls), 'sip_requests_refused_total{reason="full"}': self._refused}

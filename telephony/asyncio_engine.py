"""The default `SipEngine`: our SIP and our media put together on one asyncio loop."""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
from collections.abc import Awaitable, Callable, Mapping

from config.sections import Address, TelephonySettings
from telephony.asyncio_call import AsyncioCall
from telephony.call_media import meets
from telephony.engine import IncomingCall, TrunkState
from telephony.media.media_loop import MediaLoop
from telephony.media.totals import LineTotals
from telephony.sip.admission import Admission
from telephony.sip.digest import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.inbound_call import InboundCall
from telephony.sip.ladder import Ladders
from telephony.sip.registration import Registration

logger = logging.getLogger(__name__)

REALM = "hotline"
SECONDS_TO_UNREGISTER = 1.0
"A registrar that answers at all does so sooner; the binding expires by itself otherwise."


class AsyncioEngine:
    """Listens on UDP, TCP and TLS, registers, and gives every admitted call to `on_call`."""

    def __init__(self, settings: TelephonySettings) -> None:
        self._settings = settings
        self._on_call: Callable[[IncomingCall], Awaitable[None]] = _unattended
        self._calls: set[AsyncioCall] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._answered = 0
        self._lines = LineTotals()
        self.ladders = Ladders()
        passwords = {name: secret.get_secret_value() for name, secret in settings.inbound_users.items()}
        self.admission = Admission(
            settings.allow, passwords, settings.requests_per_second, DigestServer(REALM, secrets.token_bytes(32))
        )
        self.endpoint = Endpoint(
            self,
            self.admission,
            user="12345",
            max_calls=settings.max_calls,
            advertised=settings.advertised_address,
            observe=self.ladders.observe,
            authorities=_authorities(settings),
        )
        self.media_loop = MediaLoop()
        self.registrations: list[Registration] = []

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that SIP is heard on; the port is the system's choice when 0 was asked for."""
        return self.endpoint.address

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None:
        """Bind UDP and TCP, and TLS where it is set; then register. Raises `OSError` with a plain sentence."""
        self._on_call = on_call
        bind = self._settings.bind
        try:
            await self.endpoint.listen(bind.host, bind.port)
            if self._settings.tls_bind is not None:
                bind = self._settings.tls_bind
                await self._listen_tls(bind)
        except OSError as error:
            await self.stop()
            raise OSError(f"SIP cannot listen on {bind}: {error.strerror or error}") from error
        for trunk in self._settings.trunks:
            registration = Registration(trunk, self.endpoint.agent, self.endpoint.flow_to, self.admission)
            self.registrations.append(registration)
            registration.start(self.endpoint.time())
        self.endpoint.changed()
        logger.info("SIP listens on %s port %d, UDP and TCP", *self.address)

    async def drain(self, seconds: float) -> None:
        """Refuse new calls, wait for those in progress, then end what is left."""
        self.endpoint.agent.draining = True
        await self._unregister()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self._tasks and loop.time() < deadline:
            await asyncio.wait(self._tasks, timeout=deadline - loop.time())
        self._end_calls()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    async def stop(self) -> None:
        """Close every socket."""
        self._end_calls()
        for task in list(self._tasks):
            task.cancel()
        self.endpoint.close()
        self.media_loop.close()

    def trunks(self) -> list[TrunkState]:
        """Return the state of every registration."""
        return [registration.state() for registration in self.registrations]

    def metrics(self) -> Mapping[str, float]:
        """Return counters and gauges by Prometheus name."""
        metrics: dict[str, float] = {
            "sip_calls": len(self._calls),
            "sip_calls_answered_total": self._answered,
            "sip_transactions": len(self.endpoint.agent.transactions),
            "sip_draining": self.endpoint.agent.draining,
            "sip_datagrams_dropped_total": self.endpoint.dropped,
        }
        for reason, number in self.admission.refused.items():
            metrics[f'sip_requests_refused_total{{reason="{reason}"}}'] = number
        counts = dict(self.endpoint.agent.counts)
        metrics["sip_options_total"] = counts.pop("options", 0)
        for kind, number in counts.items():
            metrics[f'sip_messages_ignored_total{{reason="{kind}"}}'] = number
        live = [call.statistics for call in self._calls]
        metrics |= self._lines.metrics(live, self.media_loop.lateness)
        for state in self.trunks():
            metrics[f'sip_trunk_registered{{trunk="{state.name}"}}'] = state.registered
        return metrics

    def on_invite(self, call: InboundCall, now: float) -> None:
        """Take a call that we can speak with; else 488."""
        srtp = call.flow.transport == "TLS"
        try:
            met = call.offer is None or meets(call.offer, self._settings.codecs, srtp=srtp)
        except ValueError as error:
            call.reject(now, 400, str(error))
            return
        if not met:
            call.reject(now, 488)
            return
        self.ladders.keep(call.invite.call_id)
        incoming = AsyncioCall(call, self, self._settings)
        self._calls.add(incoming)
        task = asyncio.get_running_loop().create_task(self._serve(incoming))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def trunk_of(self, call: InboundCall) -> str:
        """Return the name of the trunk that a call came by, empty when it came by none."""
        trunk = next((each for each in self.registrations if each.leads(call.flow, call.invite.uri)), None)
        call.digest = trunk.digest if trunk is not None else None  # a PBX may ask for the password again at REFER
        return trunk.name if trunk is not None else ""

    def answered(self) -> None:
        """Count an answered call."""
        self._answered += 1

    async def _serve(self, call: AsyncioCall) -> None:
        try:
            await self._on_call(call)
        except Exception:
            logger.exception("the call flow failed; the call is ended")
        finally:
            call.hang_up_now()
            self._calls.discard(call)
            self._lines.add(call.statistics)
            self.ladders.release(call.call_id_on_the_wire)

    def _end_calls(self) -> None:
        for call in list(self._calls):
            call.hang_up_now(at_once=True)

    async def _unregister(self) -> None:
        for registration in self.registrations:
            registration.stop(self.endpoint.time())
        self.endpoint.changed()
        for _ in range(int(SECONDS_TO_UNREGISTER / 0.02)):
            if not any(each.registered for each in self.registrations):
                break
            await asyncio.sleep(0.02)

    async def _listen_tls(self, bind: Address) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._settings.tls_certificate or "", self._settings.tls_private_key)
        await self.endpoint.listen_tls(bind.host, bind.port, context)


def _authorities(settings: TelephonySettings) -> ssl.SSLContext | None:
    path = settings.tls_authorities
    return None if path is None else ssl.create_default_context(cafile=str(path))


async def _unattended(call: IncomingCall) -> None:
    call.reject(480)

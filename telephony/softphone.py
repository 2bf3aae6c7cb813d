"""A demo softphone on the engine's own parts: one call, with speech, keys and what is heard."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from dataclasses import dataclass

from config.sections import TelephonySettings
from telephony.call_media import CallMedia, new_key
from telephony.engine import CallStatistics, DigitPressed, EndReason
from telephony.media.media_loop import MediaLoop
from telephony.media.session import MediaSession
from telephony.sip.admission import Admission
from telephony.sip.digest import DigestClient, DigestServer
from telephony.sip.endpoint import Endpoint, route_address
from telephony.sip.flow import Flow
from telephony.sip.inbound_call import InboundCall
from telephony.sip.offer_answer import SRTP_SUITES, LocalMedia
from telephony.sip.outbound_call import OutboundCall
from telephony.sip.sdp import Crypto
from telephony.sip.uri import Uri, parse_uri

RTP_PORTS = (20000, 39998)
"Below the engine's own range, so that both can run on one machine."
CODECS = ("PCMA", "PCMU")
SECONDS_TO_SPEAK = 5.0
"Without even a 100 by then, nobody is there: the RFC's 32 s are long for a person at a terminal."
SECONDS_TO_ANSWER = 60.0
SECONDS_FOR_BYE = 4.0
"Time for four BYEs, after 0.5, 1.5 and 3.5 s."


class CallFailed(Exception):
    """No call came about; the text says why, with the status when there is one."""


@dataclass(frozen=True)
class Outcome:
    """What became of a call."""

    sip_call_id: str
    end_reason: EndReason
    seconds_to_answer: float
    "From INVITE to 200."
    seconds: float
    "From 200 to the end."
    heard: bytes
    "16-bit mono PCM at `sample_rate`, in true time."
    sample_rate: int
    statistics: CallStatistics


class _Recorder:
    def __init__(self) -> None:
        self.pcm = bytearray()

    def write(self, pcm: bytes) -> None:
        self.pcm += pcm


class _Nobody:
    """The softphone takes no calls."""

    def on_invite(self, call: InboundCall, now: float) -> None:
        """Refuse."""
        call.reject(now, 486)


class Softphone:
    """One line with one call."""

    def __init__(self, caller: str, password: str, authorities: ssl.SSLContext | None) -> None:
        admission = Admission((), {}, TelephonySettings().requests_per_second, DigestServer("", b""))
        self.endpoint = Endpoint(_Nobody(), admission, user=caller, max_calls=1, authorities=authorities)
        self.media_loop = MediaLoop()
        self.recorder = _Recorder()
        self.keys_heard: list[str] = []
        loop = asyncio.get_running_loop()
        self.answered: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[EndReason] = loop.create_future()
        self._caller = caller
        self._digest = DigestClient(caller, password, lambda: secrets.token_hex(8)) if password else None
        self.media: CallMedia
        self.call: OutboundCall

    async def invite(self, target: Uri) -> None:
        """Send INVITE and return when it is answered; raises `CallFailed`."""
        local = route_address(target.address[0])
        await self.endpoint.listen(local, 0)
        flow = self.endpoint.flow_to(target)
        self.media = self._open_media(local, flow)
        self.call = OutboundCall(
            self.endpoint.agent,
            target,
            flow,
            self,
            caller=self._caller,
            token=lambda: secrets.token_hex(8),
            digest=self._digest,
            on_failed=self._on_failed,
        )
        self.call.start(self.endpoint.time(), self.media.offer())
        self.endpoint.changed()
        await asyncio.wait({self.answered}, timeout=SECONDS_TO_SPEAK)
        if not self.answered.done() and not self.call.heard_of:
            raise CallFailed(f"nobody speaks SIP at {target.address[0]} port {target.address[1]}")
        try:
            async with asyncio.timeout(SECONDS_TO_ANSWER):
                await self.answered
        except TimeoutError:
            self.hang_up()
            raise CallFailed(f"not answered within {SECONDS_TO_ANSWER:.0f} s") from None

    def _open_media(self, local: str, flow: Flow) -> CallMedia:
        session = MediaSession.create(self.media_loop, local, RTP_PORTS)
        key = Crypto(1, SRTP_SUITES[0], new_key()) if flow.transport == "TLS" else None
        ours = LocalMedia(local, session.local_port, secrets.randbits(31), key=key)
        return CallMedia(session, ours, CODECS, peer=flow.remote[0], srtp=key is not None)

    async def speak(self, pcm: bytes, sample_rate: int, digits: str, seconds_after: float) -> None:
        """Say it, press the keys, wait; returns sooner when the other side hangs up."""
        talk = asyncio.create_task(self._talk(pcm, sample_rate, digits, seconds_after))
        self.ended.add_done_callback(lambda ended: talk.cancel())
        await asyncio.wait({talk})

    async def _talk(self, pcm: bytes, sample_rate: int, digits: str, seconds_after: float) -> None:
        await self.media.session.play(pcm, sample_rate, interruptible=False)
        if digits:
            await self.media.session.send_digits(digits)
        await asyncio.sleep(seconds_after)

    def hang_up(self) -> None:
        """BYE, or CANCEL before the answer."""
        self.call.hang_up(self.endpoint.time())
        self.endpoint.changed()

    async def last_words(self) -> None:
        """Wait a moment for the 200 to our BYE, so that a lost BYE is sent again."""
        for _ in range(int(SECONDS_FOR_BYE / 0.05)):
            if not self.endpoint.agent.transactions.unanswered:
                break
            await asyncio.sleep(0.05)

    def close(self) -> None:
        """Give every socket back."""
        self.endpoint.close()
        self.media_loop.close()

    # -- what SIP tells -------------------------------------------------------------------------------------------

    def on_offer(self, body: bytes) -> bytes | None:
        """Answer a re-INVITE."""
        return self.media.answer(body)

    def on_offer_wanted(self) -> bytes:
        """Offer what we have."""
        return self.media.offer()

    def on_answer(self, body: bytes) -> bool:
        """Take the answer to our INVITE and begin to hear."""
        if not self.media.take_answer(body):
            self._on_failed(488, "the answer holds no codec of ours")
            return False
        self.media.session.start(self.recorder, self._on_digit, lambda position: None)
        return True

    def on_acknowledged(self) -> None:
        """The call stands."""
        if not self.answered.done():
            self.answered.set_result(None)

    def on_digit(self, digit: str) -> None:
        """A key came by INFO."""
        self.keys_heard.append(digit)

    def on_ended(self, reason: EndReason) -> None:
        """Close the recording."""
        self.media.session.close()
        if not self.ended.done():
            self.ended.set_result(reason)

    def _on_digit(self, digit: DigitPressed) -> None:
        self.keys_heard.append(digit.digit)

    def _on_failed(self, status: int, reason: str) -> None:
        self.media.session.close()
        if not self.answered.done():
            self.answered.set_exception(CallFailed(f"{status} {reason}"))


async def place_call(
    uri: str,
    pcm: bytes,
    sample_rate: int,
    *,
    digits: str = "",
    caller: str = "13800001234",
    password: str = "",
    seconds_after: float = 1.5,
    authorities: ssl.SSLContext | None = None,
) -> Outcome:
    """Call `uri`, say 16-bit mono `pcm`, press `digits` (RFC 4733), wait, hang up; raises `CallFailed`.

    `sip:...;transport=tcp` goes over TCP, `sips:` and `;transport=tls` over TLS with SRTP, checked against
    `authorities` (the system's by default). `password` answers a digest challenge for the user `caller`.
    """
    try:
        target = parse_uri(uri if ":" in uri.partition("@")[0] else f"sip:{uri}")
    except ValueError as error:
        raise CallFailed(f"{uri} is no SIP address, for example sip:12345@127.0.0.1:5060") from error
    phone = Softphone(caller, password, authorities)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        await phone.invite(target)
        answered = loop.time()
        await phone.speak(pcm, sample_rate, digits, seconds_after)
        phone.hang_up()
        reason = await phone.ended
        over = loop.time()
        await phone.last_words()
        session = phone.media.session
        return Outcome(
            phone.call.dialog.call_id,
            reason,
            answered - began,
            over - answered,
            bytes(phone.recorder.pcm),
            session.sample_rate,
            session.statistics,
        )
    except OSError as error:
        raise CallFailed(str(error)) from error
    finally:
        phone.close()

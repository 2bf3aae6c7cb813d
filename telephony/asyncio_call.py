"""`IncomingCall` on our own stack: an `InboundCall` (SIP) with a `MediaSession` (RTP)."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING

from config.sections import TelephonySettings
from telephony.call_media import CallMedia
from telephony.engine import AudioSink, CallEnded, CallStatistics, DigitPressed, EndReason, LadderEntry
from telephony.media.session import MediaSession
from telephony.sip.address import Address, parse_addresses
from telephony.sip.inbound_call import InboundCall
from telephony.sip.offer_answer import LocalMedia

if TYPE_CHECKING:
    from telephony.asyncio_engine import AsyncioEngine

logger = logging.getLogger(__name__)

LONGEST_CALL_ID, LONGEST_NUMBER, LONGEST_NAME = 255, 64, 128
"What is kept of a caller's own words; E.164 has 15 digits."
MOST_DIGITS = 200
"Keys waiting to be read; nobody presses more while the call flow looks away, a machine may."


class AsyncioCall:
    """One call as the call flow sees it."""

    def __init__(self, call: InboundCall, engine: AsyncioEngine, settings: TelephonySettings) -> None:
        self._call = call
        self._engine = engine
        self._settings = settings
        self._media: CallMedia | None = None
        call.listener = self
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[EndReason] = loop.create_future()
        self.digits: asyncio.Queue[DigitPressed] = asyncio.Queue(MOST_DIGITS)
        self.no_audio: asyncio.Queue[float] = asyncio.Queue(8)  # told once a silence; the call flow reads at once
        invite = call.invite
        caller = self._asserted() or invite.from_
        self.call_id_on_the_wire = invite.call_id
        self.sip_call_id = readable(invite.call_id)[:LONGEST_CALL_ID]
        self.caller_number = readable(caller.uri.user)[:LONGEST_NUMBER]
        self.caller_name = readable(caller.name)[:LONGEST_NAME]
        self.called_number = readable(invite.to.uri.user)[:LONGEST_NUMBER]
        self.remote_address = call.flow.remote[0]
        self.trunk = engine.trunk_of(call)
        self.codec = ""
        self.sample_rate = 8000

    @property
    def statistics(self) -> CallStatistics:
        """What RTP told about the line, also after the end."""
        return self._media.session.statistics if self._media is not None else CallStatistics()

    @property
    def ladder(self) -> list[LadderEntry]:
        """Every message of the call so far, masked; a bounded list, oldest first."""
        return self._engine.ladders.of(self.call_id_on_the_wire)

    def ring(self) -> None:
        """Send 180."""
        self._call.ring(self._engine.endpoint.time())
        self._engine.endpoint.changed()

    async def answer(self, sink: AudioSink) -> None:
        """Send 200 and write the caller's audio to `sink` from now on."""
        if self.ended.done() or self._call.state != "early":
            raise CallEnded
        try:
            media, body = self._open_media()
        except OSError as error:
            logger.error("a call cannot be answered: %s", error)
            self.reject(503, retry_after=5)
            raise CallEnded from error
        self._media, self.codec = media, media.codec
        media.session.start(sink, self._on_digit, self._on_no_audio, self._settings.no_audio_seconds)
        self.sample_rate = media.session.sample_rate
        self._call.answer(self._engine.endpoint.time(), body)
        self._engine.endpoint.changed()
        self._engine.answered()

    def reject(self, status: int, reason: str = "", *, retry_after: int | None = None) -> None:
        """Refuse the call."""
        self._call.reject(self._engine.endpoint.time(), status, reason, retry_after=retry_after)
        self._engine.endpoint.changed()

    async def play(self, pcm: bytes, sample_rate: int, *, interruptible: bool = True) -> bool:
        """Play to the caller; False when it was cut short."""
        return self._media is not None and await self._media.session.play(pcm, sample_rate, interruptible)

    def stop_playing(self) -> None:
        """Stop what is being played."""
        if self._media is not None:
            self._media.session.stop_playing()

    def seconds(self) -> float:
        """Return the position in the recording of what the caller says now."""
        return self._media.session.seconds() if self._media is not None else 0.0

    async def transfer(self, uri: str) -> bool:
        """Ask the peer by REFER to call `uri` instead of us."""
        if self._call.state not in {"answered", "confirmed"}:
            return False
        taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def on_done(done: bool) -> None:
            if not taken.done():
                taken.set_result(done)

        self._call.refer(uri, self._engine.endpoint.time(), on_done)
        self._engine.endpoint.changed()
        if not await taken:
            return False
        self._call.hang_up(self._engine.endpoint.time(), "transferred")
        self._engine.endpoint.changed()
        return True

    async def hang_up(self) -> None:
        """Send BYE and return when the call is over."""
        self.hang_up_now()
        await asyncio.shield(self.ended)

    def hang_up_now(self, *, at_once: bool = False) -> None:
        """Send BYE, or refuse a call that is not answered; `at_once` does not wait for the ACK of our answer."""
        if not self.ended.done():
            self._call.hang_up(self._engine.endpoint.time(), at_once=at_once)
            self._engine.endpoint.changed()

    # -- what SIP tells -------------------------------------------------------------------------------------------

    def on_offer(self, body: bytes) -> bytes | None:
        """Answer a re-INVITE or UPDATE: hold, resume, another address or codec."""
        answer = self._media.answer(body) if self._media is not None else None
        self.codec = self._media.codec if self._media is not None else ""
        return answer

    def on_offer_wanted(self) -> bytes:
        """Offer what we have."""
        return self._media.offer() if self._media is not None else b""

    def on_answer(self, body: bytes) -> bool:
        """Take the answer that came with the ACK."""
        taken = self._media is not None and self._media.take_answer(body)
        self.codec = self._media.codec if self._media is not None else ""
        return taken

    def on_acknowledged(self) -> None:
        """The call is set up."""

    def on_digit(self, digit: str) -> None:
        """Take a key that came by INFO."""
        if self._media is not None:
            self._media.session.info_digit(digit)

    def on_ended(self, reason: EndReason) -> None:
        """Close the recording, then say so."""
        if self._media is not None:
            self._media.session.close()
        if not self.ended.done():
            self.ended.set_result(reason)

    # -- media ----------------------------------------------------------------------------------------------------

    def _open_media(self) -> tuple[CallMedia, bytes]:
        flow, settings = self._call.flow, self._settings
        host = self._engine.endpoint.local_host(flow)
        session = MediaSession.create(self._engine.media_loop, host, settings.rtp_ports)
        local = LocalMedia(settings.advertised_address or host, session.local_port, secrets.randbits(31))
        media = CallMedia(session, local, settings.codecs, peer=flow.remote[0], srtp=flow.transport == "TLS")
        offer = self._call.offer
        body = media.offer() if offer is None else media.answer(offer)
        return media, body or b""  # that the offer can be met was seen when the INVITE came

    def _on_digit(self, digit: DigitPressed) -> None:
        if not self.digits.full():
            self.digits.put_nowait(digit)

    def _on_no_audio(self, position: float) -> None:
        if not self.no_audio.full():
            self.no_audio.put_nowait(position)

    def _asserted(self) -> Address | None:
        values = self._call.invite.headers.getlist("P-Asserted-Identity")
        try:
            return parse_addresses(values)[0] if values and self._engine.admission.trusted(self._call.flow) else None
        except ValueError:
            return None


def readable(text: str) -> str:
    """Return text of a header as characters: UTF-8, or GB 18030 as some PBXs send it."""
    octets = text.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "gb18030"):
        try:
            return "".join(char for char in octets.decode(encoding) if char.isprintable())
        except UnicodeDecodeError:
            continue
    return ""

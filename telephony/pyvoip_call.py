"""`IncomingCall` over pyVoIP's threads: its call does the signalling, our media does the sound."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from config.sections import TelephonySettings
from telephony.engine import AudioSink, CallEnded, CallStatistics, DigitPressed, EndReason, LadderEntry
from telephony.media.codecs import PTIME_TICKS, SUPPORTED
from telephony.media.prompts import encode_prompt
from telephony.media.quality import mean_opinion_score
from telephony.media.receiving import Receiver
from telephony.media.recording import Recording
from telephony.media.sending import SILENT_PACKET, Prompt

WRITE_SECONDS: Final = 0.06
"As often as the media loop lets a recording grow."
MOST_DIGITS: Final = 200
"Keys waiting to be read; nobody presses more while the call flow looks away, a machine may."
PEER: Final = ("pyvoip", 0)
"pyVoIP does not tell where RTP comes from: only the SSRC is latched to."


class RtpThreads(Protocol):
    """pyVoIP's two threads for a call's audio."""

    assoc: dict[int, Any]
    preference: Any
    take: Callable[[bytes], None]
    "Is called with each packet that comes."
    give: Callable[[], bytes]
    "Returns the payload of the next packet to be sent."


class SipCall(Protocol):
    """pyVoIP's call."""

    state: Any
    request: Any
    RTPClients: list[Any]

    def answer(self) -> None:
        """Send 200 and start the threads."""

    def deny(self) -> None:
        """Send 486."""

    def hangup(self) -> None:
        """Send BYE."""


class PyVoipCall:
    """One call as the call flow sees it; pyVoIP's threads come in by `end_soon`, `_take` and `_give` only."""

    def __init__(
        self, call: SipCall, source: str, loop: asyncio.AbstractEventLoop, settings: TelephonySettings
    ) -> None:
        self._call, self._loop, self._settings = call, loop, settings
        headers = call.request.headers
        self.sip_call_id: str = headers["Call-ID"]
        self.caller_number: str = headers["From"]["number"]
        self.caller_name: str = headers["From"]["caller"].strip('" ')
        self.called_number: str = headers["To"]["number"]
        self.remote_address = source
        self.trunk = settings.trunks[0].name if settings.trunks else ""
        self.codec, self.sample_rate = "", 8000
        self.ended: asyncio.Future[EndReason] = loop.create_future()
        self.digits: asyncio.Queue[DigitPressed] = asyncio.Queue(MOST_DIGITS)
        self.no_audio: asyncio.Queue[float] = asyncio.Queue(8)
        self.ladder: list[LadderEntry] = []
        self.over = threading.Event()
        self._receiver: Receiver | None = None
        self._prompts: deque[Prompt] = deque()
        self._started = 0.0
        self._quiet_told = False

    @property
    def statistics(self) -> CallStatistics:
        """What RTP told about the line."""
        receiver = self._receiver
        if receiver is None or receiver.reception is None:
            return CallStatistics()
        lost, received, jitter = receiver.lost, receiver.received, receiver.reception.jitter
        score = mean_opinion_score(lost / max(1, received + lost), jitter)
        counts = receiver.late, receiver.duplicates, receiver.foreign
        return CallStatistics(received, lost, *counts, jitter, score)

    def ring(self) -> None:
        """Do nothing: pyVoIP sends 180 by itself."""

    async def answer(self, sink: AudioSink) -> None:
        """Send 200 and record from now on."""
        if self.ended.done() or self._call.state.value != "RINGING":
            raise CallEnded
        self._started = self._loop.time()
        self._receiver = Receiver(Recording(sink, 8000, self._started), 8000, self._press)
        for threads in self._call.RTPClients:
            self._configure(threads, self._receiver)
        await asyncio.to_thread(self._call.answer)
        self._pass_time()

    def _configure(self, threads: RtpThreads, receiver: Receiver) -> None:
        self.codec = str(threads.preference)
        events = [number for number, kind in threads.assoc.items() if str(kind) == "telephone-event"]
        receiver.configure(PEER, SUPPORTED[self.codec], events[0] if events else None)
        threads.take, threads.give = self._take, self._give

    def reject(self, status: int, reason: str = "", *, retry_after: int | None = None) -> None:
        """Send 486, whatever was asked for: pyVoIP has no other refusal."""
        if self._call.state.value == "RINGING":
            self._call.deny()
        self._end("we_hung_up")

    async def play(self, pcm: bytes, sample_rate: int, *, interruptible: bool = True) -> bool:
        """Play to the caller; False when it was cut short."""
        payload = encode_prompt(pcm, sample_rate, self.codec)
        if self.ended.done() or not payload:
            return not self.ended.done()
        prompt = Prompt(payload, self._loop.create_future(), interruptible)
        self._prompts.append(prompt)
        return await prompt.finished

    def stop_playing(self) -> None:
        """Stop what is being played."""
        self._stop_prompts(all_prompts=False)

    def _stop_prompts(self, *, all_prompts: bool) -> None:
        for prompt in [each for each in self._prompts if each.interruptible or all_prompts]:
            self._prompts.remove(prompt)
            prompt.finish(whole=False)

    def seconds(self) -> float:
        """Return the position in the recording."""
        return self._loop.time() - self._started if self._receiver else 0.0

    async def transfer(self, uri: str) -> bool:
        """Return False: pyVoIP sends no REFER."""
        return False

    async def hang_up(self) -> None:
        """Send BYE."""
        if self._call.state.value == "ANSWERED":
            await asyncio.to_thread(self._call.hangup)
        self._end("we_hung_up")

    def end_soon(self, reason: EndReason) -> None:
        """End the call, from one of pyVoIP's threads."""
        self._loop.call_soon_threadsafe(self._end, reason)

    def _end(self, reason: EndReason) -> None:
        if self.ended.done():
            return
        if self._receiver is not None:
            self._receiver.close(self._loop.time())
        self._stop_prompts(all_prompts=True)
        self.ended.set_result(reason)
        self.over.set()

    def _press(self, digit: str, position: float, method: Any) -> None:
        if not self.digits.full():
            self.digits.put_nowait(DigitPressed(digit, position, method))

    def _take(self, packet: bytes) -> None:
        self._loop.call_soon_threadsafe(self._receive, packet, self._loop.time())

    def _receive(self, packet: bytes, arrival: float) -> None:
        if self._receiver is not None and not self.ended.done():
            self._receiver.receive(packet, PEER, arrival)

    def _give(self) -> bytes:
        try:
            prompt = self._prompts[0]
        except IndexError:
            return encode_prompt(SILENT_PACKET, 8000, self.codec)
        payload = prompt.payload[prompt.offset : prompt.offset + PTIME_TICKS]
        prompt.offset += PTIME_TICKS
        if prompt.offset >= len(prompt.payload):
            self._loop.call_soon_threadsafe(self._finish, prompt)
        return payload or encode_prompt(SILENT_PACKET, 8000, self.codec)

    def _finish(self, prompt: Prompt) -> None:
        if prompt in self._prompts:
            self._prompts.remove(prompt)
        prompt.finish(whole=True)

    def _pass_time(self) -> None:
        if self.ended.done() or self._receiver is None:
            return
        now = self._loop.time()
        self._receiver.pass_time(now)
        self._receiver.recording.write()
        quiet = now - (self._receiver.heard_at or self._started) > self._settings.no_audio_seconds
        if quiet and not self._quiet_told and not self.no_audio.full():
            self.no_audio.put_nowait(self.seconds())
        self._quiet_told = quiet
        self._loop.call_later(WRITE_SECONDS, self._pass_time)

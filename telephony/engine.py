"""The seam `SipEngine`: what the call flow sees of telephony, whatever stack is behind it.

Everything runs on one asyncio loop. PCM is 16-bit little-endian mono.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

EndReason = Literal[
    "caller_hung_up",
    "caller_cancelled",
    "we_hung_up",
    "transferred",
    "no_ack",
    "timer",
    "failed",
]


@dataclass(frozen=True)
class DigitPressed:
    """A key, once, at `position` seconds of the call's audio."""

    digit: str
    position: float
    method: Literal["rtp", "info", "inband"]


@dataclass(frozen=True)
class CallStatistics:
    """What RTP told about the line; times in seconds, MOS by the E-model (ITU-T G.107), None when nothing was received.

    `packets_late` came when silence or a guess had taken their place, `packets_foreign` from strangers;
    `seconds_concealed` were invented in place of lost ones; `round_trip` and `far_loss` (the share of our packets that
    did not reach the caller) are known only from a caller who sends RTCP.
    """

    packets_received: int = 0
    packets_lost: int = 0
    packets_late: int = 0
    packets_duplicate: int = 0
    packets_foreign: int = 0
    jitter: float = 0.0
    mos: float | None = None
    packets_malformed: int = 0
    seconds_concealed: float = 0.0
    round_trip: float | None = None
    far_loss: float | None = None


@dataclass(frozen=True)
class LadderEntry:
    """One SIP message of a call, as an integrator wants to see it; numbers, names and keys are masked."""

    at: float
    "Unix time."
    direction: Literal["in", "out"]
    transport: str
    peer: str
    "The other side's `address:port`."
    summary: str
    "For example `INVITE (SDP)` or `200 OK to INVITE`."
    text: str
    "The whole message, masked, with line feeds; at most some kilobytes."


class AudioSink(Protocol):
    """Takes the caller's audio in true time: sample n of the call is the n-th sample written."""

    def write(self, pcm: bytes) -> None:
        """Append samples; raises nothing (a full disk is the sink's own matter)."""


class IncomingCall(Protocol):
    """One INVITE from its arrival to its end."""

    sip_call_id: str
    caller_number: str
    "User part of P-Asserted-Identity when the peer is trusted, else of From."
    caller_name: str
    called_number: str
    remote_address: str
    trunk: str
    codec: str
    "Name of the codec in use once answered, for example `PCMA`."
    sample_rate: int
    "Of the PCM that the sink receives once answered: 8000, or 16000 for G.722."
    ended: asyncio.Future[EndReason]
    "Done when the dialog is over, whoever ended it; all audio has been written by then."
    digits: asyncio.Queue[DigitPressed]
    no_audio: asyncio.Queue[float]
    "The position, each time that no RTP at all has come for `no_audio_seconds`."

    @property
    def statistics(self) -> CallStatistics:
        """What RTP has told so far; also after the end."""

    @property
    def ladder(self) -> list[LadderEntry]:
        """Every SIP message of the call so far, oldest first; grows until a moment after `ended`. Empty for an
        engine that cannot tell."""

    def ring(self) -> None:
        """Send 180."""

    async def answer(self, sink: AudioSink) -> None:
        """Send 200 and write the caller's audio to `sink` from this moment on; raises `CallEnded` when the caller is
        gone."""

    def reject(self, status: int, reason: str = "", *, retry_after: int | None = None) -> None:
        """Send a final response of class 4xx to 6xx."""

    async def play(self, pcm: bytes, sample_rate: int, *, interruptible: bool = True) -> bool:
        """Play to the caller at the pace of real time; return False when `stop_playing` or the call's end cut it
        short."""

    def stop_playing(self) -> None:
        """Stop what is being played, at once (barge-in)."""

    def seconds(self) -> float:
        """Return the position in the recording of what the caller says now."""

    async def transfer(self, uri: str) -> bool:
        """Send REFER (blind) and return whether the other side took the call; on False the caller is still with us."""

    async def hang_up(self) -> None:
        """Send BYE and return when the call is over."""


class CallEnded(Exception):
    """The caller went away before the act was done."""


@dataclass(frozen=True)
class TrunkState:
    """How a registration stands, in words."""

    name: str
    registered: bool
    detail: str


class SipEngine(Protocol):
    """Listens, admits, and hands every admitted call to `on_call`, one task each."""

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None:
        """Bind and register; raises `OSError` with a sentence that names the address when it cannot."""

    async def drain(self, seconds: float) -> None:
        """Take no new calls (503; OPTIONS too), wait for those in progress, then end what is left with BYE."""

    async def stop(self) -> None:
        """Close every socket."""

    def trunks(self) -> list[TrunkState]:
        """Return the state of every registration."""

    def metrics(self) -> Mapping[str, float]:
        """Return counters and gauges by Prometheus name (`sip_requests_refused_total{reason="rate"}`, ...)."""


EngineFactory = Callable[[Any], SipEngine]

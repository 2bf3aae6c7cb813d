"""The facts of a call, each one line of `events.jsonl`.

A line is a JSON object with `fact` (the name below, in snake case), `at` (UTC, ISO 8601) and the fact's own values.
A reader ignores a fact it does not know and a last line that has no newline yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

FACTS: dict[str, type[Fact]] = {}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened in a call and is never taken back."""

    name: ClassVar[str]
    at: datetime

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        FACTS[cls.name] = cls

    def __bytes__(self) -> bytes:
        """The line, newline included."""
        values = asdict(self) | {"at": self.at.astimezone(UTC).isoformat()}
        return json.dumps({"fact": self.name, **values}, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Make the fact from a line's values; unknown ones are ignored, missing ones raise `TypeError`."""
        known = {f.name for f in fields(cls)} - {"at"}
        at = datetime.fromisoformat(values["at"])
        return cls(at=at, **{name: value for name, value in values.items() if name in known})


@dataclass(frozen=True, kw_only=True)
class Invited(Fact):
    """A caller's INVITE was admitted; always the first line."""

    call_id: str
    sip_call_id: str
    caller_number: str
    called_number: str
    node: str
    caller_name: str = ""
    remote_address: str = ""
    trunk: str = ""


@dataclass(frozen=True, kw_only=True)
class Answered(Fact):
    """200 was sent; second 0 of `audio.wav` is this moment."""

    codec: str
    sample_rate: int


@dataclass(frozen=True, kw_only=True)
class PromptPlayed(Fact):
    """A prompt was heard by the caller from `start_time` to `end_time` (seconds in the recording)."""

    prompt: str
    start_time: float
    end_time: float
    interrupted: bool = False


@dataclass(frozen=True, kw_only=True)
class Digit(Fact):
    """The caller pressed a key (RFC 4733, INFO or in-band) at `position` seconds."""

    digit: str
    position: float
    method: str = "rtp"


@dataclass(frozen=True, kw_only=True)
class UtteranceHeard(Fact):
    """The recogniser finished an utterance; `words` are `{"word", "start", "end", "confidence"}` in seconds of the
    recording."""

    index: int
    start_time: float
    end_time: float
    text: str
    confidence: float
    words: list[dict[str, Any]] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    raw_text: str = ""
    audio_bytes: int = 0
    "Bytes of PCM decoded when this was final: where a restarted recogniser goes on from."
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class Wish(Fact):
    """The caller asked for something by key or word, for example `person`."""

    wish: str


@dataclass(frozen=True, kw_only=True)
class NoAudio(Fact):
    """No RTP has arrived for a while, noticed at `position` seconds."""

    position: float


@dataclass(frozen=True, kw_only=True)
class LineMeasured(Fact):
    """How the line has been so far; what is still known of it when the process dies before the call's end."""

    statistics: dict[str, Any] = field(default_factory=dict)
    "As in `Ended`."


@dataclass(frozen=True, kw_only=True)
class Ended(Fact):
    """The call is over and `audio.wav` is complete."""

    end_reason: str
    """`caller_hung_up`, `caller_cancelled`, `we_hung_up`, `transferred`, `no_ack`, `timer`, `not_recorded`,
    `node_restarted`, `failed`."""
    recorded_seconds: float = 0.0
    packets_received: int = 0
    packets_lost: int = 0
    statistics: dict[str, Any] = field(default_factory=dict)
    """`telephony.engine.CallStatistics` by its names: `packets_received`, `packets_lost`, `packets_late`,
    `packets_duplicate`, `packets_foreign`, `packets_malformed`, `jitter`, `round_trip` and `seconds_concealed` in
    seconds, `far_loss` a share, `mos` from 1 to 4.5; what was not measured is null."""


@dataclass(frozen=True, kw_only=True)
class Transcribed(Fact):
    """Every second of the recording has been decoded (`complete`), or the recogniser gave the call up and says why."""

    utterances: int
    audio_seconds: float
    complete: bool = True
    remark: str = ""


def read_fact(line: bytes) -> Fact | None:
    """Return the fact that a line holds, or None when it is broken or of a later version."""
    try:
        values = json.loads(line)
        kind = FACTS.get(values["fact"])
        return kind.read(values) if kind else None
    except (ValueError, TypeError, KeyError):
        return None

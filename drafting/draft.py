"""What drafting takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

FIELD_NAMES = (
    *("name", "phone", "organisation", "type", "category_level_1", "category_level_2", "title", "content"),
    *("occurred_at", "urgency", "emergency", "county", "town", "community", "address_text", "lead_unit"),
    *("deadline_at", "not_accept_code", "is_confidential", "wants_reply"),
)
"""Every draft has exactly these. `phone` digits; `type` one of consult, help, complaint, report, suggestion, praise,
other; categories and places by their official Chinese names; `occurred_at`, `deadline_at` ISO 8601 with zone; `urgency`
emergency, urgent or normal; `emergency` the number to transfer to; `not_accept_code` NA1 to NA8, a proposal;
`is_confidential`, `wants_reply` booleans; everything else text. Unknown is None."""

Value = str | bool | None


@dataclass(frozen=True)
class Heard:
    """An utterance: its index in the call, its words as text, and how sure the recogniser was (1.0 for typed text)."""

    index: int
    text: str
    confidence: float = 1.0


@dataclass(frozen=True)
class CallFacts:
    """What is known of a call beside its words; `started_at` has a zone, the city's."""

    started_at: datetime
    caller_number: str = ""
    digits: str = ""


@dataclass(frozen=True)
class Evidence:
    """The words a value rests on: `utterance` is the index, `start` and `end` are characters of its text."""

    utterance: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Candidate:
    """A value that may be meant, with its probability and a reason a person can read."""

    value: Value
    confidence: float
    reason: str = ""


@dataclass(frozen=True)
class DraftField:
    """A value with its grounds; None where nothing is sure enough, with the candidates then.

    `source` is `heard`, `caller_id`, `keyed`, `derived` (from other fields) or `none`; the console adds `operator`.
    """

    value: Value = None
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    source: str = "none"
    candidates: tuple[Candidate, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the field as the API, the console and the command line show it."""
        return asdict(self)


@dataclass(frozen=True)
class DraftTicket:
    """The proposal for one call; `notes` are sentences for the operator (screening, warnings), each with its
    grounds."""

    fields: Mapping[str, DraftField]
    notes: tuple[Mapping[str, Any], ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return `{"fields": ..., "notes": ...}`."""
        fields = {name: self.fields[name].to_json() for name in FIELD_NAMES}
        return {"fields": fields, "notes": [dict(note) for note in self.notes]}

"""A draft's fields on the wire, and the caller's number in them hidden from who may not see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from intake.masking import mask_number

ValueOut = str | bool | None


class EvidenceOut(TypedDict):
    """The words a value rests on: characters `start` to `end` of utterance `utterance`."""

    utterance: int
    start: int
    end: int
    text: str


class CandidateOut(TypedDict):
    """A value that may be meant."""

    value: ValueOut
    confidence: float
    reason: str


# A dictionary, not a model: a page of drafts has a thousand fields, read from a row that we wrote; to make an object of
# each takes longer than everything else that the answer needs.
@with_config(ConfigDict(extra="allow"))
class FieldOut(TypedDict):
    """A value with its grounds; `source` is heard, caller_id, keyed, derived, operator or none.

    Where a person changed it there are also `drafted` (the machine's own), `changed_by` and `changed_at`.
    """

    value: ValueOut
    confidence: float
    evidence: list[EvidenceOut]
    source: str
    candidates: list[CandidateOut]


BLANK: FieldOut = {"value": None, "confidence": 0.0, "evidence": [], "source": "none", "candidates": []}


def fields_out(fields: Mapping[str, Any], *, sees_numbers: bool) -> dict[str, FieldOut]:
    """Return fields as they are shown."""
    shown: dict[str, FieldOut] = {name: {**BLANK, **field} for name, field in fields.items()}
    if not sees_numbers and "phone" in shown:
        shown["phone"] = _masked(shown["phone"])
    return shown


def _masked(field: FieldOut) -> FieldOut:
    """Hide the number wherever the field says it: its value, the words it rests on, the other candidates."""
    return {
        "value": _mask(field["value"]),
        "confidence": field["confidence"],
        "evidence": [{**each, "text": ""} for each in field["evidence"]],
        "source": field["source"],
        "candidates": [{**each, "value": _mask(each["value"]), "reason": ""} for each in field["candidates"]],
    }


def _mask(value: ValueOut) -> ValueOut:
    return mask_number(value) if isinstance(value, str) else value

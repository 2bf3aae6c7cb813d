"""A draft made anew from the words so far; what a person has corrected is never overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from drafting.draft import CallFacts, DraftTicket, Heard
from models.tables import Call, Utterance

URGENCY_RANK = {"emergency": 0, "urgent": 1}
NORMAL_RANK = 2
SEARCHED_FIELDS = ("name", "phone", "organisation", "title", "county", "town", "community", "address_text")
LONGEST_SEARCH_TEXT = 20_000
"Characters: two hours of speech; a caller cannot make a row grow without end."


@dataclass(frozen=True)
class Drafting:
    """How words become a draft: `drafting.drafting.draft_ticket` with its city bound, and the city's time zone."""

    propose: Callable[[Sequence[Heard], CallFacts], DraftTicket]
    zone: ZoneInfo


def heard_so_far(session: Session, call_id: UUID) -> tuple[dict[int, Heard], frozenset[int]]:
    """Return a call's utterances by index, and which of them hold a person's words in place of the recogniser's."""
    query = select(Utterance).where(Utterance.call_id == call_id).order_by(col(Utterance.index))
    utterances = session.exec(query).all()
    corrected = frozenset(utterance.index for utterance in utterances if utterance.corrected_text is not None)
    return {utterance.index: _heard(utterance) for utterance in utterances}, corrected


def _heard(utterance: Utterance) -> Heard:
    if utterance.corrected_text is not None:
        return Heard(utterance.index, utterance.corrected_text, 1.0)
    return Heard(utterance.index, utterance.text, utterance.confidence)


def facts_of(call: Call) -> CallFacts:
    """Return what drafting knows of a call beside its words."""
    return CallFacts(call.invited_at, call.caller_number, call.digits)


def proposal(drafting: Drafting, heard: Sequence[Heard], call: CallFacts, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the draft's new values (fields, notes, urgency, words) for `change_draft`, `known` being its fields."""
    local = replace(call, started_at=call.started_at.astimezone(drafting.zone))
    ticket = drafting.propose(heard, local).to_json()
    fields = {name: _keep_correction(known.get(name), field) for name, field in ticket["fields"].items()}
    words = [utterance.text for utterance in heard]
    found = searchable(call.caller_number, words, fields)
    return {"fields": fields, "notes": ticket["notes"], **derived(fields), **found}


def _keep_correction(known: Mapping[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    if known is None or known.get("source") != "operator":
        return new
    return {**known, "candidates": new["candidates"], "drafted": _drafted(new)}


def _drafted(field: Mapping[str, Any]) -> dict[str, Any]:
    return {key: field[key] for key in ("value", "confidence", "evidence", "source")}


def corrected(field: Mapping[str, Any] | None, value: Any, actor: str, at: str) -> dict[str, Any]:
    """Return a field with a person's value: certain, and with the machine's own kept in `drafted`."""
    blank: dict[str, Any] = {"value": None, "confidence": 0.0, "evidence": [], "source": "none", "candidates": []}
    known = {**blank, **(field or {})}
    drafted = known.get("drafted") if known["source"] == "operator" else _drafted(known)
    provenance = {"source": "operator", "changed_by": actor, "changed_at": at, "drafted": drafted}
    return {**known, "value": value, "confidence": 1.0, **provenance}


def derived(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that the queue sorts and filters by."""
    urgency = fields.get("urgency", {}).get("value") or "normal"
    return {"urgency": urgency, "urgency_rank": URGENCY_RANK.get(urgency, NORMAL_RANK)}


def searchable(caller_number: str, words: Sequence[str], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that the queue shows and searches."""
    values = [fields.get(name, {}).get("value") for name in SEARCHED_FIELDS]
    parts = [caller_number, *(value for value in values if isinstance(value, str)), *words]
    text = "\n".join(parts).casefold()[:LONGEST_SEARCH_TEXT]
    return {"last_words": words[-1] if words else "", "search_text": text}

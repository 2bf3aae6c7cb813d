"""A draft becomes a ticket: ticket, outbox entry and audit row in one transaction, or none of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from intake.audit import record
from intake.claiming import FREE
from intake.decisions import check_decided, withdraw_decisions
from intake.draft_row import change_draft, held_draft
from intake.errors import Invalid
from intake.repeats import index_matter
from intake.search_index import index_words
from intake.ticket_number import Draw, ticket_number
from models.changes import announce
from models.database import Database
from models.states import DraftEvent
from models.tables import Call, Draft, OutboxEntry, Ticket, Utterance

CITY_ZONE = ZoneInfo("Asia/Shanghai")
DRAWS = 50
"More than enough: a collision needs another ticket in the same millisecond."
NOBODY_ELSE: Mapping[str, int] = MappingProxyType({})
SENTENCE_END = re.compile(r"[。！？!?；;\n]")
LONGEST_TITLE = 50
"Characters: a line of a list."
KEPT = ("value", "confidence", "evidence", "source", "drafted", "changed_by", "changed_at")


def confirm_draft(
    database: Database,
    draft_id: UUID,
    actor: str,
    version: int,
    *,
    at: datetime,
    zone: ZoneInfo = CITY_ZONE,
    draw: Draw = secrets.randbelow,
    others: Mapping[str, int] = NOBODY_ELSE,
) -> tuple[Ticket, OutboxEntry]:
    """Make the ticket and put it into the outbox; it is safe once this returns. A blank title is the content's first
    sentence.

    `others` says for each not-accept code how many others must have agreed (`intake.decisions.others_needed`).
    Raises `NotAllowed` when they have not, `Conflict` (another state, version or holder), `Invalid` (neither title nor
    content says what the matter is) and `NotFound`.
    """
    with database.session() as session:
        draft = held_draft(session, draft_id, actor, version)
        _check_complete(draft)
        check_decided(session, draft, others)
        decided = {"decided_by": actor, "decided_at": at, **_titled(draft.fields)}
        change_draft(session, draft, at, DraftEvent.CONFIRM, **decided, **FREE)
        withdraw_decisions(session, draft, actor, at)
        ticket = Ticket(
            ticket_no=_free_number(session, at, zone, draw),
            draft_id=draft.id,
            call_id=draft.call_id,
            fields={name: {key: field[key] for key in KEPT if key in field} for name, field in draft.fields.items()},
            transcript=_transcript(session, draft.call_id),
            confirmed_by=actor,
            confirmed_at=at,
        )
        session.add(ticket)
        session.flush()
        entry = OutboxEntry(ticket_id=ticket.id, next_attempt_at=at)
        session.add(entry)
        index_matter(session, draft, session.get_one(Call, draft.call_id))
        index_words(session, draft)
        announce(session, "ticket", ticket.id, ticket.call_id)
        record(session, actor, "draft_confirmed", "draft", draft.id, at, ticket_no=ticket.ticket_no)
        return ticket, entry


def _check_complete(draft: Draft) -> None:
    if not any(draft.fields.get(name, {}).get("value") for name in ("title", "content")):
        raise Invalid(
            "content",
            "Say what the matter is: title and content are both blank.",
            "请填写诉求：标题和内容都为空。",
        )


def _titled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with a title, when there is none yet."""
    if (fields.get("title") or {}).get("value"):
        return {}
    content = str(fields["content"]["value"]).strip()
    first = next((part.strip() for part in SENTENCE_END.split(content) if part.strip()), content)
    title = first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"
    derived: dict[str, Any] = {"value": title, "confidence": 1.0, "evidence": [], "source": "derived", "candidates": []}
    return {"fields": {**fields, "title": derived}}


def _free_number(session: Session, at: datetime, zone: ZoneInfo, draw: Draw) -> str:
    for _ in range(DRAWS):
        number = ticket_number(at, zone, draw)
        if session.exec(select(Ticket.id).where(Ticket.ticket_no == number)).first() is None:
            return number
    raise RuntimeError("no free ticket number in this millisecond")


def _transcript(session: Session, call_id: UUID) -> list[dict[str, Any]]:
    query = select(Utterance).where(Utterance.call_id == call_id).order_by(col(Utterance.index))
    return [
        {
            "index": utterance.index,
            "start_time": utterance.start_time,
            "end_time": utterance.end_time,
            "text": utterance.text if utterance.corrected_text is None else utterance.corrected_text,
            "confidence": utterance.confidence,
            "corrected_by": utterance.corrected_by,
        }
        for utterance in session.exec(query)
    ]

"""What lies around a call: direct answers, the number's other calls, calls about the same matter, what was done.

A phone is not a person: nothing here goes into the ticket without a click.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Response
from sqlmodel import Session, col, select

from config.city import City, load_city
from config.city_records import Article
from drafting.repeats import Likeness
from intake.repeats import repeats_of
from intake_api.console.draft import load
from intake_api.console.page import ReaderPage
from intake_api.console.transcript import is_editable
from intake_api.needs import Now, Reading
from models.tables import AuditEntry, Call, Draft, Ticket

KNOWN: Final = 6
"Calls of the same number that are shown: the newest."
ALIKE: Final = 4
HISTORY: Final = 12


@dataclass(frozen=True)
class Other:
    """Another call's draft, how like this one it is, and the ticket that became of it."""

    draft: Draft
    call: Call
    ticket: Ticket | None
    likeness: Likeness | None = None
    callers: int = 1
    "Its call and those merged into it."


def show_beside(page: ReaderPage, db: Reading, now: Now, draft_id: UUID) -> Response:
    """Return the panels beside a draft; asked for when the page is there, so that the page is quick."""
    draft, call = load(db, draft_id)
    known = calls_of_number(db, call)
    return page.show(
        "parts/beside.html",
        draft=draft,
        call=call,
        articles=articles(load_city(page.service.settings.city), draft.notes),
        known=known,
        alike=alike(db, draft, call, {other.draft.id for other in known}, now),
        history=history(db, draft, call),
        editable=is_editable(page, draft),
    )


def articles(city: City, notes: Sequence[dict[str, Any]]) -> list[Article]:
    """Return the answers at hand that drafting found."""
    wanted = [note.get("article") for note in notes if note.get("kind") == "answer"]
    return [article for article in city.articles if article.id in wanted]


def calls_of_number(db: Session, call: Call) -> list[Other]:
    """Return the number's other calls, the newest first; none for a withheld number."""
    if not call.caller_number:
        return []
    query = others(call).where(Call.caller_number == call.caller_number).order_by(col(Call.id).desc()).limit(KNOWN)
    return [Other(draft, other, ticket) for draft, other, ticket in db.exec(query)]


def others(call: Call) -> Any:
    """Return the query of every other call with its draft and ticket."""
    return (
        select(Draft, Call, Ticket)
        .join(Call, col(Call.id) == Draft.call_id)
        .join(Ticket, col(Ticket.draft_id) == Draft.id, isouter=True)
        .where(Draft.call_id != call.id)
    )


def alike(db: Session, draft: Draft, call: Call, shown: set[UUID], now: datetime) -> list[Other]:
    """Return finished drafts that are probably about the same matter, the likeliest first."""
    found = repeats_of(db, draft, call, at=now, limit=ALIKE + len(shown))
    same = [each for each in found if each.likeness.is_same_matter and each.draft.id not in shown][:ALIKE]
    wanted = select(Ticket).where(col(Ticket.draft_id).in_([each.draft.id for each in same]))
    tickets = {ticket.draft_id: ticket for ticket in db.exec(wanted)}
    return [Other(e.draft, e.call, tickets.get(e.draft.id), e.likeness, e.callers) for e in same]


def history(db: Session, draft: Draft, call: Call) -> Sequence[AuditEntry]:
    """Return what was done with a draft and its call, the newest first."""
    subjects = (f"draft:{draft.id}", f"call:{call.id}")
    query = select(AuditEntry).where(col(AuditEntry.subject).in_(subjects))
    return db.exec(query.order_by(col(AuditEntry.id).desc()).limit(HISTORY)).all()

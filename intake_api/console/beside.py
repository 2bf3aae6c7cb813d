"""What lies around a call: direct answers, the number's other calls, calls about the same matter, what was done.

A phone is not a person: nothing here goes into the ticket without a click.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Response
from sqlmodel import Session, col, select

from config.city import City, load_city
from config.city_records import Article
from drafting.repeats import Likeness, Matter, rank
from intake_api.console.draft import load
from intake_api.console.page import ReaderPage
from intake_api.console.transcript import is_editable
from intake_api.needs import Reading
from models.states import DraftState
from models.tables import AuditEntry, Call, Draft, Ticket

KNOWN: Final = 6
"Calls of the same number that are shown: the newest."
LOOKED_AT: Final = 80
"Drafts of late that are compared: an hour or two of a city; repeats come soon or from the same number."
ALIKE: Final = 4
HISTORY: Final = 12


@dataclass(frozen=True)
class Other:
    """Another call's draft, how like this one it is, and the ticket that became of it."""

    draft: Draft
    call: Call
    ticket: Ticket | None
    likeness: Likeness | None = None


def show_beside(page: ReaderPage, db: Reading, draft_id: UUID) -> Response:
    """Return the panels beside a draft; asked for when the page is there, so that the page is quick."""
    draft, call = load(db, draft_id)
    known = calls_of_number(db, call)
    return page.show(
        "parts/beside.html",
        draft=draft,
        call=call,
        articles=articles(load_city(page.service.settings.city), draft.notes),
        known=known,
        alike=alike(db, draft, call, {other.draft.id for other in known}),
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


def alike(db: Session, draft: Draft, call: Call, shown: set[UUID]) -> list[Other]:
    """Return calls of late that are probably about the same matter, the likeliest first."""
    new = matter(draft, call)
    if not new.text:
        return []
    query = others(call).where(col(Draft.state) != DraftState.DISCARDED).order_by(col(Draft.id).desc())
    found = {str(row[0].id): row for row in db.exec(query.limit(LOOKED_AT)) if row[0].id not in shown}
    ranked = rank(new, [(key, matter(row[0], row[1])) for key, row in found.items()])
    same = [(key, likeness) for key, likeness in ranked if likeness.is_same_matter]
    return [Other(found[key][0], found[key][1], found[key][2], likeness) for key, likeness in same[:ALIKE]]


def matter(draft: Draft, call: Call) -> Matter:
    """Return what is compared of a draft."""
    values = {name: (draft.fields.get(name) or {}).get("value") or "" for name in MATTER_FIELDS}
    text = values.pop("content") or values.pop("title")
    values.pop("title", None)
    return Matter(text=str(text), number=call.caller_number, at=call.invited_at, **values)


MATTER_FIELDS = (
    *("content", "title", "county", "town", "community", "address_text"),
    *("category_level_1", "category_level_2"),
)


def history(db: Session, draft: Draft, call: Call) -> Sequence[AuditEntry]:
    """Return what was done with a draft and its call, the newest first."""
    subjects = (f"draft:{draft.id}", f"call:{call.id}")
    query = select(AuditEntry).where(col(AuditEntry.subject).in_(subjects))
    return db.exec(query.order_by(col(AuditEntry.id).desc()).limit(HISTORY)).all()

"""The `change` table as events: each with its id, what changed, and the row as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi.sse import format_sse_event
from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import func
from sqlmodel import Session, col, select

from intake_api.wire.call import CallOut, UtteranceOut
from intake_api.wire.draft import DraftLine, line_only
from intake_api.wire.ticket import DeliveryOut
from models.database import Database
from models.tables import Call, Change, Draft, OutboxEntry, Ticket, Utterance

AT_ONCE = 500
"Changes read in one query: a burst of 30 calls that end together is about 200."


@dataclass(frozen=True)
class Event:
    """A change as it is sent."""

    id: int
    kind: str
    call_id: str | None
    frame: bytes


def newest_id(database: Database) -> int:
    """Return the id of the latest change, 0 when there is none."""
    with database.reading() as db:
        return db.exec(select(func.max(Change.id))).one() or 0


def events_after(database: Database, after: int, up_to: int | None = None) -> Sequence[Event] | None:
    """Return the next changes after an id; None when some that followed it are no longer kept."""
    with database.reading() as db:
        oldest = db.exec(select(func.min(Change.id))).one()
        if oldest is not None and oldest > after + 1:
            return None
        query = select(Change).where(col(Change.id) > after).order_by(col(Change.id)).limit(AT_ONCE)
        if up_to is not None:
            query = query.where(col(Change.id) <= up_to)
        changes = db.exec(query).all()
        rows = _rows(db, changes)
    return [_event(change, rows.get(change.id)) for change in changes]


def frame_of(kind: str, data: Mapping[str, Any], event_id: int | None = None) -> bytes:
    """Return an event on the wire."""
    text = to_json(data).decode()
    return format_sse_event(data_str=text, event=kind, id=None if event_id is None else str(event_id))


def _event(change: Change, row: BaseModel | None) -> Event:
    data = {"kind": change.kind, "id": change.subject_id, "call_id": change.call_id, "at": change.at, "row": row}
    assert change.id is not None  # noqa: S101 - it was read from the table
    return Event(change.id, change.kind, change.call_id, frame_of(change.kind, data, change.id))


Shown = Mapping[tuple[str, str | None], BaseModel]
"Rows as consoles show them, callers' numbers masked, by a change's `subject_id` and `call_id`."


def _calls(db: Session, changes: Sequence[Change]) -> Shown:
    found = db.exec(select(Call).where(col(Call.id).in_(_ids(changes)))).all()
    return {(str(call.id), str(call.id)): CallOut.of(call, sees_numbers=False) for call in found}


def _utterances(db: Session, changes: Sequence[Change]) -> Shown:
    calls = {UUID(change.call_id) for change in changes if change.call_id}
    indexes = {int(change.subject_id) for change in changes}
    query = select(Utterance).where(col(Utterance.call_id).in_(calls), col(Utterance.index).in_(indexes))
    return {(str(row.index), str(row.call_id)): UtteranceOut.of(row) for row in db.exec(query).all()}


def _drafts(db: Session, changes: Sequence[Change]) -> Shown:
    found = db.exec(select(Draft).options(line_only()).where(col(Draft.id).in_(_ids(changes)))).all()
    return {(str(draft.id), str(draft.call_id)): DraftLine.of_row(draft) for draft in found}


def _deliveries(db: Session, changes: Sequence[Change]) -> Shown:
    query = (
        select(OutboxEntry, Ticket.call_id)
        .join(Ticket, col(Ticket.id) == OutboxEntry.ticket_id)
        .where(col(OutboxEntry.ticket_id).in_(_ids(changes)))
    )
    return {(str(entry.ticket_id), str(call_id)): DeliveryOut.of(entry) for entry, call_id in db.exec(query).all()}


def _ids(changes: Sequence[Change]) -> set[UUID]:
    return {UUID(change.subject_id) for change in changes}


KINDS = {"call": _calls, "utterance": _utterances, "draft": _drafts, "delivery": _deliveries}


def _rows(db: Session, changes: Sequence[Change]) -> dict[int | None, BaseModel | None]:
    """Return the row of each change, with one query a kind."""
    rows: dict[int | None, BaseModel | None] = {}
    for kind, read in KINDS.items():
        of_kind = [change for change in changes if change.kind == kind]
        shown = read(db, of_kind) if of_kind else {}
        rows |= {change.id: shown.get((change.subject_id, change.call_id)) for change in of_kind}
    return rows

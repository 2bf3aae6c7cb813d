"""Reading drafts and live calls for the queue, with few rows touched however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from intake.search_index import matching
from models.second_looks import Decision, DecisionState
from models.states import CallState, DraftState
from models.tables import Call, Draft, Operator
from models.tables import Session as BrowserSession

PAGE_ROWS: Final = 50
"Two screens full: who needs more searches."
LIVE_CALLS: Final = 60
"A city's peak is 52 to 130 calls at once; a wall of more cards helps nobody."
OPEN_STATES: Final = (DraftState.LISTENING, DraftState.READY, DraftState.CLAIMED)


@dataclass(frozen=True)
class Slice:
    """Which drafts, from which on."""

    state: DraftState
    claimed_by: str | None = None
    urgency: str = ""
    text: str = ""
    offset: int = 0


@dataclass(frozen=True)
class Row:
    """A draft as the queue shows it."""

    id: UUID
    state: DraftState
    urgency: str
    created_at: datetime
    updated_at: datetime
    claimed_by: str | None
    caller_number: str
    seconds: float
    title: str
    type: str
    category: str
    place: str
    remark: str
    asked: bool
    "Whether a decision on it waits for a second person."


@dataclass(frozen=True)
class LiveCall:
    """A call that is going on."""

    id: UUID
    draft_id: UUID | None
    state: CallState
    since: datetime
    caller_number: str
    urgency: str
    emergency: str
    words: str


def rows_of(db: Session, part: Slice) -> list[Row]:
    """Return up to a page of rows and one more; open drafts by urgency and age, closed ones the latest first."""
    query = select(Draft, Call).join(Call, col(Call.id) == Draft.call_id).where(Draft.state == part.state)
    if part.claimed_by is not None:
        query = query.where(Draft.claimed_by == part.claimed_by)
    if part.urgency:
        query = query.where(Draft.urgency == part.urgency)
    wanted = matching(db, part.text)
    if wanted is not None:
        query = query.where(wanted)
    if part.state in OPEN_STATES:
        query = query.order_by(col(Draft.urgency_rank), col(Draft.id))
    else:
        query = query.order_by(col(Draft.id).desc())
    found = db.exec(query.offset(part.offset).limit(PAGE_ROWS + 1)).all()
    asked = select(Decision.draft_id).where(Decision.state == DecisionState.WAITING)
    waiting = set(db.exec(asked.where(col(Decision.draft_id).in_([draft.id for draft, _ in found]))))
    return [as_row(draft, call, draft.id in waiting) for draft, call in found]


def as_row(draft: Draft, call: Call, asked: bool = False) -> Row:
    """Return what the queue shows of a draft and its call."""
    places = [value_of(draft, name) for name in ("county", "town", "community")]
    return Row(
        id=draft.id,
        state=draft.state,
        urgency=draft.urgency,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        claimed_by=draft.claimed_by,
        caller_number=call.caller_number,
        seconds=call.recorded_seconds,
        title=value_of(draft, "title") or value_of(draft, "content"),
        type=value_of(draft, "type"),
        category=value_of(draft, "category_level_2") or value_of(draft, "category_level_1"),
        place="".join(places) or value_of(draft, "address_text"),
        remark=call.remark,
        asked=asked,
    )


def value_of(draft: Draft, name: str) -> str:
    """Return a field's value as text, empty when unknown."""
    field: dict[str, Any] = draft.fields.get(name) or {}
    value = field.get("value")
    return "" if value is None else str(value)


def counts_by_state(db: Session, name: str) -> dict[str, int]:
    """Return how many drafts each list holds; of the closed ones, whose number says nothing, none is counted."""
    states = [DraftState.LISTENING, DraftState.READY, DraftState.CLAIMED]
    query = select(Draft.state, func.count()).where(col(Draft.state).in_(states)).group_by(col(Draft.state))
    found = dict(db.exec(query).all())
    mine = select(func.count()).where(Draft.claimed_by == name, Draft.state == DraftState.CLAIMED)
    return {
        "waiting": found.get(DraftState.READY, 0),
        "claimed": found.get(DraftState.CLAIMED, 0),
        "listening": found.get(DraftState.LISTENING, 0),
        "mine": db.exec(mine).one(),
    }


def at_work(db: Session, since: datetime) -> list[tuple[str, int]]:
    """Return who has used the console since a moment, with how many drafts they hold."""
    seen = select(Operator.name).join(BrowserSession, col(BrowserSession.operator_id) == Operator.id)
    names = db.exec(seen.where(BrowserSession.seen_at >= since).distinct().order_by(col(Operator.name))).all()
    held = select(Draft.claimed_by, func.count()).where(Draft.state == DraftState.CLAIMED)
    counts: dict[str | None, int] = dict(db.exec(held.group_by(col(Draft.claimed_by))).all())
    return [(name, counts.get(name, 0)) for name in names]


def live_calls(db: Session) -> list[LiveCall]:
    """Return the calls going on, emergencies first, with the last words of each."""
    query = (
        select(Call, Draft)
        .join(Draft, col(Draft.call_id) == Call.id, isouter=True)
        .where(col(Call.state).in_([CallState.RINGING, CallState.ANSWERED]))
        .order_by(col(Draft.urgency_rank), col(Call.id))
        .limit(LIVE_CALLS)
    )
    return [as_live_call(call, draft) for call, draft in db.exec(query).all()]


def as_live_call(call: Call, draft: Draft | None) -> LiveCall:
    """Return what a live call's card shows."""
    return LiveCall(
        id=call.id,
        draft_id=draft.id if draft else None,
        state=call.state,
        since=call.answered_at or call.invited_at,
        caller_number=call.caller_number,
        urgency=draft.urgency if draft else "normal",
        emergency=value_of(draft, "emergency") if draft else "",
        words=draft.last_words if draft else "",
    )

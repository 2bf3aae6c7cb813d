"""Who works on a draft: a lease that a sign of life renews and that others take over when it has run out."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from intake.audit import SERVICE, record
from intake.draft_row import LEASE, change_draft, conflict, held_draft, load_draft, prolonged
from intake.errors import Invalid
from intake.masking import mask_numbers_in
from models.database import Database
from models.states import DraftEvent, DraftState
from models.tables import Draft, Operator

LONGEST_WORDS = 500
"Characters of a question to a colleague."

FREE = {"claimed_by": None, "claimed_until": None}


def claim_draft(
    database: Database,
    draft_id: UUID,
    actor: str,
    *,
    at: datetime,
    lease: timedelta = LEASE,
    take_over: bool = False,
) -> Draft:
    """Give the draft to the actor until `at + lease`; again for the holder renews it.

    Raises `Conflict` when it is not READY or another holds it, unless that lease has run out or `take_over` is asked
    for (a supervisor's right).
    """
    with database.session() as session:
        draft = load_draft(session, draft_id)
        former = draft.claimed_by if draft.claimed_by != actor else None
        expired = draft.claimed_until is None or draft.claimed_until <= at
        if former and not (expired or take_over):
            raise conflict(draft)
        change_draft(session, draft, at, DraftEvent.CLAIM, claimed_by=actor, claimed_until=at + lease)
        taken = {"from": former} if former else {}
        record(session, actor, "draft_claimed", "draft", draft.id, at, **taken)
        return draft


def renew_claim(database: Database, draft_id: UUID, actor: str, *, at: datetime, lease: timedelta = LEASE) -> Draft:
    """Prolong the actor's lease: an open page does so by itself, which is no act to log."""
    with database.session() as session:
        draft = held_draft(session, draft_id, actor)
        change_draft(session, draft, at, claimed_until=prolonged(draft, at, lease))
        return draft


def release_draft(database: Database, draft_id: UUID, actor: str, *, at: datetime, take_over: bool = False) -> Draft:
    """Give the draft back to the queue; what was edited stays. A supervisor (`take_over`) may give back another's."""
    with database.session() as session:
        draft = load_draft(session, draft_id) if take_over else held_draft(session, draft_id, actor)
        change_draft(session, draft, at, DraftEvent.RELEASE, **FREE)
        record(session, actor, "draft_released", "draft", draft.id, at)
        return draft


def expire_leases(database: Database, *, at: datetime) -> int:
    """Give drafts back to the queue whose holder has shown no sign of life; return how many."""
    with database.reading() as session:
        query = select(Draft.id).where(Draft.state == DraftState.CLAIMED, col(Draft.claimed_until) <= at)
        expired = session.exec(query).all()
    return sum(_expire(database, draft_id, at) for draft_id in expired)


def _expire(database: Database, draft_id: UUID, at: datetime) -> bool:
    with database.session() as session:
        draft = load_draft(session, draft_id)
        if draft.state != DraftState.CLAIMED or draft.claimed_until is None or draft.claimed_until > at:
            return False
        holder = draft.claimed_by
        change_draft(session, draft, at, DraftEvent.RELEASE, **FREE)
        record(session, SERVICE, "lease_expired", "draft", draft.id, at, **{"from": holder})
        return True


def hand_over_draft(
    database: Database,
    draft_id: UUID,
    actor: str,
    to: str,
    words: str,
    *,
    at: datetime,
    lease: timedelta = LEASE,
) -> Draft:
    """Give the draft to another person who may sign in, with words that the audit log keeps, numbers masked.

    Raises `Conflict` when the actor does not hold it, `Invalid` when there is no such other person.
    """
    with database.session() as session:
        draft = held_draft(session, draft_id, actor)
        known = session.exec(select(Operator.id).where(Operator.name == to, Operator.active)).first()
        if known is None or to == actor:
            raise Invalid("to", f"There is no other operator {to}.", f"没有名为 {to} 的其他坐席。")
        change_draft(session, draft, at, claimed_by=to, claimed_until=at + lease)
        said = mask_numbers_in(words.strip()[:LONGEST_WORDS])
        record(session, actor, "draft_handed_over", "draft", draft.id, at, to=to, words=said)
        return draft

"""The one way in which a draft's row changes: guarded by state, version and holder, so that of two people one wins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from intake.errors import Conflict, NotFound
from models.changes import announce
from models.states import DRAFT, DraftEvent, DraftState, IllegalTransition, advance
from models.tables import Draft

LEASE = timedelta(minutes=15)
"How long a claim lasts without a sign of life, unless the settings say otherwise."


def load_draft(session: Session, draft_id: UUID) -> Draft:
    """Return the draft's row; raises `NotFound`."""
    draft = session.get(Draft, draft_id)
    if draft is None:
        raise NotFound("draft", "草稿")
    return draft


def change_draft(session: Session, draft: Draft, at: datetime, event: DraftEvent | None = None, **values: Any) -> None:
    """Write new values, and the state after `event`, if the row is still as it was read; raises `Conflict`."""
    try:
        state = advance(DRAFT, draft.state, event) if event else draft.state
    except IllegalTransition:
        raise conflict(draft) from None
    guard = (
        col(Draft.id) == draft.id,
        col(Draft.state) == draft.state,
        col(Draft.version) == draft.version,
        col(Draft.claimed_by).is_not_distinct_from(draft.claimed_by),
    )
    change = update(Draft).where(*guard).values(state=state, updated_at=at, **values)
    result = session.execute(change, execution_options={"synchronize_session": False})
    session.refresh(draft)
    if getattr(result, "rowcount", 0) != 1:
        raise conflict(draft)
    announce(session, "draft", draft.id, draft.call_id)


def held_draft(session: Session, draft_id: UUID, actor: str, version: int | None = None) -> Draft:
    """Return a draft that the actor has claimed, at the version the actor has seen; raises `Conflict`.

    A lease that ran out while nobody else wanted the draft is still good: the actor's sign of life renews it.
    """
    draft = load_draft(session, draft_id)
    if draft.state != DraftState.CLAIMED or draft.claimed_by != actor or version not in (None, draft.version):
        raise conflict(draft)
    return draft


def prolonged(draft: Draft, at: datetime, lease: timedelta) -> datetime:
    """Return until when the holder keeps the draft after a sign of life: longer while a decision on it waits."""
    return max(at + lease, draft.claimed_until or at)


def conflict(draft: Draft) -> Conflict:
    """Say who was first."""
    by = draft.claimed_by if draft.state == DraftState.CLAIMED else draft.decided_by
    sentence, sentence_zh = CONFLICTS[DraftState(draft.state)]
    who, who_zh = by or "somebody", by or "他人"
    return Conflict(
        sentence.format(by=who),
        sentence_zh.format(by=who_zh),
        state=str(draft.state),
        version=draft.version,
        by=by,
    )


CONFLICTS = {
    DraftState.LISTENING: (
        "The call is not over yet: the draft can be claimed when its words are complete.",
        "通话尚未结束，转写完成后才能受理。",
    ),
    DraftState.READY: ("The draft is not claimed by you, or has changed.", "草稿未由您认领，或已有变动。"),
    DraftState.CLAIMED: (
        "The draft is claimed by {by}, or has changed since you read it.",
        "草稿由{by}认领，或已有变动。",
    ),
    DraftState.CONFIRMED: ("The draft was confirmed by {by}.", "草稿已由{by}确认。"),
    DraftState.DISCARDED: ("The draft was discarded by {by}.", "草稿已由{by}作废。"),
    DraftState.MERGED: ("The draft was merged by {by}.", "草稿已由{by}合并。"),
}

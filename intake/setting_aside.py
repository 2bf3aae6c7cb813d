"""A draft that becomes no ticket: discarded with a reason, or merged into another; either can be taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from intake.audit import record
from intake.claiming import FREE
from intake.decisions import withdraw_decisions
from intake.draft_row import change_draft, conflict, held_draft, load_draft
from intake.errors import Invalid
from intake.masking import mask_numbers_in
from intake.search_index import index_words
from models.changes import announce
from models.database import Database
from models.states import DraftEvent, DraftState
from models.tables import Draft

LONGEST_REASON = 500


def discard_draft(database: Database, draft_id: UUID, actor: str, version: int, reason: str, *, at: datetime) -> Draft:
    """Set the draft aside with a reason, which is kept on the row and, numbers masked, in the audit log.

    Raises `Conflict`, `Invalid` and `NotFound`.
    """
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON:
        raise Invalid(
            "reason", f"Give a reason of 1 to {LONGEST_REASON} characters.", f"请填写 1 到 {LONGEST_REASON} 字的原因。"
        )
    with database.session() as session:
        draft = held_draft(session, draft_id, actor, version)
        decided = {"decided_by": actor, "decided_at": at, "discard_reason": said}
        change_draft(session, draft, at, DraftEvent.DISCARD, **decided, **FREE)
        index_words(session, draft)
        withdraw_decisions(session, draft, actor, at)
        record(session, actor, "draft_discarded", "draft", draft.id, at, reason=mask_numbers_in(said))
        return draft


def merge_draft(database: Database, draft_id: UUID, actor: str, version: int, into: UUID, *, at: datetime) -> Draft:
    """Say that the draft is the same matter as another, which may be confirmed already; both calls are kept.

    Merging into a draft that is itself merged joins the one that stands. Raises `Conflict`, `Invalid`, `NotFound`.
    """
    with database.session() as session:
        draft = held_draft(session, draft_id, actor, version)
        target = _standing(session, into)
        if target.id == draft.id:
            raise Invalid("into", "A draft cannot be merged into itself.", "草稿不能与自身合并。")
        if target.state == DraftState.DISCARDED:
            raise conflict(target)
        decided = {"decided_by": actor, "decided_at": at, "merged_into": target.id}
        change_draft(session, draft, at, DraftEvent.MERGE, **decided, **FREE)
        index_words(session, draft)
        withdraw_decisions(session, draft, actor, at)
        announce(session, "draft", target.id, target.call_id)
        record(session, actor, "draft_merged", "draft", draft.id, at, into=str(target.id))
        return draft


def reopen_draft(database: Database, draft_id: UUID, actor: str, *, at: datetime) -> Draft:
    """Put a discarded or merged draft back into the queue (unmerge); raises `Conflict` and `NotFound`."""
    with database.session() as session:
        draft = load_draft(session, draft_id)
        former = draft.merged_into
        blank = {"decided_by": None, "decided_at": None, "discard_reason": None, "merged_into": None}
        change_draft(session, draft, at, DraftEvent.REOPEN, **blank)
        if former:
            target = load_draft(session, former)
            announce(session, "draft", target.id, target.call_id)
        record(session, actor, "draft_reopened", "draft", draft.id, at)
        return draft


def _standing(session: Session, draft_id: UUID) -> Draft:
    """Follow merges to the draft that is not merged; they make no circle, as only a claimed draft can be merged."""
    draft = load_draft(session, draft_id)
    seen = {draft.id}
    while draft.state == DraftState.MERGED and draft.merged_into and draft.merged_into not in seen:
        draft = load_draft(session, draft.merged_into)
        seen.add(draft.id)
    return draft

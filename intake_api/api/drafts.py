"""Drafts: what the machine proposes, who works on it, and what becomes of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel import col, select

from intake.claiming import claim_draft, hand_over_draft, release_draft
from intake.confirming import confirm_draft
from intake.draft_row import load_draft
from intake.editing import edit_draft
from intake.search_index import matching
from intake.setting_aside import discard_draft, merge_draft, reopen_draft
from intake_api.needs import DatabaseNeeded, Now, Reading, ServiceNeeded
from intake_api.security.actors import Operating, Reader
from intake_api.security.rights import Actor, Right
from intake_api.wire.draft import Discard, DraftEdit, DraftOut, HandOver, Merge, Versioned
from intake_api.wire.page import Cursor, Limit, Page, read_page
from intake_api.wire.ticket import TicketOut
from models.tables import Draft

router = APIRouter(prefix="/drafts", tags=["drafts"])

State = Literal["listening", "ready", "claimed", "confirmed", "discarded", "merged"]
TakeOver = Annotated[bool, Query(description="Take it from whoever holds it; for supervisors.")]


@router.get("")
def list_drafts(
    db: Reading,
    actor: Reader,
    call_id: UUID | None = None,
    state: Annotated[list[State] | None, Query(description="One or several.")] = None,
    q: Annotated[str | None, Query(max_length=100, description="Words, a number or a place.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DraftOut]:
    """Drafts, the newest first."""
    query = select(Draft)
    wanted = matching(db, q) if q else None
    if wanted is not None:
        query = query.where(wanted)
    if call_id is not None:
        query = query.where(Draft.call_id == call_id)
    if state:
        query = query.where(col(Draft.state).in_(state))
    return read_page(db, query, Draft.id, cursor, limit, lambda draft: shown(draft, actor))


@router.get("/{draft_id}")
def get_draft(draft_id: UUID, db: Reading, actor: Reader) -> DraftOut:
    """One draft."""
    return shown(load_draft(db, draft_id), actor)


@router.post("/{draft_id}/claim")
def claim(draft_id: UUID, service: ServiceNeeded, actor: Operating, now: Now, take_over: TakeOver = False) -> DraftOut:
    """Work on a draft; again prolongs the lease. 409 says who has it."""
    may = take_over and actor.may(Right.SUPERVISE)
    return shown(claim_draft(service.database, draft_id, actor.name, at=now, lease=service.lease, take_over=may), actor)


@router.post("/{draft_id}/release")
def release(
    draft_id: UUID, database: DatabaseNeeded, actor: Operating, now: Now, take_over: TakeOver = False
) -> DraftOut:
    """Give a draft back to the queue, with what was edited."""
    may = take_over and actor.may(Right.SUPERVISE)
    return shown(release_draft(database, draft_id, actor.name, at=now, take_over=may), actor)


@router.patch("/{draft_id}")
def edit(draft_id: UUID, change: DraftEdit, service: ServiceNeeded, actor: Operating, now: Now) -> DraftOut:
    """Set fields of a claimed draft; a stale version is 409 and changes nothing."""
    draft = edit_draft(
        service.database,
        draft_id,
        actor.name,
        change.version,
        change.fields,
        at=now,
        lease=service.lease,
        lists=service.lists,
    )
    return shown(draft, actor)


@router.post("/{draft_id}/hand-over")
def hand_over(draft_id: UUID, wish: HandOver, service: ServiceNeeded, actor: Operating, now: Now) -> DraftOut:
    """Give a claimed draft to a colleague, with words that the audit log keeps."""
    database, lease = service.database, service.lease
    return shown(hand_over_draft(database, draft_id, actor.name, wish.to, wish.words, at=now, lease=lease), actor)


@router.post("/{draft_id}/confirm")
def confirm(draft_id: UUID, seen: Versioned, service: ServiceNeeded, actor: Operating, now: Now) -> TicketOut:
    """Make the draft a ticket and send it to the case store; once this answers it is safe.

    403 when its not-accept code needs another person's decision first (`POST /drafts/{draft_id}/decisions`)."""
    others = service.others_needed(actor)
    ticket, entry = confirm_draft(service.database, draft_id, actor.name, seen.version, at=now, others=others)
    return TicketOut.of(ticket, entry, sees_numbers=actor.sees_numbers)


@router.post("/{draft_id}/discard")
def discard(draft_id: UUID, wish: Discard, database: DatabaseNeeded, actor: Operating, now: Now) -> DraftOut:
    """Set a draft aside, with a reason."""
    return shown(discard_draft(database, draft_id, actor.name, wish.version, wish.reason, at=now), actor)


@router.post("/{draft_id}/merge")
def merge(draft_id: UUID, wish: Merge, database: DatabaseNeeded, actor: Operating, now: Now) -> DraftOut:
    """Say that a draft is the same matter as another."""
    return shown(merge_draft(database, draft_id, actor.name, wish.version, wish.into, at=now), actor)


@router.post("/{draft_id}/reopen")
def reopen(draft_id: UUID, database: DatabaseNeeded, actor: Operating, now: Now) -> DraftOut:
    """Put a discarded or merged draft back into the queue."""
    return shown(reopen_draft(database, draft_id, actor.name, at=now), actor)


def shown(draft: Any, actor: Actor) -> DraftOut:
    """Return a draft as the actor may see it."""
    return DraftOut.of(draft, sees_numbers=actor.sees_numbers)

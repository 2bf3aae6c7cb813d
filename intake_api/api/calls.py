"""Calls: who called when, what was said, and the recording."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime
from sqlmodel import Session, col, select

from intake.editing import correct_utterance
from intake_api.needs import Now, Reading, ServiceNeeded
from intake_api.problems import not_found
from intake_api.security.actors import Operating, Reader
from intake_api.wire.call import CallOut, TranscriptOut, UtteranceOut
from intake_api.wire.draft import Correction
from intake_api.wire.page import Cursor, Limit, Page, read_page
from models.tables import Call, Draft, Utterance

router = APIRouter(prefix="/calls", tags=["calls"])

Index = Annotated[int, Path(ge=0, lt=1_000_000, description="The utterance's index in its call.")]


@router.get("")
def list_calls(
    db: Reading,
    actor: Reader,
    sip_call_id: Annotated[str | None, Query(max_length=512, description="The Call-ID of the INVITE.")] = None,
    state: Literal["ringing", "answered", "ended"] | None = None,
    since: Annotated[AwareDatetime | None, Query(description="Invited at or after this time (with its zone).")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CallOut]:
    """Calls, the newest first."""
    query = select(Call)
    if sip_call_id is not None:
        query = query.where(Call.sip_call_id == sip_call_id)
    if state is not None:
        query = query.where(Call.state == state)
    if since is not None:
        query = query.where(Call.invited_at >= since)
    return read_page(db, query, Call.id, cursor, limit, lambda call: CallOut.of(call, sees_numbers=actor.sees_numbers))


@router.get("/{call_id}")
def get_call(call_id: UUID, db: Reading, actor: Reader) -> CallOut:
    """One call."""
    return CallOut.of(load_call(db, call_id), sees_numbers=actor.sees_numbers)


@router.get("/{call_id}/transcript")
def get_transcript(call_id: UUID, db: Reading, _actor: Reader) -> TranscriptOut:
    """What was said, so far or in the end."""
    load_call(db, call_id)
    rows = db.exec(select(Utterance).where(Utterance.call_id == call_id).order_by(col(Utterance.index))).all()
    return TranscriptOut(utterances=[UtteranceOut.of(row) for row in rows])


@router.patch("/{call_id}/transcript/{index}")
def correct(
    call_id: UUID, index: Index, correction: Correction, service: ServiceNeeded, actor: Operating, now: Now
) -> UtteranceOut:
    """Write what was really said; who corrects has claimed the call's draft, which is made anew from the words."""
    with service.database.reading() as db:
        draft_id = db.exec(select(Draft.id).where(Draft.call_id == call_id)).first()
    if draft_id is None:
        raise not_found("call", "通话")
    utterance, _draft = correct_utterance(
        service.database,
        draft_id,
        index,
        correction.text,
        actor.name,
        at=now,
        version=correction.version,
        drafting=service.drafting,
        lease=service.lease,
    )
    return UtteranceOut.of(utterance)


def load_call(db: Session, call_id: UUID) -> Call:
    """Return the call's row, or a problem."""
    call = db.get(Call, call_id)
    if call is None:
        raise not_found("call", "通话")
    return call

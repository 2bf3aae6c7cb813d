"""What a person may look into or listen to, but not unseen: the audit log says who, when and why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from intake.audit import record
from intake.errors import Invalid, NotFound
from intake.masking import mask_numbers_in
from models.database import Database
from models.tables import Call

LONGEST_REASON = 200


def reveal_number(database: Database, call_id: UUID, actor: str, reason: str, *, at: datetime) -> Call:
    """Return the call with its caller's number in full, the reason logged; raises `Invalid` and `NotFound`."""
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON:
        sentence = f"Give a reason of 1 to {LONGEST_REASON} characters."
        raise Invalid("reason", sentence, f"请填写 1 到 {LONGEST_REASON} 字的原因。")
    with database.session() as session:
        call = _load(session, call_id)
        record(session, actor, "number_revealed", "call", call_id, at, reason=mask_numbers_in(said))
        return call


def listen_in(database: Database, call_id: UUID, actor: str, *, at: datetime) -> Call:
    """Return a call that somebody is about to hear while it goes on; raises `NotFound`."""
    with database.session() as session:
        call = _load(session, call_id)
        record(session, actor, "listened_in", "call", call_id, at)
        return call


def _load(session: Session, call_id: UUID) -> Call:
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound("call", "通话")
    return call

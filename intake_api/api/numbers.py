"""A caller's number in full, for a reason that is logged."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from intake.revealing import LONGEST_REASON, reveal_number
from intake_api.needs import DatabaseNeeded, Now
from intake_api.security.actors import Operating

router = APIRouter(prefix="/calls", tags=["calls"])


class Reveal(BaseModel):
    """Why the number is needed; kept in the audit log."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, examples=["call back: the line was cut"])]


class Revealed(BaseModel):
    """Who called."""

    caller_number: str
    caller_name: str


@router.post("/{call_id}/reveal")
def reveal(call_id: UUID, wish: Reveal, database: DatabaseNeeded, actor: Operating, now: Now) -> Revealed:
    """The caller's number and name in full."""
    call = reveal_number(database, call_id, actor.name, wish.reason, at=now)
    return Revealed(caller_number=call.caller_number, caller_name=call.caller_name)

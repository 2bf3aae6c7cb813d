"""The SIP messages of a call, for the integrator who asks what the other side really sent."""

from __future__ import annotations

import json
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from intake_api.api.calls import load_call
from intake_api.needs import Reading, ServiceNeeded
from intake_api.problems import not_found
from intake_api.security.actors import Operating

router = APIRouter(prefix="/calls", tags=["calls"])


class LadderEntryOut(BaseModel):
    """A message; numbers, names and secrets in it are masked."""

    model_config = ConfigDict(extra="allow")

    at: float = Field(description="Seconds since 1970.")
    direction: Literal["in", "out"]
    transport: str
    peer: str
    summary: str = Field(examples=["INVITE", "200 OK"])
    text: str


class Ladder(BaseModel):
    """Every message of a call, in order."""

    messages: list[LadderEntryOut]


@router.get("/{call_id}/sip")
def get_ladder(call_id: UUID, db: Reading, service: ServiceNeeded, _actor: Operating) -> Ladder:
    """The call's messages, kept as long as its folder in the spool."""
    load_call(db, call_id)
    try:
        text = (service.settings.spool_dir / str(call_id) / "sip.jsonl").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise not_found("record of SIP messages", "SIP 信令记录") from None
    return Ladder(messages=[LadderEntryOut.model_validate(json.loads(line)) for line in text.splitlines()])

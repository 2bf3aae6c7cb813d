"""Decisions that wait for a second person: asked by who holds a draft, made by a supervisor who is somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from intake.decisions import LONGEST_WORDS, ask_decision, decide
from intake_api.needs import Now, Reading, ServiceNeeded
from intake_api.security.actors import Operating, Supervising
from intake_api.wire.draft import Versioned
from intake_api.wire.page import Cursor, Limit, Page, read_page
from models.second_looks import Decision

router = APIRouter(tags=["decisions"])


class DecisionOut(BaseModel):
    """A question about a draft and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    draft_id: UUID
    code: str = Field(description="The not-accept code that is proposed; blank for a plain question.", examples=["NA3"])
    reason: str
    state: str = Field(description="waiting, approved, returned, withdrawn", examples=["waiting"])
    asked_by: str
    asked_at: datetime
    people_needed: int
    first_by: str | None = Field(description="Who agreed first, where two must.")
    decided_by: str | None
    decided_at: datetime | None
    words: str


class Question(Versioned):
    """Why the draft should not be accepted, with the evidence; or what is asked."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": 3, "reason": "要求撤销醉驾处罚，违反法律规定"}]}
    )

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_WORDS)]


class Answer(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"words": "同意"}]})

    words: Annotated[str, Field(max_length=LONGEST_WORDS)] = ""


@router.post("/drafts/{draft_id}/decisions", status_code=201)
def ask(draft_id: UUID, question: Question, service: ServiceNeeded, actor: Operating, now: Now) -> DecisionOut:
    """Ask for the decision that a claimed draft's not-accept code needs, or a plain question."""
    others = service.others_needed(actor)
    asked = ask_decision(
        service.database, draft_id, actor.name, question.version, question.reason, others=others, at=now
    )
    return DecisionOut.model_validate(asked)


@router.get("/decisions")
def list_decisions(
    db: Reading,
    _actor: Supervising,
    state: Literal["waiting", "approved", "returned", "withdrawn"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DecisionOut]:
    """Decisions, the newest first."""
    query = select(Decision)
    if state is not None:
        query = query.where(Decision.state == state)
    return read_page(db, query, Decision.id, cursor, limit, DecisionOut.model_validate)


@router.post("/decisions/{decision_id}/approve")
def approve(decision_id: UUID, answer: Answer, service: ServiceNeeded, actor: Supervising, now: Now) -> DecisionOut:
    """Agree; where two must agree the first leaves it waiting."""
    made = decide(service.database, decision_id, actor.name, agrees=True, words=answer.words, at=now)
    return DecisionOut.model_validate(made)


@router.post("/decisions/{decision_id}/return")
def send_back(decision_id: UUID, answer: Answer, service: ServiceNeeded, actor: Supervising, now: Now) -> DecisionOut:
    """Do not agree, with a reason."""
    made = decide(service.database, decision_id, actor.name, agrees=False, words=answer.words, at=now)
    return DecisionOut.model_validate(made)

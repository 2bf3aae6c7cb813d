"""What a second person looks at: decisions that one may not make alone, and the day's sample of confirmed drafts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.tables import moment, text_enum
from spool.call_id import uuid7


class DecisionState(StrEnum):
    """What became of a question to a second person."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    "The draft was confirmed, discarded or merged before anybody answered."


class Verdict(StrEnum):
    """What a person found in a confirmed draft."""

    GOOD = "good"
    MINOR = "minor"
    SERIOUS = "serious"


class Decision(SQLModel, table=True):
    """A question about a draft that another person answers: may it be not accepted, or a plain question (no code)."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    draft_id: UUID = Field(foreign_key="draft.id", index=True)
    code: str = ""
    "The not-accept rule that is proposed, `NA3`; empty for a plain question."
    reason: str
    state: DecisionState = text_enum(DecisionState.WAITING, index=True)
    asked_by: str
    asked_at: datetime = moment(nullable=False)
    people_needed: int = 1
    "How many others must agree; two for a malicious occupation of the line (NA8)."
    first_by: str | None = None
    "Who agreed first, where two must."
    decided_by: str | None = None
    decided_at: datetime | None = moment()
    words: str = ""
    "What the second person said."


class Sample(SQLModel, table=True):
    """A day's draw: the seed makes it fair and repeatable, the share is of each operator's confirmed drafts."""

    day: date = Field(primary_key=True)
    seed: str
    share: float
    drawn_by: str
    drawn_at: datetime = moment(nullable=False)


class Review(SQLModel, table=True):
    """A confirmed draft of a day's sample, and what a person found in it; no software gives a verdict."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    day: date = Field(foreign_key="sample.day", index=True)
    draft_id: UUID = Field(foreign_key="draft.id", unique=True)
    confirmed_by: str
    verdict: Verdict | None = text_enum(None)
    note: str = ""
    reviewed_by: str | None = None
    reviewed_at: datetime | None = moment(index=True)

"""The rows: calls, their words, drafts, tickets, deliveries, people, and the log of what people did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, MetaData, UniqueConstraint, text
from sqlalchemy.types import DateTime, TypeDecorator
from sqlmodel import AutoString, Field, SQLModel

from models.states import CallState, DeliveryState, DraftState
from spool.call_id import uuid7

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class Moment(TypeDecorator[datetime]):
    """A point in time: stored in UTC, always returned with its zone (SQLite would drop it)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a time without a zone rather than guess one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """Return the time in UTC; rows made by a caller with a clock of its own pass theirs."""
    return datetime.now(UTC)


def moment(*, nullable: bool = True, index: bool = False) -> Any:
    """A column of type `Moment`."""
    default: Any = {"default": None} if nullable else {"default_factory": now}
    return Field(sa_type=Moment, nullable=nullable, index=index, **default)


def text_enum(default: Any, *, index: bool = False) -> Any:
    """A state kept as its text: a new state needs no change of the column."""
    return Field(default=default, sa_type=AutoString, index=index)


def folded_name(context: Any) -> str:
    """Return the new row's name without case, by which names are told apart."""
    name: str = context.get_current_parameters()["name"]
    return name.casefold()


class Call(SQLModel, table=True):
    """A telephone call, as its folder in the spool told it."""

    __table_args__ = (
        Index(
            "ix_call_not_archived",
            "id",
            sqlite_where=text("recording IS NULL"),
            postgresql_where=text("recording IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    sip_call_id: str = Field(index=True)
    caller_number: str = Field(default="", index=True)
    caller_name: str = ""
    called_number: str = ""
    remote_address: str = ""
    trunk: str = ""
    node: str = ""
    state: CallState = text_enum(CallState.RINGING, index=True)
    invited_at: datetime = moment(nullable=False, index=True)
    answered_at: datetime | None = moment()
    ended_at: datetime | None = moment(index=True)
    end_reason: str | None = None
    digits: str = ""
    wishes: list[str] = Field(default_factory=list, sa_type=JSON)
    codec: str = ""
    sample_rate: int = 8000
    recorded_seconds: float = 0.0
    packets_received: int = 0
    packets_lost: int = 0
    statistics: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    transcribed_at: datetime | None = moment()
    transcript_complete: bool = False
    remark: str = ""
    "In words: restarted node, recogniser gave up, nothing recorded."
    spool_offset: int = Field(default=0, sa_type=BigInteger)
    "Bytes of events.jsonl that are in this database."
    recording: str | None = None
    "Key in the blob store once the call is over; empty when nothing was recorded, or it is no longer kept."


class Utterance(SQLModel, table=True):
    """A final utterance; times in seconds of the recording."""

    __table_args__ = (UniqueConstraint("call_id", "index"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: UUID = Field(foreign_key="call.id", index=True)
    index: int
    start_time: float
    end_time: float
    text: str
    raw_text: str = ""
    corrected_text: str | None = None
    corrected_by: str | None = None
    corrected_at: datetime | None = moment()
    confidence: float
    words: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    alternatives: list[str] = Field(default_factory=list, sa_type=JSON)
    model: str = ""


class Draft(SQLModel, table=True):
    """A draft ticket; `fields` maps a name to `{"value", "confidence", "evidence", "source", "candidates"}`."""

    __table_args__ = (
        Index("ix_draft_queue", "state", "urgency_rank", "id"),
        Index("ix_draft_state_id", "state", "id"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    call_id: UUID = Field(foreign_key="call.id", unique=True)
    state: DraftState = text_enum(DraftState.LISTENING)
    version: int = 1
    "Of the words and fields: grows with every change of these, not with a claim."
    created_at: datetime = moment(nullable=False, index=True)
    updated_at: datetime = moment(nullable=False)
    ready_at: datetime | None = moment()
    claimed_by: str | None = Field(default=None, index=True)
    claimed_until: datetime | None = moment()
    urgency: str = "normal"
    urgency_rank: int = 2
    "0 emergency, 1 urgent, 2 normal: the queue's order."
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    notes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    "Sentences for the operator, each with its grounds."
    last_words: str = ""
    "The newest utterance, for the queue."
    search_text: str = ""
    "Lower-case words, number and place for the queue's search."
    decided_by: str | None = None
    "Who confirmed, discarded or merged it."
    decided_at: datetime | None = moment()
    discard_reason: str | None = None
    merged_into: UUID | None = Field(default=None, index=True)


class Ticket(SQLModel, table=True):
    """What an operator confirmed; never changed afterwards."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    ticket_no: str = Field(unique=True)
    draft_id: UUID = Field(foreign_key="draft.id", unique=True)
    call_id: UUID = Field(foreign_key="call.id", index=True)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    transcript: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    confirmed_by: str
    confirmed_at: datetime = moment(nullable=False, index=True)


class OutboxEntry(SQLModel, table=True):
    """A ticket's delivery to the case store."""

    __tablename__ = "outbox_entry"

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: UUID = Field(foreign_key="ticket.id", unique=True)
    state: DeliveryState = text_enum(DeliveryState.WAITING, index=True)
    attempts: int = 0
    next_attempt_at: datetime = moment(nullable=False, index=True)
    lease_until: datetime | None = moment()
    last_error: str | None = None
    case_id: str | None = Field(default=None, index=True)
    delivered_at: datetime | None = moment()


class Operator(SQLModel, table=True):
    """A person who may sign in; `role` is operator, supervisor or admin."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str = Field(unique=True)
    name_key: str = Field(
        default=None, sa_column=Column(AutoString, default=folded_name, nullable=False, unique=True, index=True)
    )
    "The name without case: 李娜, Alice and ALICE are two people, not three."
    role: str
    password_hash: str
    language: str = "zh"
    active: bool = True
    created_at: datetime = moment(nullable=False)


class Session(SQLModel, table=True):
    """A browser that is signed in; only a hash of its cookie is kept."""

    __tablename__ = "web_session"

    token_hash: str = Field(primary_key=True)
    operator_id: UUID = Field(foreign_key="operator.id", index=True)
    csrf_token: str
    created_at: datetime = moment(nullable=False)
    seen_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    user_agent: str = ""


class SignInLink(SQLModel, table=True):
    """A link printed at first start that lets one person create the first administrator, once."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(primary_key=True)
    created_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    used_at: datetime | None = moment()


class SignInCounter(SQLModel, table=True):
    """Wrong passwords lately, counted by who was asked for and from where; `key` is a hash of both."""

    __tablename__ = "sign_in_counter"

    key: str = Field(primary_key=True)
    failures: int = 0
    since: datetime = moment(nullable=False)
    locked_until: datetime | None = moment()


class KnownBrowser(SQLModel, table=True):
    """A browser in which an operator has signed in before: a stranger's guessing does not lock it out."""

    __tablename__ = "known_browser"

    token_hash: str = Field(primary_key=True)
    operator_id: UUID = Field(foreign_key="operator.id", index=True)
    created_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)


class ApiToken(SQLModel, table=True):
    """A program's key; `scope` is read, operate or admin, and only a hash is kept."""

    __tablename__ = "api_token"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    token_hash: str = Field(unique=True)
    name: str = ""
    scope: str
    created_at: datetime = moment(nullable=False)
    used_at: datetime | None = moment()
    revoked_at: datetime | None = moment()


class AuditEntry(SQLModel, table=True):
    """Who did what to which row, when and why; never holds speech, and numbers only masked."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment(nullable=False, index=True)
    actor: str = Field(index=True)
    action: str = Field(index=True)
    subject: str = Field(index=True)
    "`draft:<id>` and the like."
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Change(SQLModel, table=True):
    """The feed of changed rows that consoles follow (`Last-Event-ID` is `id`); pruned after a day."""

    __table_args__ = ({"sqlite_autoincrement": True},)
    # An id is never given twice, also when all rows have been pruned: a console's last id must stay below new ones.

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    at: datetime = moment(nullable=False, index=True)
    kind: str
    "`call`, `utterance`, `draft`, `ticket`, `delivery`."
    subject_id: str
    call_id: str | None = None

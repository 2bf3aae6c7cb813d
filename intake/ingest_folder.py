"""The facts of one call's folder become rows: each exactly once, whoever is killed when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlmodel import Session, col, select

from intake.audit import SERVICE, record
from intake.call_facts import apply_fact
from intake.draft_row import change_draft, conflict
from intake.redrafting import Drafting
from intake.repeats import index_matter
from intake.seen_call import look_at_call
from models.changes import announce
from models.database import Database
from models.states import DraftEvent, DraftState
from models.tables import Call, Draft
from spool.call_folder import CallFolder
from spool.facts import Fact, Invited

LINES_AT_ONCE = 500
"Facts in one transaction: a long call that comes at once, after an outage, does not hold the write lock for long."
FIRST_LINE_LOST = "the first line of the call's facts was lost"
OPEN = (DraftState.LISTENING, DraftState.READY, DraftState.CLAIMED)
"States in which words that come late still change the draft."


@dataclass(frozen=True)
class Ingested:
    """How far a folder is in the database."""

    offset: int
    "Bytes of events.jsonl."
    is_complete: bool
    "Ended and transcribed: nothing more will come."
    more: bool = False
    "Whether lines are left for the next transaction."


def ingest_folder(database: Database, folder: CallFolder, drafting: Drafting | None, *, at: datetime) -> Ingested:
    """Move the folder's new facts into the database in one transaction, and draft anew when words came.

    Drafting is done before the transaction, so that nobody waits for it. Without `drafting` the words are kept and the
    draft's fields are left as they are. Raises `Conflict` when the rows were changed meanwhile (do it again).
    """
    call_id = UUID(folder.call_id)
    seen = look_at_call(database, call_id)
    lines = list(islice(folder.facts(seen.offset), LINES_AT_ONCE))
    if not lines:
        return Ingested(seen.offset, _is_complete(seen.call))
    facts = [line.fact for line in lines if line.fact]
    new = seen.redrafted(facts, drafting) if drafting else {}
    with database.session() as session:
        call = session.exec(select(Call).where(Call.id == call_id).with_for_update()).first()
        call = call or _new_call(session, call_id, facts, at)
        draft = session.exec(select(Draft).where(Draft.call_id == call_id)).one()
        if call.spool_offset != seen.offset or draft.version != seen.version:
            raise conflict(draft)
        for fact in facts:
            apply_fact(session, call, fact)
        call.spool_offset = lines[-1].end_offset
        session.flush()
        if new and draft.state in OPEN:
            change_draft(session, draft, at, version=draft.version + 1, **new)
        if draft.state == DraftState.LISTENING and _is_complete(call):
            _make_ready(session, draft, call, at)
        return Ingested(call.spool_offset, _is_complete(call), more=len(lines) == LINES_AT_ONCE)


def _is_complete(call: Call | None) -> bool:
    return call is not None and call.ended_at is not None and call.transcribed_at is not None


def _new_call(session: Session, call_id: UUID, facts: list[Fact], at: datetime) -> Call:
    known = bool(facts) and isinstance(facts[0], Invited)
    began = facts[0].at if facts else at
    call = Call(id=call_id, sip_call_id="", invited_at=began, remark="" if known else FIRST_LINE_LOST)
    session.add(call)
    session.add(Draft(call_id=call_id, created_at=began, updated_at=began))
    session.flush()
    return call


def _make_ready(session: Session, draft: Draft, call: Call, at: datetime, remark: str = "") -> None:
    change_draft(session, draft, at, DraftEvent.TRANSCRIBE, ready_at=at)
    index_matter(session, draft, call)
    record(session, SERVICE, "draft_ready", "draft", draft.id, at, **({"remark": remark} if remark else {}))


WORDS_LATE = "the words were not complete a minute after the call"


def make_overdue_ready(database: Database, *, ended_before: datetime, at: datetime) -> int:
    """Make drafts READY whose call ended before a time and whose words are still not complete; return how many.

    Words that come later are still added.
    """
    with database.session() as session:
        query = (
            select(Draft, Call)
            .join(Call)
            .where(Draft.state == DraftState.LISTENING, col(Call.ended_at) < ended_before)
            .limit(LINES_AT_ONCE)
        )
        overdue = session.exec(query).all()
        for draft, call in overdue:
            call.remark = f"{call.remark}; {WORDS_LATE}" if call.remark else WORDS_LATE
            session.flush()
            announce(session, "call", call.id, call.id)
            _make_ready(session, draft, call, at, WORDS_LATE)
        return len(overdue)

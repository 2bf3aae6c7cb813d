"""A call as the database has it, and what its draft becomes when new facts are added: worked out before the
transaction that adds them, so that nobody waits for drafting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlmodel import select

from drafting.draft import CallFacts, Heard
from intake.redrafting import Drafting, facts_of, heard_so_far, proposal
from models.database import Database
from models.tables import Call, Draft
from spool.facts import Digit, Fact, Invited, UtteranceHeard

DRAFTED_FROM = (Invited, UtteranceHeard, Digit)


@dataclass(frozen=True)
class SeenCall:
    """A call, its draft's fields and words, and the offset and version that they are of."""

    call: Call | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    heard: dict[int, Heard] = field(default_factory=dict)
    corrected: frozenset[int] = frozenset()
    "Utterances that a person has corrected: hearing them again changes no draft."
    offset: int = 0
    version: int = 1

    def redrafted(self, facts: Sequence[Fact], drafting: Drafting) -> dict[str, Any]:
        """Return the draft's new values once these facts are added; nothing when they say nothing of the matter."""
        if not any(isinstance(fact, DRAFTED_FROM) for fact in facts):
            return {}
        heard = self.heard | {
            fact.index: Heard(fact.index, fact.text, fact.confidence)
            for fact in facts
            if isinstance(fact, UtteranceHeard) and fact.index not in self.corrected
        }
        in_order = [heard[index] for index in sorted(heard)]
        return proposal(drafting, in_order, self._facts_of_call(facts), self.fields)

    def _facts_of_call(self, facts: Sequence[Fact]) -> CallFacts:
        known = facts_of(self.call) if self.call else CallFacts(facts[0].at)
        for fact in facts:
            if isinstance(fact, Invited):
                known = replace(known, started_at=fact.at, caller_number=fact.caller_number.replace("\x00", ""))
            elif isinstance(fact, Digit):
                known = replace(known, digits=known.digits + fact.digit)
        return known


def look_at_call(database: Database, call_id: UUID) -> SeenCall:
    """Return what the database has of a call, without a lock."""
    with database.reading() as session:
        call = session.get(Call, call_id)
        if call is None:
            return SeenCall()
        draft = session.exec(select(Draft).where(Draft.call_id == call_id)).one()
        heard, corrected = heard_so_far(session, call_id)
        return SeenCall(call, draft.fields, heard, corrected, call.spool_offset, draft.version)

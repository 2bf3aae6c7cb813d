"""What a person changes in a draft: its fields and its words, the machine's own kept beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from drafting.draft import Heard
from intake.audit import record
from intake.draft_row import LEASE, change_draft, held_draft, prolonged
from intake.errors import Invalid, NotFound
from intake.field_values import CONTROLS, Lists, checked_fields
from intake.redrafting import Drafting, corrected, derived, facts_of, heard_so_far, proposal, searchable
from models.changes import announce
from models.database import Database
from models.tables import Call, Draft, Utterance

LONGEST_UTTERANCE = 2_000
"Characters; 30 s of the fastest speech have 300."


def edit_draft(
    database: Database,
    draft_id: UUID,
    actor: str,
    version: int,
    fields: Mapping[str, Any],
    *,
    at: datetime,
    lease: timedelta = LEASE,
    lists: Lists | None = None,
) -> Draft:
    """Set fields by name; the actor must hold the draft and have seen its version. Also renews the lease.

    Raises `Conflict`, `Invalid` (an unknown field, a value that it cannot hold, or a name that is not in the city's
    `lists`) and `NotFound`.
    """
    values = checked_fields(fields, lists)
    with database.session() as session:
        draft = held_draft(session, draft_id, actor, version)
        when = at.isoformat()
        new = {name: corrected(draft.fields.get(name), value, actor, when) for name, value in values.items()}
        merged = {**draft.fields, **new}
        words = [utterance.text for utterance in _heard(session, draft)]
        found = searchable(_call_of(session, draft).caller_number, words, merged)
        change_draft(
            session,
            draft,
            at,
            fields=merged,
            version=draft.version + 1,
            claimed_until=prolonged(draft, at, lease),
            **derived(merged),
            **found,
        )
        record(session, actor, "draft_edited", "draft", draft.id, at, fields=sorted(values), version=draft.version)
        return draft


def correct_utterance(
    database: Database,
    draft_id: UUID,
    index: int,
    text: str,
    actor: str,
    *,
    at: datetime,
    version: int | None = None,
    drafting: Drafting | None = None,
    lease: timedelta = LEASE,
) -> tuple[Utterance, Draft]:
    """Write what was really said; the recogniser's text is kept. The draft is made anew from the corrected words.

    The same text as the recogniser's takes the correction back. Raises `Conflict`, `Invalid` and `NotFound`.
    """
    words = CONTROLS.sub("", text).strip()
    if len(words) > LONGEST_UTTERANCE:
        raise Invalid(
            "text", f"text has more than {LONGEST_UTTERANCE} characters.", f"文字超过 {LONGEST_UTTERANCE} 字。"
        )
    with database.session() as session:
        draft = held_draft(session, draft_id, actor, version)
        utterance = _utterance(session, draft, index)
        undone = words == utterance.text
        utterance.corrected_text = None if undone else words
        utterance.corrected_by, utterance.corrected_at = (None, None) if undone else (actor, at)
        session.add(utterance)
        session.flush()
        new = _redrafted(session, draft, drafting) if drafting else {}
        change_draft(session, draft, at, version=draft.version + 1, claimed_until=prolonged(draft, at, lease), **new)
        announce(session, "utterance", index, draft.call_id)
        record(session, actor, "utterance_corrected", "draft", draft.id, at, index=index, version=draft.version)
        return utterance, draft


def _call_of(session: Session, draft: Draft) -> Call:
    return session.get_one(Call, draft.call_id)


def _heard(session: Session, draft: Draft) -> list[Heard]:
    heard, _ = heard_so_far(session, draft.call_id)
    return list(heard.values())


def _redrafted(session: Session, draft: Draft, drafting: Drafting) -> dict[str, Any]:
    return proposal(drafting, _heard(session, draft), facts_of(_call_of(session, draft)), draft.fields)


def _utterance(session: Session, draft: Draft, index: int) -> Utterance:
    query = select(Utterance).where(Utterance.call_id == draft.call_id, Utterance.index == index)
    utterance = session.exec(query).first()
    if utterance is None:
        raise NotFound("utterance", "语句")
    return utterance

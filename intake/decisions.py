"""Decisions that one person may not make alone: asked by who holds the draft, made by another, each step logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from config.city import City
from intake.audit import record
from intake.draft_row import change_draft, held_draft, load_draft
from intake.errors import Conflict, Invalid, NotAllowed, NotFound
from intake.masking import mask_numbers_in
from models.changes import announce
from models.database import Database
from models.second_looks import Decision, DecisionState
from models.tables import Draft

LONGEST_WORDS = 500
KEPT_FOR = timedelta(days=1)
"How long the asker keeps the draft while a decision waits: the next shift has a supervisor too, who may take it over."
OTHERS: Final = {"operator": 0, "supervisor": 1, "after_handling": 1, "hearing": 1, "after_handling_two": 2}
"By who may decide a rule (`config/city/*/not_accept.toml`): how many people beside the operator must agree."


def others_needed(city: City, *, supervises: bool) -> dict[str, int]:
    """Return for each not-accept code how many others must agree before this person may confirm it."""
    needed = {rule.code: OTHERS.get(rule.decide, 1) for rule in city.not_accept}
    own = {rule.code for rule in city.not_accept if rule.decide == "supervisor"} if supervises else set()
    return {code: 0 if code in own else others for code, others in needed.items()}


def check_decided(session: Session, draft: Draft, others: Mapping[str, int]) -> None:
    """Refuse to confirm what others must agree to first; raises `NotAllowed`."""
    code = code_of(draft)
    if not others.get(code, 0):
        return
    agreed = select(Decision.id).where(
        Decision.draft_id == draft.id, Decision.code == code, Decision.state == DecisionState.APPROVED
    )
    if session.exec(agreed).first() is None:
        raise NotAllowed(
            f"{code} needs another person's decision: ask for it, or clear the field “Not accepted”.",
            f"{code} 须由他人决定：请先提请审批，或清空“不予受理”。",
        )


def code_of(draft: Draft) -> str:
    """Return the not-accept code that the draft proposes, or nothing."""
    value = (draft.fields.get("not_accept_code") or {}).get("value")
    return value if isinstance(value, str) else ""


def ask_decision(
    database: Database,
    draft_id: UUID,
    actor: str,
    version: int,
    reason: str,
    *,
    others: Mapping[str, int],
    at: datetime,
) -> Decision:
    """Ask for the decision that the draft's not-accept code needs, or a plain question where it needs none.

    The asker keeps the draft for a day. Raises `Conflict` (also when a question waits already), `Invalid`, `NotFound`.
    """
    said = _said(reason, "reason")
    with database.session() as session:
        draft = held_draft(session, draft_id, actor, version)
        if _waiting(session, draft.id) is not None:
            sentence, sentence_zh = "A decision on this draft waits already.", "此草稿已有待审批事项。"
            raise Conflict(sentence, sentence_zh, state=str(draft.state), version=draft.version, by=actor)
        needed = others.get(code_of(draft), 0)
        decision = Decision(
            draft_id=draft.id,
            code=code_of(draft) if needed else "",
            reason=said,
            asked_by=actor,
            asked_at=at,
            people_needed=max(1, needed),
        )
        session.add(decision)
        change_draft(session, draft, at, claimed_until=at + KEPT_FOR)
        masked = mask_numbers_in(said)
        record(session, actor, "decision_asked", "draft", draft.id, at, code=decision.code, words=masked)
        return decision


def decide(database: Database, decision_id: UUID, actor: str, *, agrees: bool, words: str, at: datetime) -> Decision:
    """Agree, or return it with a reason; where two must agree the first leaves it waiting for another.

    The asker and who has agreed already may not: `NotAllowed`. Raises `Conflict` when it is decided, `Invalid` when a
    refusal or an answer has no words, `NotFound`.
    """
    with database.session() as session:
        decision = session.get(Decision, decision_id)
        if decision is None:
            raise NotFound("decision", "审批事项")
        draft = load_draft(session, decision.draft_id)
        if actor in (decision.asked_by, decision.first_by):
            raise NotAllowed("Another person must decide this.", "须由其他人决定。")
        said = _said(words, "words") if not agrees or not decision.code else words.strip()[:LONGEST_WORDS]
        is_first = agrees and decision.people_needed > 1 and decision.first_by is None
        values = (
            {"first_by": actor}
            if is_first
            else {
                "state": DecisionState.APPROVED if agrees else DecisionState.RETURNED,
                "decided_by": actor,
                "decided_at": at,
                "words": said,
            }
        )
        _write(session, decision, values)
        announce(session, "draft", draft.id, draft.call_id)
        action = "decision_agreed_first" if is_first else "decision_agreed" if agrees else "decision_returned"
        record(session, actor, action, "draft", draft.id, at, code=decision.code, words=mask_numbers_in(said))
        return decision


def withdraw_decisions(session: Session, draft: Draft, actor: str, at: datetime) -> None:
    """Close what still waits on a draft that is being closed, in the caller's transaction."""
    waiting = (col(Decision.draft_id) == draft.id, col(Decision.state) == DecisionState.WAITING)
    values = {"state": DecisionState.WITHDRAWN, "decided_by": actor, "decided_at": at}
    session.execute(update(Decision).where(*waiting).values(**values))


def decisions_of(session: Session, draft_id: UUID) -> Sequence[Decision]:
    """Return a draft's decisions, the newest first."""
    query = select(Decision).where(Decision.draft_id == draft_id).order_by(col(Decision.id).desc())
    return session.exec(query).all()


def waiting_decisions(session: Session) -> int:
    """Return how many decisions wait."""
    return session.exec(select(func.count()).where(col(Decision.state) == DecisionState.WAITING)).one()


def _waiting(session: Session, draft_id: UUID) -> UUID | None:
    query = select(Decision.id).where(Decision.draft_id == draft_id, Decision.state == DecisionState.WAITING)
    return session.exec(query).first()


def _write(session: Session, decision: Decision, values: Mapping[str, object]) -> None:
    """Of two who decide at once one is first."""
    guard = (
        col(Decision.id) == decision.id,
        col(Decision.state) == DecisionState.WAITING,
        col(Decision.first_by).is_not_distinct_from(decision.first_by),
    )
    result = session.execute(
        update(Decision).where(*guard).values(**values), execution_options={"synchronize_session": False}
    )
    session.refresh(decision)
    if getattr(result, "rowcount", 0) != 1:
        by = decision.decided_by or decision.first_by
        who = by or "somebody", by or "他人"
        raise Conflict(
            f"{who[0]} has decided this.", f"{who[1]}已作出决定。", state=str(decision.state), version=0, by=by
        )


def _said(words: str, field: str) -> str:
    said = words.strip()
    if not said or len(said) > LONGEST_WORDS:
        raise Invalid(
            field, f"Write 1 to {LONGEST_WORDS} characters of reason.", f"请填写 1 到 {LONGEST_WORDS} 字的理由。"
        )
    return said

"""What a supervisor decides beside the operator, and what a draft's page tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Form, Query, Response
from sqlmodel import Session, col, select

from config.city import load_city
from config.city_records import NotAccept
from intake import decisions
from intake.errors import IntakeError
from intake_api.console.claiming import too_late
from intake_api.console.draft_list import value_of
from intake_api.console.page import OperatorPage, Page, SupervisorPage
from intake_api.needs import DatabaseNeeded, Now, Reading
from intake_api.security.rights import Right
from models.second_looks import Decision, DecisionState, Review
from models.tables import Call, Draft

MOST_SHOWN: Final = 100
"More never wait in a shift; of the decided ones the newest."


@dataclass(frozen=True)
class Line:
    """A decision with its draft, the rule that is proposed, and the words that it rests on."""

    decision: Decision
    draft: Draft
    call: Call
    rule: NotAccept | None
    evidence: Sequence[str]
    may_decide: bool
    "Whether this reader is neither the asker nor the first of two."

    @property
    def title(self) -> str:
        """What the draft is about."""
        return value_of(self.draft, "title") or value_of(self.draft, "content") or self.draft.last_words


def show_decisions(
    page: SupervisorPage, db: Reading, state: Annotated[Literal["waiting", "decided"], Query()] = "waiting"
) -> Response:
    """Show what waits for a second person, the oldest first; or what was decided, the latest first."""
    query = select(Decision, Draft, Call).where(Draft.id == Decision.draft_id, Call.id == Draft.call_id)
    if state == "waiting":
        query = query.where(Decision.state == DecisionState.WAITING).order_by(col(Decision.id))
    else:
        query = query.where(Decision.state != DecisionState.WAITING).order_by(col(Decision.id).desc())
    lines = [as_line(page, *row) for row in db.exec(query.limit(MOST_SHOWN))]
    return page.show("decisions.html", here="decisions", lines=lines, state=state)


def as_line(page: Page, decision: Decision, draft: Draft, call: Call) -> Line:
    """Return what the list shows of a decision."""
    city = load_city(page.service.settings.city)
    rule = next((rule for rule in city.not_accept if rule.code == decision.code), None)
    evidence = [part["text"] for part in (draft.fields.get("not_accept_code") or {}).get("evidence") or []]
    others = page.actor.name not in (decision.asked_by, decision.first_by)
    return Line(decision, draft, call, rule, evidence, others and decision.state == DecisionState.WAITING)


def ask(
    page: OperatorPage,
    database: DatabaseNeeded,
    now: Now,
    draft_id: UUID,
    version: Annotated[int, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Ask a supervisor; the draft stays with the asker."""
    others = page.service.others_needed(page.actor)
    try:
        decisions.ask_decision(database, draft_id, page.actor.name, version, reason, others=others, at=now)
    except IntakeError as refused:
        return too_late(page, draft_id, refused)
    return page.go(f"/drafts/{draft_id}", "asked")


def decide(
    page: SupervisorPage,
    database: DatabaseNeeded,
    now: Now,
    decision_id: UUID,
    answer: Annotated[Literal["agree", "return"], Form()],
    words: Annotated[str, Form()] = "",
) -> Response:
    """Agree, or return it with a reason."""
    try:
        made = decisions.decide(database, decision_id, page.actor.name, agrees=answer == "agree", words=words, at=now)
    except IntakeError as refused:
        return page.go("/decisions", "too_late", refused.sentence_zh if page.language == "zh" else refused.sentence)
    return page.go("/decisions", "agreed_first" if made.state == DecisionState.WAITING else "decided")


def of_draft(page: Page, db: Session, draft: Draft) -> dict[str, Any]:
    """Return what the draft's page tells: its decisions, and for a supervisor the review that it was drawn for."""
    review = None
    if page.actor.may(Right.SUPERVISE):
        review = db.exec(select(Review).where(Review.draft_id == draft.id)).first()
    needs = page.service.others_needed(page.actor).get(decisions.code_of(draft), 0)
    return {"decisions": decisions.decisions_of(db, draft.id), "review": review, "needs_others": needs}

"""Taking a draft to work on it, keeping it, giving it back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from fastapi.responses import JSONResponse

from intake import claiming
from intake.errors import Conflict, IntakeError, Invalid
from intake_api.console.page import OperatorPage, Page
from intake_api.needs import DatabaseNeeded, Now
from intake_api.security.rights import Right


def claim(
    page: OperatorPage, database: DatabaseNeeded, now: Now, draft_id: UUID, take_over: Annotated[str, Form()] = ""
) -> Response:
    """Take the draft; who comes second is told who has it."""
    may_take_over = bool(take_over) and page.actor.may(Right.SUPERVISE)
    try:
        claiming.claim_draft(
            database, draft_id, page.actor.name, at=now, lease=page.service.lease, take_over=may_take_over
        )
    except Conflict as refused:
        return too_late(page, draft_id, refused)
    return page.go(f"/drafts/{draft_id}")


def renew(page: OperatorPage, database: DatabaseNeeded, now: Now, draft_id: UUID) -> Response:
    """Keep the draft: an open page says so while a person is at it."""
    try:
        claiming.renew_claim(database, draft_id, page.actor.name, at=now, lease=page.service.lease)
    except Conflict as refused:
        sentence = refused.sentence_zh if page.language == "zh" else refused.sentence
        return JSONResponse({"sentence": sentence, "state": refused.state, "by": refused.by}, 409)
    return Response(status_code=204)


def release(page: OperatorPage, database: DatabaseNeeded, now: Now, draft_id: UUID) -> Response:
    """Give the draft back; what was saved stays in it."""
    try:
        claiming.release_draft(database, draft_id, page.actor.name, at=now)
    except Conflict as refused:
        return too_late(page, draft_id, refused)
    return page.go("/", "released")


def hand_over(
    page: OperatorPage,
    database: DatabaseNeeded,
    now: Now,
    draft_id: UUID,
    to: Annotated[str, Form()],
    words: Annotated[str, Form()] = "",
) -> Response:
    """Give the draft to a colleague, or to a supervisor with a question."""
    try:
        claiming.hand_over_draft(database, draft_id, page.actor.name, to, words, at=now, lease=page.service.lease)
    except (Conflict, Invalid) as refused:
        return too_late(page, draft_id, refused)
    return page.go("/", "handed_over", to)


def too_late(page: Page, draft_id: UUID, refused: IntakeError) -> Response:
    """Lead back to the draft, which shows who won."""
    sentence = refused.sentence_zh if page.language == "zh" else refused.sentence
    return page.go(f"/drafts/{draft_id}", "too_late", sentence)

"""A draft's end: confirmed as a ticket, or discarded with a reason; a supervisor may reopen it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Form, Response

from intake import confirming, setting_aside
from intake.errors import Conflict, IntakeError
from intake_api.console.claiming import too_late
from intake_api.console.page import OperatorPage, Page, SupervisorPage
from intake_api.needs import DatabaseNeeded, Now


def confirm(
    page: OperatorPage, database: DatabaseNeeded, now: Now, draft_id: UUID, version: Annotated[int, Form()]
) -> Response:
    """Make the ticket and go back to the queue for the next."""
    zone = ZoneInfo(page.service.settings.time_zone)
    try:
        others = page.service.others_needed(page.actor)
        ticket, _ = confirming.confirm_draft(
            database, draft_id, page.actor.name, version, at=now, zone=zone, others=others
        )
    except Conflict as refused:
        return too_late(page, draft_id, refused)
    except IntakeError as refused:
        return not_done(page, draft_id, refused)
    return page.go("/", "confirmed", ticket.ticket_no)


def discard(
    page: OperatorPage,
    database: DatabaseNeeded,
    now: Now,
    draft_id: UUID,
    version: Annotated[int, Form()],
    reason: Annotated[str, Form()],
    words: Annotated[str, Form()] = "",
) -> Response:
    """Set the draft aside; `reason` is one of the list, and `other` needs words."""
    said = words.strip() if reason == "other" else f"{reason}: {words.strip()}" if words.strip() else reason
    try:
        setting_aside.discard_draft(database, draft_id, page.actor.name, version, said, at=now)
    except Conflict as refused:
        return too_late(page, draft_id, refused)
    except IntakeError as refused:
        return not_done(page, draft_id, refused)
    return page.go("/", "discarded")


def merge(
    page: OperatorPage,
    database: DatabaseNeeded,
    now: Now,
    draft_id: UUID,
    version: Annotated[int, Form()],
    into: Annotated[UUID, Form()],
) -> Response:
    """Say that the draft is the same matter as another; both calls are kept."""
    try:
        setting_aside.merge_draft(database, draft_id, page.actor.name, version, into, at=now)
    except Conflict as refused:
        return too_late(page, draft_id, refused)
    except IntakeError as refused:
        return not_done(page, draft_id, refused)
    return page.go("/", "merged")


def reopen(page: SupervisorPage, database: DatabaseNeeded, now: Now, draft_id: UUID) -> Response:
    """Put a discarded or merged draft back into the queue."""
    try:
        setting_aside.reopen_draft(database, draft_id, page.actor.name, at=now)
    except Conflict as refused:
        return too_late(page, draft_id, refused)
    return page.go(f"/drafts/{draft_id}", "reopened")


def not_done(page: Page, draft_id: UUID, refused: IntakeError) -> Response:
    """Lead back to the draft with the reason."""
    return page.go(
        f"/drafts/{draft_id}", "too_late", refused.sentence_zh if page.language == "zh" else refused.sentence
    )

"""What is typed, saved field by field; and words corrected in place."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from intake import editing
from intake.errors import Conflict, Invalid
from intake_api.console.draft import load, snapshot
from intake_api.console.field_forms import FORMS, read_value
from intake_api.console.page import OperatorPage, Page
from intake_api.needs import DatabaseNeeded, Now


class Changes(BaseModel):
    """Fields that were typed into, on top of the version that was shown."""

    version: int
    fields: dict[str, Any]


class Correction(BaseModel):
    """What was really said."""

    text: str
    version: int


def save_fields(page: OperatorPage, database: DatabaseNeeded, now: Now, draft_id: UUID, changes: Changes) -> Response:
    """Save; on a conflict nothing is, and the answer holds the draft as it is now so that the page can show both."""
    zone = ZoneInfo(page.service.settings.time_zone)
    values = {name: read_value(FORMS[name], value, zone) for name, value in changes.fields.items() if name in FORMS}
    try:
        draft = editing.edit_draft(
            database,
            draft_id,
            page.actor.name,
            changes.version,
            values,
            at=now,
            lease=page.service.lease,
            lists=page.service.lists,
        )
    except Conflict as refused:
        return conflict(page, database, draft_id, refused)
    except Invalid as refused:
        return invalid(page, refused)
    return JSONResponse(snapshot(page, draft))


def correct_words(
    page: OperatorPage, database: DatabaseNeeded, now: Now, draft_id: UUID, index: int, correction: Correction
) -> Response:
    """Save an utterance's true words; the draft is made anew from them."""
    try:
        _, draft = editing.correct_utterance(
            database,
            draft_id,
            index,
            correction.text,
            page.actor.name,
            at=now,
            version=correction.version,
            drafting=page.service.drafting,
            lease=page.service.lease,
        )
    except Conflict as refused:
        return conflict(page, database, draft_id, refused)
    except Invalid as refused:
        return invalid(page, refused)
    return JSONResponse(snapshot(page, draft))


def conflict(page: Page, database: DatabaseNeeded, draft_id: UUID, refused: Conflict) -> Response:
    """Answer 409 with the draft as it is now."""
    with database.reading() as db:
        draft, _ = load(db, draft_id)
    return JSONResponse(snapshot(page, draft, refused), 409)


def invalid(page: Page, refused: Invalid) -> Response:
    """Answer 422 with the field and a plain sentence."""
    sentence = refused.sentence_zh if page.language == "zh" else refused.sentence
    return JSONResponse({"field": refused.field, "sentence": sentence}, 422)

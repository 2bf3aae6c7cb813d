"""A caller's number in full: for a reason, and logged."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from intake import revealing
from intake.errors import Invalid
from intake_api.console.draft import load
from intake_api.console.editing import invalid
from intake_api.console.page import OperatorPage
from intake_api.needs import DatabaseNeeded, Now, Reading


class Wish(BaseModel):
    """Why the number is needed."""

    reason: str


def reveal(page: OperatorPage, database: DatabaseNeeded, db: Reading, now: Now, draft_id: UUID, wish: Wish) -> Response:
    """Return the draft's phone and the caller's number; they are in no page before."""
    draft, call = load(db, draft_id)
    try:
        revealing.reveal_number(database, call.id, page.actor.name, wish.reason, at=now)
    except Invalid as refused:
        return invalid(page, refused)
    phone = (draft.fields.get("phone") or {}).get("value") or ""
    return JSONResponse({"phone": phone, "caller_number": call.caller_number})

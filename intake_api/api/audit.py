"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlmodel import select

from intake_api.needs import Reading
from intake_api.security.actors import Supervising
from intake_api.wire.page import Cursor, Limit, Page, read_page
from models.tables import AuditEntry

router = APIRouter(prefix="/audit", tags=["audit"])

Filter = Annotated[str | None, Query(max_length=100)]


class AuditOut(BaseModel):
    """Who did what to which row, and when; never speech, numbers only masked."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@router.get("")
def list_audit(
    db: Reading,
    _actor: Supervising,
    actor: Filter = None,
    action: Filter = None,
    subject: Annotated[str | None, Query(max_length=100, examples=["draft:0199..."])] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditOut]:
    """What was done, the newest first."""
    query = select(AuditEntry)
    for column, value in ((AuditEntry.actor, actor), (AuditEntry.action, action), (AuditEntry.subject, subject)):
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    return read_page(db, query, AuditEntry.id, cursor, limit, AuditOut.model_validate)

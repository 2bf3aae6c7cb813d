"""Who did what, when and why; with filters in the address, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlmodel import col, select

from intake_api.console.export import csv_line
from intake_api.console.page import OptionalDay, Page, SupervisorPage
from intake_api.needs import DatabaseNeeded, Reading
from models.tables import AuditEntry

PAGE_ROWS: Final = 100
EXPORT_ROWS: Final = 100_000
"About a month of a city's acts; who needs more narrows the days."


class Filters(BaseModel):
    """What the address says about the list."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: OptionalDay = None
    until: OptionalDay = None
    before: int | None = None

    def query(self, **changes: object) -> str:
        """Return the address's query with changes."""
        values = self.model_dump() | {"before": None} | changes
        return "?" + urlencode({name: value for name, value in values.items() if value})


def show_audit(page: SupervisorPage, db: Reading, filters: Annotated[Filters, Query()]) -> Response:
    """Show what was done, the newest first."""
    rows = db.exec(asked(page, filters).limit(PAGE_ROWS + 1)).all()
    further = filters.query(before=rows[PAGE_ROWS - 1].id) if len(rows) > PAGE_ROWS else ""
    return page.show(
        "audit.html", here="audit", filters=filters, rows=rows[:PAGE_ROWS], further=further, details=details
    )


def export_audit(
    page: SupervisorPage, database: DatabaseNeeded, filters: Annotated[Filters, Query()]
) -> StreamingResponse:
    """Return the same rows as CSV."""
    query = asked(page, filters).limit(EXPORT_ROWS)

    def lines() -> Iterator[bytes]:
        yield "\ufeff".encode() + csv_line(["at", "actor", "action", "subject", "detail"])
        with database.reading() as db:
            for row in db.exec(query).yield_per(500):
                yield csv_line([row.at.isoformat(), row.actor, row.action, row.subject, details(row)])

    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(lines(), headers=headers, media_type="text/csv; charset=utf-8")


def asked(page: Page, filters: Filters) -> Any:
    """Return the query that the filters mean; days are the city's."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc())
    if filters.actor:
        query = query.where(AuditEntry.actor == filters.actor.strip())
    if filters.action:
        query = query.where(AuditEntry.action == filters.action.strip())
    if filters.subject:
        query = query.where(col(AuditEntry.subject).startswith(filters.subject.strip(), autoescape=True))
    zone = ZoneInfo(page.service.settings.time_zone)
    if filters.since:
        query = query.where(AuditEntry.at >= datetime.combine(filters.since, time(), zone))
    if filters.until:
        query = query.where(AuditEntry.at < datetime.combine(filters.until + timedelta(days=1), time(), zone))
    return query if filters.before is None else query.where(col(AuditEntry.id) < filters.before)


def details(row: AuditEntry) -> str:
    """Return an entry's particulars in one line."""
    told = {name: value for name, value in row.detail.items() if value not in ("", None)}
    return "; ".join(f"{name}: {', '.join(v) if isinstance(v, list) else v}" for name, v in told.items())

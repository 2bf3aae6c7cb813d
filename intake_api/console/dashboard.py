"""The supervisor's page of numbers, as tiles, drawings, tables and files."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from pydantic import BaseModel

from intake_api.console.dashboard_numbers import Period, Table, tables
from intake_api.console.export import csv_table, xlsx_tables
from intake_api.console.labels import label
from intake_api.console.page import OptionalDay, Page, SupervisorPage
from intake_api.needs import Now, Reading

LONGEST_DAYS: Final = 31
"A month of a city is 400,000 calls, read in some seconds; who needs more exports month by month."
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Days(BaseModel):
    """Which days, both included; today when none is named."""

    since: OptionalDay = None
    until: OptionalDay = None

    def period(self, zone: ZoneInfo, now: datetime) -> Period:
        """Return the moments between which these days lie, in the city's zone."""
        today = now.astimezone(zone).date()
        until = min(self.until or today, today)
        since = max(min(self.since or until, until), until - timedelta(days=LONGEST_DAYS - 1))
        return Period(datetime.combine(since, time(), zone), datetime.combine(until + timedelta(days=1), time(), zone))


def show_dashboard(page: SupervisorPage, db: Reading, now: Now, days: Annotated[Days, Query()]) -> Response:
    """Show the numbers of some days."""
    period = days.period(ZoneInfo(page.service.settings.time_zone), now)
    found = tables(db, period, now)
    return page.show(
        "dashboard.html",
        here="dashboard",
        figures={row[0]: row[1] for row in found[0].rows},
        tables=found[1:],
        since=period.since.date(),
        until=period.until.date() - timedelta(days=1),
        shown=lambda table, column, value: shown(page, table, column, value),
    )


def export_dashboard(
    page: SupervisorPage, db: Reading, now: Now, form: Literal["csv", "xlsx"], days: Annotated[Days, Query()]
) -> Response:
    """Return the same tables as a file."""
    period = days.period(ZoneInfo(page.service.settings.time_zone), now)
    sheets = [(page.say(table.title), worded(page, table)) for table in tables(db, period, now)]
    name = f"dashboard-{period.since.date()}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form == "xlsx":
        return Response(xlsx_tables(sheets), headers=headers, media_type=XLSX)
    rows = [row for title, sheet in sheets for row in ([title], *sheet, [])]
    return Response(csv_table(rows), headers=headers, media_type="text/csv; charset=utf-8")


def worded(page: Page, table: Table) -> list[list[Any]]:
    """Return a table's rows, head first, in the reader's language."""
    head: list[Any] = [page.say(column) for column in table.columns]
    return [head, *([shown(page, table, n, value) for n, value in enumerate(row)] for row in table.rows)]


def shown(page: Page, table: Table, column: int, value: Any) -> Any:
    """Return a cell: the first column in words, the others as they are."""
    if column == 0 and table.kind:
        return page.say(label(table.kind, value))
    return "" if value is None else value

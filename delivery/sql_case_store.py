"""`CaseStore` in a database of its own: SQLite beside ours by default, or the city's PostgreSQL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, Engine, MetaData, String, Table, Text, insert, select
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from delivery.case_store import StoreUnavailable, TicketRefused, TicketToDeliver
from models.engine import open_engine
from models.tables import Moment

log = logging.getLogger(__name__)

METADATA = MetaData()
FLAT = ("type", "category_level_1", "category_level_2", "title", "content", "county", "town", "address_text")
"Fields that the city's own programs read as columns; everything is in `body`."

CASE = Table(
    "hotline_case",
    METADATA,
    Column("case_id", String(40), primary_key=True),
    Column("ticket_id", String(36), nullable=False, unique=True),
    Column("ticket_no", String(40), nullable=False, unique=True),
    Column("status", String(40), nullable=False),
    Column("received_at", Moment(), nullable=False, index=True),
    Column("urgency", String(40)),
    Column("lead_unit", Text),
    Column("deadline_at", String(40)),
    *(Column(name, Text) for name in FLAT),
    Column("body", JSON, nullable=False),
)


class SqlCaseStore:
    """One row a case; `ticket_id` is unique, so a second submission finds the first one's row."""

    def __init__(self, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = open_engine(url)
        self._clock = clock
        self._ready = False
        self._preparing = threading.Lock()

    def submit(self, ticket: TicketToDeliver) -> str:
        """Add the case, or return the one that the ticket has become already."""
        try:
            self._prepare()
            return self._case_of(ticket.ticket_id) or self._add(ticket)
        except IntegrityError:
            return self._added_meanwhile(ticket)
        except DataError as error:
            raise TicketRefused(f"the database cannot hold the ticket: {type(error.orig).__name__}") from error
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"the case database is away: {type(error).__name__}") from error

    def case(self, case_id: str) -> Mapping[str, Any] | None:
        """Return the case's row, `body` being the ticket as it was submitted; None when there is none."""
        try:
            self._prepare()
            with self._reader() as connection:
                row = connection.execute(select(CASE).where(CASE.c.case_id == case_id)).mappings().first()
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"the case database is away: {type(error).__name__}") from error
        if row is None:
            return None
        return {**row, "received_at": row["received_at"].isoformat()}

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """Create the table at first use: the store may have been away when we started."""
        with self._preparing:
            if not self._ready:
                create_tables(self._engine)
                self._ready = True

    def _reader(self) -> Any:
        return self._engine.execution_options(reading=True).connect()

    def _case_of(self, ticket_id: str) -> str | None:
        with self._reader() as connection:
            found: str | None = connection.scalar(select(CASE.c.case_id).where(CASE.c.ticket_id == ticket_id))
            return found

    def _add(self, ticket: TicketToDeliver) -> str:
        fields = ticket.body.get("fields", {})
        case_id = f"C{ticket.ticket_no}"
        with self._engine.begin() as connection:
            connection.execute(
                insert(CASE).values(
                    case_id=case_id,
                    ticket_id=ticket.ticket_id,
                    ticket_no=ticket.ticket_no,
                    status="open",
                    received_at=self._clock(),
                    body=dict(ticket.body),
                    **{name: fields.get(name) for name in (*FLAT, "urgency", "lead_unit", "deadline_at")},
                )
            )
        return case_id

    def _added_meanwhile(self, ticket: TicketToDeliver) -> str:
        """Another dispatcher was first with the same ticket, or another ticket has its number."""
        case_id = self._case_of(ticket.ticket_id)
        if case_id is None:
            raise TicketRefused(f"another ticket has the number {ticket.ticket_no} in this store")
        return case_id


def create_tables(engine: Engine) -> None:
    """Create what is missing; of several processes that do so at once, the losers find it made."""
    try:
        METADATA.create_all(engine)
    except SQLAlchemyError:
        METADATA.create_all(engine)

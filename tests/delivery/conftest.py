"""Tickets to deliver, and each kind of case store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from delivery.case_store import CaseStore, TicketToDeliver
from delivery.open311_case_store import Open311CaseStore
from delivery.sql_case_store import SqlCaseStore
from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake.ingest_folder import ingest_folder
from models.database import Database
from models.tables import Draft, Ticket
from tests.delivery.open311_server import Open311Server
from tests.spool_calls import NOON, PLAIN, SpokenCall


@pytest.fixture
def open311() -> Iterator[Open311Server]:
    """A GeoReport server."""
    server = Open311Server()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres), "open311"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseStore]:
    """Every implementation of the seam in turn."""
    made: CaseStore
    if request.param == "open311":
        made = Open311CaseStore(request.getfixturevalue("open311").url, "key", timeout_seconds=2)
    elif request.param == "sqlite":
        made = SqlCaseStore(f"sqlite:///{tmp_path}/cases.sqlite3")
    else:
        made = SqlCaseStore(request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture
def make_ticket() -> Callable[..., TicketToDeliver]:
    """Return a function that makes a ticket that needs no database."""

    def make(number: str = "2611234320000001", **fields: object) -> TicketToDeliver:
        given = {"title": "路灯坏了", "content": "路灯坏了三天", "town": "金雀山街道", "wants_reply": True, **fields}
        body = {"ticket_no": number, "call_id": "c", "confirmed_at": NOON.isoformat(), "confirmed_by": "li"}
        return TicketToDeliver(str(uuid4()), number, {**body, "fields": given, "transcript": []})

    return make


@pytest.fixture
def confirmed(database: Database, tmp_path: Path) -> Callable[[], Ticket]:
    """Return a function that brings a call all the way to a confirmed ticket."""

    def make() -> Ticket:
        call = SpokenCall(tmp_path / "spool").whole("路灯坏了")
        ingest_folder(database, call.folder, PLAIN, at=NOON)
        with database.reading() as session:
            draft = session.exec(select(Draft).where(Draft.call_id == call.id)).one()
        claim_draft(database, draft.id, "li", at=NOON)
        return confirm_draft(database, draft.id, "li", draft.version, at=NOON)[0]

    return make

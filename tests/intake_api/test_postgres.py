"""The same API on PostgreSQL: the way of a draft, sign-in counters, live changes; and a server that goes away."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from config.settings import Settings
from intake_api.app import create_app
from intake_api.change_feed import events_after, newest_id
from intake_api.security.guard import Locked, count_attempt, forgive, watched
from models.database import open_database
from tests.database_fixtures import PostgresServer, create_postgres_database
from tests.intake_api.conftest import NOON, add_call, add_draft, bearer

pytestmark = pytest.mark.postgres


@pytest.fixture
def on_postgres(postgres_home: object, postgres_template: str, tmp_path: Path) -> Settings:
    """Settings over a migrated PostgreSQL database."""
    url = create_postgres_database(postgres_home, postgres_template)  # type: ignore[arg-type]
    return Settings.model_validate({"data_dir": tmp_path, "database": {"url": url}})


def test_a_draft_becomes_a_ticket(on_postgres: Settings) -> None:
    database = open_database(on_postgres.database_url)
    draft = add_draft(database, add_call(database), search_text="路灯不亮")
    before = newest_id(database)
    headers = bearer(database, "operate")
    with TestClient(create_app(on_postgres), headers=headers) as client:
        at = f"/api/v1/drafts/{draft.id}"
        assert client.get("/api/v1/drafts", params={"q": "路灯", "state": "ready"}).json()["items"]
        assert client.post(f"{at}/claim").status_code == 200
        assert client.patch(at, json={"version": 1, "fields": {"county": "兰山区"}}).json()["version"] == 2
        assert client.patch(at, json={"version": 1, "fields": {"county": "兰山区"}}).status_code == 409
        ticket = client.post(f"{at}/confirm", json={"version": 2}).json()
        assert client.get("/api/v1/tickets").json()["items"] == [ticket]
        assert client.get("/api/v1/audit", headers=bearer(database, "admin")).json()["items"]
    events = events_after(database, before)
    assert events
    assert {event.kind for event in events} == {"draft", "ticket"}
    database.dispose()


def test_guessing_is_counted(on_postgres: Settings) -> None:
    database = open_database(on_postgres.database_url)
    counters = watched("li", "203.0.113.7", None)
    for _ in range(5):
        with database.session() as db:
            count_attempt(db, counters, NOON)
    with pytest.raises(Locked), database.session() as db:
        count_attempt(db, counters, NOON)
    with database.session() as db:
        forgive(db, counters, NOON)
    with database.session() as db:
        count_attempt(db, counters, NOON)
    database.dispose()


def test_a_server_that_stops_is_503_and_one_that_is_back_is_found(
    on_postgres: Settings, postgres_server: PostgresServer
) -> None:
    database = open_database(on_postgres.database_url)
    headers = bearer(database, "read")
    with TestClient(create_app(on_postgres), headers=headers, raise_server_exceptions=False) as client:
        assert client.get("/api/v1/drafts").status_code == 200
        postgres_server.stop()
        try:
            away = client.get("/api/v1/drafts")
            assert (away.status_code, away.headers["retry-after"]) == (503, "5")
            assert "The database is away" in client.get("/readyz").text
        finally:
            postgres_server.start()
        assert client.get("/api/v1/drafts").status_code == 200
    database.dispose()

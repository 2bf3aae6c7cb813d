"""A migrated database for each test, copied from one that is migrated once, and the application over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from config.settings import Settings
from intake_api.app import create_app
from intake_api.security.api_tokens import create_token
from intake_api.security.rights import Scope
from models.database import Database, open_database
from models.migration import migrate
from models.tables import Call, Draft, Utterance

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated database."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings over an empty data folder."""
    return Settings(data_dir=tmp_path)


@pytest.fixture
def database(empty_database: Path, settings: Settings) -> Iterator[Database]:
    """An empty database of the test's own."""
    shutil.copy(empty_database, settings.data_dir / "hotline.sqlite3")
    database = open_database(settings.database_url)
    yield database
    database.dispose()


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock) -> FastAPI:
    return create_app(settings, clock=clock)


@pytest.fixture
def nobody(app: FastAPI) -> Iterator[TestClient]:
    """A client without any credentials."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def bearer(database: Database, scope: str, name: str = "") -> dict[str, str]:
    """Return the header of a new token."""
    _, secret = create_token(database, Scope(scope), name, "test", NOON)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def client(nobody: TestClient, database: Database) -> TestClient:
    """A client with a token that may operate."""
    nobody.headers.update(bearer(database, "operate", "desk"))
    return nobody


PHONE = {"value": "13800001234", "confidence": 0.9, "source": "caller_id", "evidence": [], "candidates": []}


def add_call(database: Database, **values: Any) -> Call:
    """Add a call that has ended, with one utterance."""
    call = Call(**{"sip_call_id": "a1@example", "caller_number": "13800001234", "state": "ended", **values})
    words = [{"word": "路灯", "start": 1.0, "end": 1.4, "confidence": 0.9}]
    with database.session() as db:
        db.add(call)
        db.flush()
        db.add(
            Utterance(
                call_id=call.id, index=0, start_time=1.0, end_time=2.0, text="路灯不亮", confidence=0.9, words=words
            )
        )
    return call


def add_draft(database: Database, call: Call, **values: Any) -> Draft:
    """Add a draft that is ready."""
    title = {"value": "路灯不亮", "confidence": 0.8, "source": "heard", "candidates": []}
    title["evidence"] = [{"utterance": 0, "start": 0, "end": 4, "text": "路灯不亮"}]
    draft = Draft(**{"call_id": call.id, "state": "ready", "fields": {"title": title, "phone": PHONE}, **values})
    with database.session() as db:
        db.add(draft)
    return draft

"""A spool, and drafts in the states that verbs meet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from intake.ingest_folder import ingest_folder
from models.database import Database
from models.tables import Draft
from tests.spool_calls import NOON, PLAIN, SpokenCall


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """An empty spool."""
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


def draft_of(database: Database, call_id: UUID) -> Draft:
    with database.reading() as session:
        return session.exec(select(Draft).where(Draft.call_id == call_id)).one()


@pytest.fixture
def ready_draft(database: Database, spool: Path) -> Callable[..., Draft]:
    """Return a function that makes a READY draft of a call with some words."""

    def make(*texts: str, caller: str = "13800001234") -> Draft:
        call = SpokenCall(spool, caller).whole(*(texts or ("路灯坏了",)))
        ingest_folder(database, call.folder, PLAIN, at=NOON)
        return draft_of(database, call.id)

    return make

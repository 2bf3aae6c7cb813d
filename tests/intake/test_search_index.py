"""Search finds the same drafts with the index as by reading everything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import select

from config.sections import StorageSettings
from intake.blob_store import LocalBlobStore
from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake.housekeeping import House, run
from intake.search_index import contains_all, index_older, matching, pairs
from intake.setting_aside import discard_draft
from models.database import Database
from models.searching import DraftGram, SearchedDraft
from models.tables import Draft
from tests.spool_calls import NOON

MakeDraft = Callable[..., Draft]


def test_pairs_are_of_neighbours_in_a_word() -> None:
    assert pairs("银雀山 ok\n街") == {"银雀", "雀山", "ok"}


@pytest.fixture
def drafts(database: Database, ready_draft: MakeDraft) -> Database:
    """Confirmed, discarded and waiting drafts."""
    for number, text in enumerate(("银雀山街道的路灯坏了", "解放路 停水", "银行的雀巢山泉", "河东区的路灯不亮")):
        draft = ready_draft(text, caller=f"1380000123{number}")
        if number == 3:
            break
        claim_draft(database, draft.id, "li", at=NOON)
        if number == 1:
            discard_draft(database, draft.id, "li", draft.version, "test", at=NOON)
        else:
            confirm_draft(database, draft.id, "li", draft.version, at=NOON)
    return database


@pytest.mark.parametrize("text", ["银雀山", "路灯", "路", "停水 解放", "13800001230", "没有这个", "银 山", "9%", "灯_"])
@pytest.mark.parametrize("most", [1, 1_500])
def test_the_index_finds_what_reading_finds(drafts: Database, text: str, most: int) -> None:
    with drafts.reading() as session:
        condition = matching(session, text, most)
        assert condition is not None
        found = set(session.exec(select(Draft.id).where(condition)))
        assert found == set(session.exec(select(Draft.id).where(contains_all(text.split()))))


def test_no_words_ask_for_nothing(database: Database) -> None:
    with database.reading() as session:
        assert matching(session, "  ") is None


def test_drafts_closed_before_the_index_was_there_are_added(drafts: Database) -> None:
    with drafts.session() as session:
        session.execute(delete(DraftGram))
        session.execute(delete(SearchedDraft))
    assert index_older(drafts) == 3
    assert index_older(drafts) == 0
    with drafts.reading() as session:
        condition = matching(session, "雀巢")
        assert condition is not None
        assert len(session.exec(select(Draft.id).where(condition)).all()) == 1


def test_housekeeping_adds_them_by_itself(drafts: Database, tmp_path: Path) -> None:
    with drafts.session() as session:
        session.execute(delete(DraftGram))
        session.execute(delete(SearchedDraft))
    store = LocalBlobStore(tmp_path / "recordings")
    house = House(drafts, tmp_path / "no-spool", store, StorageSettings(), lambda: NOON)
    stop = StopAfterOneRound()
    run(house, stop)
    with drafts.reading() as session:
        assert len(session.exec(select(SearchedDraft)).all()) == 3


class StopAfterOneRound(threading.Event):
    """Is set as soon as somebody waits for it."""

    def wait(self, timeout: float | None = None) -> bool:
        """Set it instead of waiting."""
        self.set()
        return True

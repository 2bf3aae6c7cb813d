"""Transactions, the change feed, and what a file or server that is away looks like."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from models.changes import announce
from models.database import DATABASE_AWAY, Database, open_database
from models.tables import Change, Operator


def operator(name: str) -> Operator:
    return Operator(name=name, role="operator", password_hash="-")


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.exec(select(Operator.name)))


def test_a_transaction_is_committed_at_its_end(database: Database) -> None:
    with database.session() as session:
        session.add(operator("li"))
    assert names(database) == ["li"]


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    told: list[bool] = []
    database.on_change = lambda: told.append(True)
    with pytest.raises(ZeroDivisionError), database.session() as session:  # noqa: PT012
        session.add(operator("li"))
        announce(session, "draft", 1)
        raise ZeroDivisionError
    assert names(database) == []
    assert told == []


def test_times_come_back_with_their_zone(database: Database) -> None:
    made = datetime(2026, 11, 23, 9, tzinfo=UTC)
    with database.session() as session:
        session.add(Operator(name="li", role="operator", password_hash="-", created_at=made))
    with database.reading() as session:
        assert session.exec(select(Operator.created_at)).one() == made


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="a time needs a zone"), database.session() as session:
        session.add(Operator(name="li", role="operator", password_hash="-", created_at=datetime(2026, 11, 23)))  # noqa: DTZ001


def test_changes_are_told_once_committed(database: Database) -> None:
    seen: list[int] = []

    def look() -> None:
        with database.reading() as session:
            seen.append(len(session.exec(select(Change)).all()))

    database.on_change = look
    with database.session() as session:
        announce(session, "draft", 1)
        announce(session, "draft", 1)
        announce(session, "call", 1)
    with database.session() as session:
        session.add(operator("li"))
    assert seen == [2]


def test_change_ids_appear_in_order(database: Database) -> None:
    """A follower that reads `id > last` after every commit misses nothing, however many write at once."""
    writers, each = 8, 25
    seen: list[int] = []
    done = threading.Event()

    def write() -> None:
        for _ in range(each):
            with database.session() as session:
                announce(session, "draft", 1)

    def follow() -> None:
        last = 0
        while True:
            ending = done.is_set()
            with database.reading() as session:
                new = list(session.exec(select(Change.id).where(col(Change.id) > last).order_by(col(Change.id))))
            seen.extend(filter(None, new))
            last = seen[-1] if seen else 0
            if ending:
                return

    threads = [threading.Thread(target=write) for _ in range(writers)]
    follower = threading.Thread(target=follow)
    for thread in [follower, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    follower.join()
    assert len(seen) == writers * each


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.session() as session:
        session.add(operator("li"))
        session.flush()
        assert names(database) == []


def test_a_sqlite_file_is_for_its_owner_only(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new/hotline.sqlite3")
    with database.session() as session:
        session.execute(text("CREATE TABLE t (a INTEGER)"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_sqlite_is_durable_and_checks_references(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/hotline.sqlite3")
    with database.reading() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_a_server_that_is_not_there_is_away(tmp_path: Path) -> None:
    database = open_database(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(DATABASE_AWAY):
        names(database)


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"SQLite needs a file|begins with"):
        open_database(url)

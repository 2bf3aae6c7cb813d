"""Engines for SQLite and PostgreSQL: how their connections are opened and their transactions begin."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

LOCK_MILLISECONDS = 5_000
"How long a writer waits for another: our longest transaction takes some 10 ms, so only a hung process is met."
CONNECT_SECONDS = 3
"A database that is away is said to be away well before a browser or a health check gives up."


def open_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///PATH` or `postgresql://...`; raises `ValueError` for any other."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _postgres_engine(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError("a database URL begins with sqlite:/// or postgresql://")


_to_json = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def _sqlite_engine(url: URL) -> Engine:
    if url.database is None or url.database == ":memory:":
        raise ValueError("SQLite needs a file: several processes share it")
    create_private_file(Path(url.database))
    engine = create_engine(
        url,
        json_serializer=_to_json,
        json_deserializer=from_json,
        pool_size=10,
        max_overflow=30,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def create_private_file(path: Path) -> None:
    """Create the file for the service's own account only, as it will hold personal data; WAL files take its mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions by itself, and deferred
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {LOCK_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # A confirmed ticket survives not only kill -9 (NORMAL would do) but loss of power: one fsync a commit, 0.3 ms on
    # an SSD, and a city confirms about one ticket in five seconds.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock now and waits for it; a deferred transaction that turns to writing may not wait
    # and fails with "database is locked" at once.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _postgres_engine(url: URL) -> Engine:
    options = f"-c timezone=UTC -c lock_timeout={LOCK_MILLISECONDS} -c idle_in_transaction_session_timeout=60000"
    return create_engine(
        url,
        json_serializer=_to_json,
        json_deserializer=from_json,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        pool_timeout=CONNECT_SECONDS,
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options, "application_name": "hotline"},
    )

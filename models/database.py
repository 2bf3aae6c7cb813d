"""The database: SQLite beside the spool, or PostgreSQL; the same tables, the same verbs, the same tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlmodel import Session

from models.changes import write_changes
from models.engine import open_engine
from models.migration import DatabaseTooNew, migrate

__all__ = ["DATABASE_AWAY", "Database", "DatabaseTooNew", "migrate", "open_database"]

DATABASE_AWAY = (OperationalError, InterfaceError, PoolExhausted)
"What is raised while the database is stopped, starting, full or overrun: worth trying again."

Hook = Callable[[], None]


class Database:
    """An engine and how its transactions begin and end; safe to share between threads."""

    def __init__(self, engine: Engine, on_change: Hook | None = None) -> None:
        self.engine = engine
        self.on_change = on_change
        "Called after every commit that changed a row consoles follow; wired to `bus.publish('changes', {})`."
        self._reader = engine.execution_options(reading=True)

    @property
    def is_postgres(self) -> bool:
        """Whether this is PostgreSQL rather than SQLite."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction that may write: committed at the end, rolled back when anything is raised."""
        with Session(self.engine, expire_on_commit=False) as session:  # closing rolls back what was not committed
            yield session
            changed = write_changes(session)
            session.commit()
        if changed and self.on_change:
            self.on_change()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that only reads: on SQLite it neither waits for writers nor delays them."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def dispose(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def open_database(url: str, on_change: Hook | None = None) -> Database:
    """Return the database of an SQLAlchemy URL; connects at the first use, so that it may be away."""
    return Database(open_engine(url), on_change)

"""Brings a database's tables to this program's version; only one of several starting processes does the work."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from models.engine import open_engine

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 12345_02
"Our key among PostgreSQL's advisory locks."
LONGEST_WAIT_MILLISECONDS = 120_000
"A second process waits for the first one's migration, which may have to rewrite a large table."


class DatabaseTooNew(Exception):
    """The database was migrated by a later version of this program."""


def head_revision() -> str:
    """Return the newest revision's number, read from the file names: importing Alembic takes longer than the rest of
    an up-to-date start."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def migrate(url: str) -> bool:
    """Create or upgrade the tables; return whether anything was done. Raises `DatabaseTooNew`."""
    engine = open_engine(url)
    try:
        with engine.execution_options(reading=True).connect() as connection:
            if is_current(connection):
                return False
        return _upgrade(engine)
    finally:
        engine.dispose()


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this program; raises `DatabaseTooNew`."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision > head_revision():
        raise DatabaseTooNew(f"the database is at version {revision}, this program knows up to {head_revision()}")
    return bool(revision == head_revision())


def _upgrade(engine: Engine) -> bool:
    from alembic import command

    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.cursor().execute(f"PRAGMA busy_timeout = {LONGEST_WAIT_MILLISECONDS}")
        with connection.begin():  # on SQLite this is the lock: BEGIN IMMEDIATE
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = {LONGEST_WAIT_MILLISECONDS}"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            if is_current(connection):
                return False
            command.upgrade(alembic_config(connection), "head")
    log.info("the database is now at version %s", head_revision())
    return True


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection whose transaction is ours."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

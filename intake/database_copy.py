"""A database as one file and back: SQLite by its online backup, PostgreSQL by its own `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from models.engine import create_private_file, open_engine

LONGEST_DUMP_SECONDS = 6 * 3600
PAGES_AT_ONCE = 2048
"8 MB between which writers go on."


class BackupFailed(Exception):
    """A plain sentence says what is in the way."""


def is_sqlite(url: str) -> bool:
    """Whether a URL names a file of SQLite's."""
    return make_url(url).get_backend_name() == "sqlite"


def copy_out(url: str, target: Path) -> None:
    """Write a consistent copy while the service goes on; raises `BackupFailed`."""
    if is_sqlite(url):
        _copy_sqlite(_file_of(url), target)
        return
    _run("pg_dump", make_url(url), "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def copy_in(url: str, source: Path) -> None:
    """Bring a copy back into a database that holds nothing yet; raises `BackupFailed`."""
    if not is_empty(url):
        raise BackupFailed("The database holds tables already: restore into an empty one.")
    if is_sqlite(url):
        create_private_file(_file_of(url))
        _copy_sqlite(source, _file_of(url))
        return
    name = str(make_url(url).database)
    only = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run("pg_restore", make_url(url), *only, f"--dbname={name}", str(source))


def is_empty(url: str) -> bool:
    """Whether a database has no tables; raises `BackupFailed` when it cannot be reached."""
    if is_sqlite(url) and not _file_of(url).exists():
        return True
    engine = open_engine(url)
    try:
        return not inspect(engine).get_table_names()
    except SQLAlchemyError as error:
        raise BackupFailed(f"The database cannot be reached: {type(error).__name__}.") from error
    finally:
        engine.dispose()


def _file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupFailed(f"There is no database at {source}.")
    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there, pages=PAGES_AT_ONCE)
    except sqlite3.Error as error:
        raise BackupFailed(f"The database could not be copied: {error}.") from error
    target.chmod(0o600)


def _run(program: str, url: URL, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupFailed(f"{program} is not installed (Debian: apt install postgresql-client).")
    done = subprocess.run(
        [path, *arguments],
        env={**os.environ, **_connection(url)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_DUMP_SECONDS,
    )
    if done.returncode:
        raise BackupFailed(f"{program} failed: {done.stderr.strip() or 'it gave no reason'}")


def _connection(url: URL) -> dict[str, str]:
    """Return libpq's environment: a command line can be read by everybody on the machine."""
    host, port = url.host or url.query.get("host"), url.port or url.query.get("port")
    values = {
        "PGHOST": host,
        "PGPORT": port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    return {name: str(value) for name, value in values.items() if value}

"""Databases for the tests, SQLite and PostgreSQL in turn.

The server: Debian's own programs, else `TEST_DATABASE_URL`, else a skip that says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, text

from models.database import Database, migrate, open_database
from models.engine import open_engine

ABSENT = "missing: PostgreSQL (apt install postgresql), or TEST_DATABASE_URL"


def postgres_programs() -> Path | None:
    """Return the folder of `initdb` and `pg_ctl`, the newest version's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    if debian:
        return debian[-1]
    found = shutil.which("pg_ctl")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """A server with a data folder of its own on a Unix socket; started, stopped and started again by tests."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # A Unix socket's path is short, and user postgres must reach it: not pytest's deep private folder.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._account = "postgres" if os.getuid() == 0 else None
        if self._account:
            shutil.chown(self.folder, self._account)
        self._run("initdb", "-D", self._data, "-U", "hotline", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=200 -c shared_buffers=32MB"
        self._run("pg_ctl", "-D", self._data, "-l", str(self.folder / "log"), "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop at once, connections in use or not."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        """Stop and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://hotline@/{database}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        # Its output goes to a file: a pipe would be kept open by the server and never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command, user=self._account, cwd="/", stdout=output, stderr=output, check=False, timeout=60
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"{program}: {output.read().decode(errors='replace')}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server of this test process; skips where there are no programs to start."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip(ABSENT)
    server = PostgresServer(programs)
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_home(request: pytest.FixtureRequest) -> URL:
    """A server where databases can be created: our own, or the one of `TEST_DATABASE_URL`."""
    if postgres_programs():
        return make_url(request.getfixturevalue("postgres_server").url())
    if "TEST_DATABASE_URL" in os.environ:
        return make_url(os.environ["TEST_DATABASE_URL"])
    pytest.skip(ABSENT)


def create_postgres_database(home: URL, template: str = "template0") -> str:
    """Create a database and return its URL."""
    name = f"test_{uuid.uuid4().hex}"
    engine = open_engine(home.render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return engine.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def postgres_url(postgres_home: URL) -> str:
    """The URL of an empty PostgreSQL database."""
    return create_postgres_database(postgres_home)


@pytest.fixture(scope="session")
def postgres_template(postgres_home: URL) -> str:
    """The name of a migrated database to copy from."""
    url = create_postgres_database(postgres_home)
    migrate(url)
    return str(make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy from."""
    path = tmp_path_factory.mktemp("template") / "hotline.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.sqlite3"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database, of each kind in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "hotline.sqlite3")
        return f"sqlite:///{tmp_path}/hotline.sqlite3"
    home: URL = request.getfixturevalue("postgres_home")
    return create_postgres_database(home, request.getfixturevalue("postgres_template"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, of each kind in turn."""
    opened = open_database(database_url)
    yield opened
    opened.dispose()

"""Migrations make exactly the tables that the program uses, once, whoever starts first."""

from __future__ import annotations

import subprocess
import sys
import time
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select

import models.matters
import models.searching
import models.second_looks
import models.tables  # noqa: F401
from models.database import open_database
from models.engine import open_engine
from models.migration import MIGRATIONS, DatabaseTooNew, alembic_config, head_revision, migrate
from models.tables import Operator


def test_migrations_make_the_tables_of_the_metadata(empty_url: str) -> None:
    assert migrate(empty_url)
    with open_engine(empty_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_newest_file_is_the_head() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [head_revision()]


def test_an_up_to_date_database_costs_next_to_nothing(empty_url: str) -> None:
    migrate(empty_url)
    began = time.perf_counter()
    assert not migrate(empty_url)
    assert time.perf_counter() - began < 0.1


def test_a_newer_database_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DatabaseTooNew, match="9999"):
        migrate(empty_url)


def test_of_several_starting_processes_one_migrates(empty_url: str) -> None:
    program = "import sys; from models.migration import migrate; print(migrate(sys.argv[1]))"
    starting = [
        subprocess.Popen([sys.executable, "-c", program, empty_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60) for process in starting]
    assert [error for _, error in said] == [b""] * 4
    assert sorted(answer.strip() for answer, _ in said) == [b"False", b"False", b"False", b"True"]


def test_names_that_differ_only_in_case_before_both_stay_and_no_third_comes(empty_url: str) -> None:
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
        for number, name in enumerate(("Alice", "ALICE", "李娜")):
            connection.execute(
                text(
                    "INSERT INTO operator (id, name, role, password_hash, language, active, created_at,"
                    " failed_sign_ins) VALUES (:id, :name, 'operator', '', 'zh', true, '2026-11-01 00:00:00+00', 3)"
                ),
                {"id": UUID(int=number + 1).hex, "name": name},
            )
    engine.dispose()
    assert migrate(empty_url)
    database = open_database(empty_url)
    with database.reading() as session:
        keys = [row.name_key for row in session.exec(select(Operator).order_by(col(Operator.id)))]
    assert keys == ["alice", f"alice#{UUID(int=2)}", "李娜"]
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(Operator(name="aLICE", role="operator", password_hash=""))
    database.dispose()

"""Operators come and change, and there is always an administrator."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from intake.errors import Conflict, Invalid, NotAllowed, NotFound
from intake.people import add_operator, all_operators, set_active, set_password, set_role
from models import tables
from models.database import Database
from models.tables import Operator
from tests.spool_calls import NOON


def add(database: Database, name: str, role: str = "operator") -> Operator:
    return add_operator(database, name, role, "hash", "test", at=NOON)


def sign_in(database: Database, operator: Operator) -> None:
    with database.session() as session:
        times = {"created_at": NOON, "seen_at": NOON, "expires_at": NOON + timedelta(hours=1)}
        session.add(tables.Session(token_hash=uuid4().hex, operator_id=operator.id, csrf_token="x", **times))


def sessions(database: Database) -> int:
    with database.reading() as session:
        return len(session.exec(select(tables.Session)).all())


def test_people_are_listed_by_name(database: Database) -> None:
    for name in ("wang", "li", "王芳"):
        add(database, name)
    assert [operator.name for operator in all_operators(database)] == ["li", "wang", "王芳"]


@pytest.mark.parametrize("name", ["", " ", "token:x", "a" * 51, "-x", "a\nb"])
def test_a_name_that_cannot_be_is_refused(database: Database, name: str) -> None:
    with pytest.raises(Invalid):
        add(database, name)


def test_a_name_is_given_once(database: Database) -> None:
    add(database, "li")
    with pytest.raises(Conflict, match="already"):
        add(database, "li")


def test_a_role_that_is_none_is_refused(database: Database) -> None:
    with pytest.raises(Invalid):
        add(database, "li", "king")


def test_a_new_password_ends_every_session(database: Database) -> None:
    operator = add(database, "li")
    sign_in(database, operator)
    assert set_password(database, operator.id, "new", "sun", at=NOON).password_hash == "new"
    assert sessions(database) == 0


def test_a_person_kept_out_is_signed_out(database: Database) -> None:
    operator = add(database, "li")
    sign_in(database, operator)
    assert not set_active(database, operator.id, False, "sun", at=NOON).active
    assert sessions(database) == 0
    assert set_active(database, operator.id, True, "sun", at=NOON).active


def test_the_last_administrator_stays(database: Database) -> None:
    first = add(database, "sun", "admin")
    with pytest.raises(NotAllowed):
        set_role(database, first.id, "operator", "sun", at=NOON)
    with pytest.raises(NotAllowed):
        set_active(database, first.id, False, "sun", at=NOON)
    add(database, "li", "admin")
    assert set_role(database, first.id, "operator", "li", at=NOON).role == "operator"


def test_nobody_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        set_role(database, uuid4(), "operator", "li", at=NOON)


def test_a_name_is_taken_in_whatever_case(database: Database) -> None:
    add(database, "Alice")
    with pytest.raises(Conflict, match="ALICE"):
        add(database, "ALICE")

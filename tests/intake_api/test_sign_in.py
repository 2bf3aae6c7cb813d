"""Signing in, sessions that end at once, and the first sign-in link."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import update
from sqlmodel import select

from intake_api.security import web_session
from intake_api.security.guard import Locked
from intake_api.security.opaque import hash_secret
from intake_api.security.passwords import Passwords, PasswordUnfit, check_fit
from intake_api.security.sign_in import Attempt, WrongPassword, sign_in
from intake_api.security.sign_in_link import LinkSpent, link_is_good, new_link, use_link
from models import tables
from models.database import Database
from models.tables import AuditEntry, Operator
from tests.intake_api.conftest import NOON

T = TypeVar("T")
SHIFT = timedelta(hours=12)
PASSWORD = "correct horse"
HERE = "192.0.2.1"


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


@pytest.fixture(scope="module")
def password_hash(passwords: Passwords) -> str:
    return passwords.hash(PASSWORD)


@pytest.fixture(autouse=True)
def li(database: Database, password_hash: str) -> Operator:
    operator = Operator(name="li", role="operator", password_hash=password_hash)
    with database.session() as db:
        db.add(operator)
    return operator


def rows(database: Database, table: type[T]) -> list[T]:
    with database.reading() as db:
        return list(db.exec(select(table)).all())


def test_the_right_password_opens_a_session_of_which_only_a_hash_is_kept(
    database: Database, passwords: Passwords
) -> None:
    cookies = sign_in(database, passwords, Attempt("li", PASSWORD, HERE), NOON, SHIFT)
    kept = [row.token_hash for row in rows(database, tables.Session)]
    assert kept == [hash_secret(cookies.session)]
    found = web_session.find_session(database, cookies.session, NOON)
    assert found is not None
    assert found[1].name == "li"
    assert web_session.find_session(database, kept[0], NOON) is None


@pytest.mark.parametrize(("name", "password"), [("li", "wrong"), ("nobody", PASSWORD), ("", ""), ("li", "x" * 10_000)])
def test_a_wrong_name_or_password_is_refused_alike(
    database: Database, passwords: Passwords, name: str, password: str
) -> None:
    with pytest.raises(WrongPassword):
        sign_in(database, passwords, Attempt(name, password, HERE), NOON, SHIFT)
    assert not rows(database, tables.Session)


def test_a_guesser_meets_a_lock_even_with_the_right_password(database: Database, passwords: Passwords) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            sign_in(database, passwords, Attempt("li", "wrong", HERE), NOON, SHIFT)
    with pytest.raises(Locked):
        sign_in(database, passwords, Attempt("li", PASSWORD, HERE), NOON, SHIFT)
    elsewhere = sign_in(database, passwords, Attempt("li", PASSWORD, "192.0.2.9"), NOON, SHIFT)
    at_home = Attempt("li", PASSWORD, HERE, browser=elsewhere.browser)
    assert sign_in(database, passwords, at_home, NOON, SHIFT).session


def test_sessions_end_by_time_by_hand_and_with_the_person(database: Database, passwords: Passwords) -> None:
    first = sign_in(database, passwords, Attempt("li", PASSWORD, HERE), NOON, SHIFT)
    second = sign_in(database, passwords, Attempt("li", PASSWORD, HERE), NOON, SHIFT)
    assert web_session.find_session(database, first.session, NOON + SHIFT) is None
    web_session.end_session(database, hash_secret(first.session))
    assert web_session.find_session(database, first.session, NOON) is None
    assert web_session.find_session(database, second.session, NOON) is not None
    with database.session() as db:
        db.execute(update(Operator).values(active=False))
    assert web_session.find_session(database, second.session, NOON) is None


def test_signing_out_everywhere_ends_every_session_and_forgets_the_browsers(
    database: Database, passwords: Passwords, li: Operator
) -> None:
    all_cookies = [sign_in(database, passwords, Attempt("li", PASSWORD, HERE), NOON, SHIFT) for _ in range(3)]
    with database.session() as db:
        assert web_session.end_all_sessions(db, li.id) == 3
    assert not any(web_session.find_session(database, cookies.session, NOON) for cookies in all_cookies)
    with database.reading() as db:
        assert web_session.known_browser(db, all_cookies[0].browser, "li", NOON) is None


def test_the_link_makes_one_administrator_once(database: Database) -> None:
    secret = new_link(database, NOON)
    assert secret is not None
    assert link_is_good(database, secret, NOON)
    assert use_link(database, secret, "chief", "hash", NOON).role == "admin"
    assert not link_is_good(database, secret, NOON)
    with pytest.raises(LinkSpent):
        use_link(database, secret, "second", "hash", NOON)
    assert new_link(database, NOON) is None
    assert secret not in str([entry.model_dump() for entry in rows(database, AuditEntry)])


def test_a_new_link_spends_the_old_one_and_a_link_grows_old(database: Database) -> None:
    old, new = new_link(database, NOON), new_link(database, NOON)
    assert old is not None
    assert new is not None
    assert not link_is_good(database, old, NOON)
    assert not link_is_good(database, new, NOON + timedelta(hours=25))


@pytest.mark.parametrize("password", ["short", "x" * 300, "Supervisor"])
def test_an_unfit_password_is_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(PasswordUnfit, match="A password"):
        check_fit(password, "supervisor")

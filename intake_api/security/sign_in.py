"""Signing in with a name and a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from intake_api.security import guard, web_session
from intake_api.security.passwords import LONGEST_PASSWORD, Passwords
from intake_api.security.web_session import Cookies
from models.database import Database
from models.tables import AuditEntry, Operator

LONGEST_NAME = 64


class WrongPassword(Exception):
    """No such person, or not this password: which of the two is not told."""


@dataclass(frozen=True)
class Attempt:
    """Somebody at a sign-in form; `source` is the address, `browser` the cookie of a browser known from before."""

    name: str
    password: str
    source: str
    browser: str | None = None
    user_agent: str = ""


def sign_in(database: Database, passwords: Passwords, attempt: Attempt, now: datetime, lasts: timedelta) -> Cookies:
    """Open a session; raises `WrongPassword`, `guard.Locked` or `passwords.TooManySignIns`.

    The attempt is counted first, in its own transaction: no lock is held while the password is hashed.
    """
    name = attempt.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not 0 < len(attempt.password) <= LONGEST_PASSWORD:
        raise WrongPassword
    with database.session() as db:
        counters = guard.watched(name, attempt.source, web_session.known_browser(db, attempt.browser, name, now))
        guard.count_attempt(db, counters, now)
        operator = db.exec(select(Operator).where(Operator.name == name, Operator.active)).first()
    if not passwords.verify(attempt.password, operator.password_hash if operator else None) or operator is None:
        with database.session() as db:
            db.add(AuditEntry(at=now, actor=name, action="sign_in_refused", subject="sign_in", detail={}))
        raise WrongPassword
    with database.session() as db:
        guard.forgive(db, counters, now)
        db.add(AuditEntry(at=now, actor=name, action="signed_in", subject=f"operator:{operator.id}", detail={}))
        return web_session.open_session(db, operator, attempt.user_agent, now, lasts)

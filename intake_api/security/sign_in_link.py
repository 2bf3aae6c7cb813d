"""The link printed at first start: one person, once, becomes the first administrator; there is no default password.

The link leads to a page that puts the secret into a short-lived cookie and redirects to its own address without it,
so that the address bar and the history keep nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select

from intake.people import check_name
from intake_api.security.opaque import hash_secret, new_secret
from intake_api.security.rights import Role
from models.database import Database
from models.tables import AuditEntry, Operator, SignInLink

LINK_LASTS = timedelta(hours=24)
PATH = "/welcome"


class LinkSpent(Exception):
    """The link was used, replaced or is too old."""


def new_link(database: Database, now: datetime) -> str | None:
    """Return a new link's secret and spend every earlier one; None when there is an administrator already."""
    secret = new_secret()
    with database.session() as db:
        if db.exec(select(Operator.id).where(Operator.role == Role.ADMIN, Operator.active)).first() is not None:
            return None
        db.execute(delete(SignInLink))
        db.add(SignInLink(token_hash=hash_secret(secret), created_at=now, expires_at=now + LINK_LASTS))
    return secret


def link_is_good(database: Database, secret: str, now: datetime) -> bool:
    """Whether the link can still be used."""
    with database.reading() as db:
        link = db.get(SignInLink, hash_secret(secret))
        return link is not None and link.used_at is None and link.expires_at > now


def use_link(
    database: Database, secret: str, name: str, password_hash: str, now: datetime, language: str = "zh"
) -> Operator:
    """Make the first administrator; raises `LinkSpent` or, for a name that cannot be, `intake.errors.Invalid`.

    Of two people with the same link one is first.
    """
    check_name(name)
    good = (
        col(SignInLink.token_hash) == hash_secret(secret),
        col(SignInLink.used_at).is_(None),
        col(SignInLink.expires_at) > now,
    )
    operator = Operator(name=name, role=Role.ADMIN, password_hash=password_hash, language=language, created_at=now)
    entry = AuditEntry(at=now, actor=name, action="first_administrator", subject=f"operator:{operator.id}", detail={})
    with database.session() as db:
        spent = db.execute(update(SignInLink).where(*good).values(used_at=now))
        if getattr(spent, "rowcount", 0) != 1:
            raise LinkSpent
        db.add_all([operator, entry])
    return operator

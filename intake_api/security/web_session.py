"""Browser sessions: an opaque cookie, a row with its hash, and an end that works at once on every node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from intake_api.security.opaque import hash_secret, new_secret
from models import tables
from models.database import Database
from models.tables import KnownBrowser, Operator

SEEN_EVERY = timedelta(minutes=1)
"A session's `seen_at` is written at most this often: reading pages must not write rows."
BROWSER_KNOWN_FOR = timedelta(days=90)
LONGEST_USER_AGENT = 200


@dataclass(frozen=True)
class Cookies:
    """What a browser is given at sign-in: the session's secret and the one it is known by afterwards."""

    session: str
    browser: str


def open_session(db: Session, operator: Operator, user_agent: str, now: datetime, lasts: timedelta) -> Cookies:
    """Add a session and a known browser for the operator to a transaction, and drop what has expired."""
    db.execute(delete(tables.Session).where(col(tables.Session.expires_at) <= now))
    db.execute(delete(KnownBrowser).where(col(KnownBrowser.expires_at) <= now))
    cookies = Cookies(new_secret(), new_secret())
    db.add(
        tables.Session(
            token_hash=hash_secret(cookies.session),
            operator_id=operator.id,
            csrf_token=new_secret(),
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            user_agent=user_agent[:LONGEST_USER_AGENT],
        )
    )
    until = now + BROWSER_KNOWN_FOR
    token_hash = hash_secret(cookies.browser)
    db.add(KnownBrowser(token_hash=token_hash, operator_id=operator.id, created_at=now, expires_at=until))
    return cookies


def find_session(database: Database, cookie: str, now: datetime) -> tuple[tables.Session, Operator] | None:
    """Return the session that a cookie opens and whose it is, or None when it has ended or the person is gone."""
    with database.reading() as db:
        row = db.exec(
            select(tables.Session, Operator)
            .join(Operator, col(Operator.id) == tables.Session.operator_id)
            .where(tables.Session.token_hash == hash_secret(cookie), tables.Session.expires_at > now, Operator.active)
        ).first()
        return (row[0], row[1]) if row else None


def mark_seen(database: Database, session: tables.Session, now: datetime) -> None:
    """Write when the session was last used, once a minute."""
    if now - session.seen_at >= SEEN_EVERY:
        mine = col(tables.Session.token_hash) == session.token_hash
        with database.session() as db:
            db.execute(update(tables.Session).where(mine).values(seen_at=now))


def sessions_of(database: Database, operator_id: UUID, now: datetime) -> Sequence[tables.Session]:
    """Return the operator's open sessions, the latest used first."""
    with database.reading() as db:
        return db.exec(
            select(tables.Session)
            .where(tables.Session.operator_id == operator_id, tables.Session.expires_at > now)
            .order_by(col(tables.Session.seen_at).desc())
        ).all()


def end_session(database: Database, token_hash: str) -> None:
    """Sign one browser out."""
    with database.session() as db:
        db.execute(delete(tables.Session).where(col(tables.Session.token_hash) == token_hash))


def sign_out_everywhere(database: Database, operator_id: UUID) -> None:
    """End all sessions of a person, who asked for it."""
    with database.session() as db:
        end_all_sessions(db, operator_id)


def end_all_sessions(db: Session, operator_id: UUID) -> int:
    """Sign a person out everywhere and forget the browsers they are known by, in the caller's transaction; returns how
    many sessions ended."""
    ended = db.execute(delete(tables.Session).where(col(tables.Session.operator_id) == operator_id))
    db.execute(delete(KnownBrowser).where(col(KnownBrowser.operator_id) == operator_id))
    return int(getattr(ended, "rowcount", 0))


def known_browser(db: Session, cookie: str | None, name: str, now: datetime) -> str | None:
    """Return the hash of a browser's cookie when the named person has signed in with it before."""
    if not cookie:
        return None
    token_hash = hash_secret(cookie)
    return db.exec(
        select(KnownBrowser.token_hash)
        .join(Operator, col(Operator.id) == KnownBrowser.operator_id)
        .where(KnownBrowser.token_hash == token_hash, KnownBrowser.expires_at > now, Operator.name == name)
    ).first()

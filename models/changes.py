"""The feed of changed rows: consoles follow `change.id` upwards and miss nothing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.tables import Change

FEED_LOCK = 12345_01
"Our key among PostgreSQL's advisory locks."


def announce(session: Session, kind: str, subject_id: UUID | int | str, call_id: UUID | None = None) -> None:
    """Say that a row has changed (`call`, `utterance`, `draft`, `ticket`, `delivery`); written when the transaction
    ends, once however often it is said."""
    news = session.info.setdefault("changes", {})
    news[kind, str(subject_id)] = str(call_id) if call_id else None


def write_changes(session: Session) -> bool:
    """Write what was announced as the transaction's last act; return whether there was anything.

    Ids come from a sequence, which PostgreSQL hands out before the commit: a reader could see 6, move on, and never
    see 5 commit. The lock makes ids appear in order; it is held only from here to the commit."""
    news = session.info.pop("changes", {})
    if not news:
        return False
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text(f"SELECT pg_advisory_xact_lock({FEED_LOCK})"))
    session.add_all(Change(kind=kind, subject_id=subject, call_id=call) for (kind, subject), call in news.items())
    return True

"""What is kept for how long: folders of the spool, recordings, the feed of changes, sessions."""

from __future__ import annotations

import logging
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from intake.archiving import NOTHING
from intake.audit import SERVICE, record
from intake.blob_store import BlobStore
from models import tables
from models.changes import announce
from models.database import Database
from models.tables import Call, Change, KnownBrowser, SignInCounter, SignInLink
from spool.call_folder import CallFolder, call_folders

log = logging.getLogger(__name__)

KEEP_CHANGES = timedelta(days=1)
"A console that slept longer reloads its lists anyway."
KEEP_COUNTERS = timedelta(days=1)
"Guessing is counted over an hour."
CALLS_AT_ONCE = 500


def purge_spool(database: Database, spool_dir: Path, *, ended_before: datetime) -> int:
    """Remove folders whose every fact is in the database, recording kept, recogniser done, and call long over.

    Returns how many; a folder that lacks any of these stays, however old.
    """
    old = [folder for folder in call_folders(spool_dir) if _began_before(folder, ended_before)]
    removed = 0
    for start in range(0, len(old), CALLS_AT_ONCE):
        some = old[start : start + CALLS_AT_ONCE]
        with database.reading() as session:
            calls = {call.id: call for call in _calls(session, some)}
        for folder in some:
            if _is_done(folder, calls.get(UUID(folder.call_id)), ended_before):
                shutil.rmtree(folder.path)
                removed += 1
    return removed


def _began_before(folder: CallFolder, time: datetime) -> bool:
    """UUIDv7 begins with the milliseconds since 1970."""
    try:
        return UUID(folder.call_id).int >> 80 < time.timestamp() * 1000
    except ValueError:
        return False


def _calls(session: Session, folders: list[CallFolder]) -> list[Call]:
    return list(session.exec(select(Call).where(col(Call.id).in_([UUID(folder.call_id) for folder in folders]))))


def _is_done(folder: CallFolder, call: Call | None, ended_before: datetime) -> bool:
    if call is None or call.ended_at is None or call.ended_at >= ended_before:
        return False
    if call.transcribed_at is None or call.recording is None:
        return False
    return folder.events_path.stat().st_size == call.spool_offset


def purge_recordings(database: Database, store: BlobStore, *, ended_before: datetime, at: datetime) -> int:
    """Remove recordings of calls that ended before a time; words and tickets stay. Raises `BlobUnavailable`."""
    with database.reading() as session:
        kept = select(Call).where(col(Call.ended_at) < ended_before, col(Call.recording) != NOTHING)
        calls = session.exec(kept.order_by(col(Call.id)).limit(CALLS_AT_ONCE)).all()
    for call in calls:
        store.delete(call.recording or "")
    with database.session() as session:
        for call in calls:
            row = session.get_one(Call, call.id)
            row.recording = NOTHING
            announce(session, "call", row.id, row.id)
        if calls:
            record(session, SERVICE, "recordings_removed", "calls", f"{len(calls)}", at)
    return len(calls)


def prune(database: Database, *, at: datetime) -> None:
    """Forget changes, sessions, links and counters that serve nobody any more."""
    gone: list[tuple[type, ColumnElement[bool]]] = [
        (Change, col(Change.at) < at - KEEP_CHANGES),
        (tables.Session, col(tables.Session.expires_at) < at),
        (KnownBrowser, col(KnownBrowser.expires_at) < at),
        (SignInLink, col(SignInLink.expires_at) < at),
        (SignInCounter, col(SignInCounter.since) < at - KEEP_COUNTERS),
    ]
    for table, is_old in gone:
        with database.session() as session:
            session.execute(delete(table).where(is_old))

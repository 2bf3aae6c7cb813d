"""A finished call's recording goes from the spool to where recordings are kept."""

from __future__ import annotations

import logging
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from intake.blob_store import BlobStore
from models.changes import announce
from models.database import Database
from models.states import CallState
from models.tables import Call
from spool.call_folder import CallFolder

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 100
NOTHING = ""
"`call.recording` of a call of which nothing was recorded; None while it is not known yet."


def archive_recordings(database: Database, spool_dir: Path, store: BlobStore) -> int:
    """Keep the recordings of calls that have ended and whose folders are here; return how many.

    A recording is kept first and noted second: a kill in between keeps it again, under the same key. Raises
    `BlobUnavailable`.
    """
    with database.reading() as session:
        ended = select(Call).where(Call.state == CallState.ENDED, col(Call.recording).is_(None))
        calls = session.exec(ended.order_by(col(Call.id)).limit(CALLS_AT_ONCE)).all()
    return sum(_archive(database, CallFolder(spool_dir / str(call.id)), call, store) for call in calls)


def _archive(database: Database, folder: CallFolder, call: Call, store: BlobStore) -> bool:
    if not folder.events_path.exists():
        return False  # another node's call
    key = NOTHING
    if folder.audio_bytes():
        folder.seal_audio()
        key = recording_key(call)
        store.put(key, folder.audio_path)
    _note(database, call.id, key)
    return True


def recording_key(call: Call) -> str:
    """Return `2026/11/23/<call id>.wav`: days that can be listed and removed apart."""
    return f"{call.invited_at:%Y/%m/%d}/{call.id}.wav"


def _note(database: Database, call_id: UUID, key: str) -> None:
    with database.session() as session:
        call = session.get(Call, call_id)
        if call is not None and call.recording is None:
            call.recording = key
            announce(session, "call", call.id, call.id)

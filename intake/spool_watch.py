"""Which calls' folders hold facts that are not in the database yet, found without reading each of a week's folders."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from intake.ingest_folder import Ingested
from models.database import Database
from models.tables import Call
from spool.call_folder import CallFolder

MTIME_GRAIN_NS = 1_000_000_000
"A folder made within the same tick of the file system's clock as our look leaves no trace in the time of change."


class SpoolWatch:
    """Remembers how far each folder is; a complete one is not looked at again, a new one shows in the spool's own
    time of change."""

    def __init__(self, spool_dir: Path, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._dir = spool_dir
        self._clock_ns = clock_ns
        self._open: dict[str, int] = {}
        "Call id -> bytes of its facts in the database, of calls that are not complete."
        self._complete: set[str] = set()
        self._listed_change_ns: int | None = None
        "The spool's time of change when its names were last listed, once that lies in the past."

    def load(self, database: Database) -> None:
        """Learn from the database what was ingested before this process started."""
        names = self._names()
        if not names:
            return
        query = select(Call.id, Call.spool_offset, Call.ended_at, Call.transcribed_at)
        with database.reading() as session:
            for call_id, offset, ended, transcribed in session.exec(query.where(col(Call.id) >= UUID(min(names)))):
                known = Ingested(offset, ended is not None and transcribed is not None)
                if str(call_id) in names:
                    self.note(str(call_id), known)

    def note(self, call_id: str, ingested: Ingested) -> None:
        """Remember how far a folder is."""
        if ingested.is_complete and ingested.offset == self._size(call_id):
            self._complete.add(call_id)
            self._open.pop(call_id, None)
        else:
            self._open[call_id] = ingested.offset

    def behind(self) -> Iterator[CallFolder]:
        """Yield the folders with lines beyond what is known, the newest calls first: those are being listened to."""
        self._look_for_new()
        for call_id, offset in sorted(self._open.items(), reverse=True):
            if self._size(call_id) > offset:
                yield CallFolder(self._dir / call_id)

    def folder(self, call_id: object) -> CallFolder | None:
        """Return the folder that news names, if there is one."""
        if not isinstance(call_id, str) or not is_call_id(call_id):
            return None
        return CallFolder(self._dir / call_id) if self._size(call_id) else None

    def _look_for_new(self) -> None:
        changed_ns = self._dir.stat().st_mtime_ns if self._dir.exists() else 0
        if changed_ns == self._listed_change_ns:
            return
        names = self._names()
        self._complete &= names
        self._open = {name: self._open.get(name, 0) for name in names - self._complete}
        settled = self._clock_ns() - changed_ns > MTIME_GRAIN_NS
        self._listed_change_ns = changed_ns if settled else None

    def _names(self) -> set[str]:
        if not self._dir.is_dir():
            return set()
        return {path.name for path in self._dir.iterdir() if is_call_id(path.name)}

    def _size(self, call_id: str) -> int:
        try:
            return CallFolder(self._dir / call_id).events_path.stat().st_size
        except OSError:
            return 0


def is_call_id(name: str) -> bool:
    """Whether a name is a call's id as we write it; nothing else in the spool is ours."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False

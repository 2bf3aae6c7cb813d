"""The loop that gives unused leases back, keeps recordings, and removes what need not be kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config.sections import StorageSettings
from intake.archiving import archive_recordings
from intake.blob_store import BlobStore, BlobUnavailable
from intake.claiming import expire_leases
from intake.retention import prune, purge_recordings, purge_spool
from intake.search_index import index_older
from models.database import DATABASE_AWAY, Database

log = logging.getLogger(__name__)

ROUND_SECONDS = 2.0
"A lease is given back, and a recording kept, this soon; nobody waits for either."
TIDY_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class House:
    """What is kept in order."""

    database: Database
    spool_dir: Path
    recordings: BlobStore
    storage: StorageSettings
    clock: Callable[[], datetime]

    def keep(self) -> None:
        """Expire leases and archive recordings."""
        expire_leases(self.database, at=self.clock())
        archive_recordings(self.database, self.spool_dir, self.recordings)

    def tidy(self) -> None:
        """Remove what the settings say need not be kept."""
        now = self.clock()
        spool_until = now - timedelta(days=self.storage.keep_spool_days)
        recordings_until = now - timedelta(days=self.storage.keep_recordings_days)
        removed = purge_spool(self.database, self.spool_dir, ended_before=spool_until)
        while purge_recordings(self.database, self.recordings, ended_before=recordings_until, at=now):
            pass
        prune(self.database, at=now)
        if removed:
            log.info("%d folders were removed from the spool", removed)


def run(house: House, stop: threading.Event) -> None:
    """Keep house until `stop` is set; what cannot be done now is done in a later round."""
    tidy_at = house.clock()
    older = True
    "Whether closed drafts are left that no search finds yet."
    while not stop.is_set():
        try:
            house.keep()
            older = older and index_older(house.database) > 0
            if house.clock() >= tidy_at:
                tidy_at = house.clock() + TIDY_EVERY
                older = True
                house.tidy()
        except DATABASE_AWAY as error:
            log.warning("the database is away, housekeeping waits: %s", type(error).__name__)
        except BlobUnavailable as error:
            log.warning("%s", error)
        stop.wait(ROUND_SECONDS)

"""Brings the database up to date before a process that needs it works, or, while it is away, beside that."""

from __future__ import annotations

import logging
import threading

from config.settings import Settings

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0


def migrate_now_or_later(settings: Settings, stop: threading.Event) -> None:
    """Migrate; when the database is away, return all the same and go on trying: pages say meanwhile what is wrong."""
    if not _migrated(settings, FIRST_PAUSE):
        threading.Thread(target=_until_migrated, args=(settings, stop), daemon=True, name="migration").start()


def _until_migrated(settings: Settings, stop: threading.Event) -> None:
    pause = FIRST_PAUSE
    while not stop.wait(pause) and not _migrated(settings, pause):
        pause = min(pause * 2, LONGEST_PAUSE)


def _migrated(settings: Settings, pause: float) -> bool:
    from models.migration import migrate

    try:
        migrate(settings.database_url)
    except Exception as error:  # noqa: BLE001 - whatever keeps the database away, calls go on and it is tried again
        logger.error("the database is not ready, trying again in %.1f s: %s", pause, str(error).splitlines()[0])
        return False
    return True

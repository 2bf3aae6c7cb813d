"""The `deliver` process: facts from the spool into the database, tickets from the database to the case store."""

from __future__ import annotations

import threading

from config.settings import Settings
from hotline.migration import migrate_now_or_later


def run(settings: Settings, stop: threading.Event) -> None:
    """Ingest and deliver until `stop` is set."""
    from delivery.process import run as deliver

    migrate_now_or_later(settings, stop)
    deliver(settings, stop)

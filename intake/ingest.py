"""The loop that moves facts from the spool into the database: at once when told, within a second when not."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from intake.errors import Conflict
from intake.ingest_folder import Ingested, ingest_folder, make_overdue_ready
from intake.redrafting import Drafting
from intake.spool_watch import SpoolWatch
from live_bus.bus import LiveBus, Subscription
from models.database import DATABASE_AWAY, Database
from spool.call_folder import CallFolder

log = logging.getLogger(__name__)

SCAN_SECONDS = 1.0
"News may be lost; the spool is looked at this often."
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 1.0
"Between attempts while the database is away: a draft is not late by more when it is back."
TRANSCRIPT_WAITS = timedelta(seconds=60)
"How long after a call its draft waits for the recogniser's last word."
BROKEN_REST_SECONDS = 60.0
"How long a folder that could not be ingested for a reason of its own is left alone."
SOMEBODY_ELSE = (Conflict, IntegrityError)
"Another transaction changed the same rows first: nothing was written, so it is done again."
RACES = 20
"Lost in a row, it is no race: an operator saves once a second at most."


class Ingest:
    """Follows the spool; every folder's progress is in the database, so that it may be killed at any moment."""

    def __init__(self, database: Database, spool_dir: Path, drafting: Drafting, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._drafting = drafting
        self._clock = clock
        self._watch = SpoolWatch(spool_dir)
        self._broken: dict[str, float] = {}
        "Call id -> monotonic time until which it is left alone."
        self._loaded = False

    def look(self) -> None:
        """Ingest whatever the spool holds beyond the database; raises `DATABASE_AWAY`."""
        if not self._loaded:
            self._watch.load(self._database)
            self._loaded = True
        for folder in self._watch.behind():
            self.ingest(folder)
        now = self._clock()
        make_overdue_ready(self._database, ended_before=now - TRANSCRIPT_WAITS, at=now)

    def ingest_named(self, call_id: object) -> None:
        """Ingest the folder that news names; raises `DATABASE_AWAY`."""
        folder = self._watch.folder(call_id)
        if folder:
            self.ingest(folder)

    def ingest(self, folder: CallFolder) -> None:
        """Ingest all of one folder; one that fails for a reason of its own is logged and does not stop the others."""
        if time.monotonic() < self._broken.get(folder.call_id, 0.0):
            return
        drafting = None if folder.call_id in self._broken else self._drafting
        try:
            self._ingest(folder, drafting)
            self._broken.pop(folder.call_id, None)
        except DATABASE_AWAY:
            raise
        except Exception:
            log.exception("call %s could not be ingested; its words are tried again alone", folder.call_id)
            rest = 0.0 if drafting else BROKEN_REST_SECONDS
            self._broken[folder.call_id] = time.monotonic() + rest

    def _ingest(self, folder: CallFolder, drafting: Drafting | None) -> None:
        more = True
        while more:
            done = self._ingest_once(folder, drafting)
            self._watch.note(folder.call_id, done)
            more = done.more

    def _ingest_once(self, folder: CallFolder, drafting: Drafting | None) -> Ingested:
        for _ in range(RACES):
            try:
                return ingest_folder(self._database, folder, drafting, at=self._clock())
            except SOMEBODY_ELSE as error:
                lost = error
        raise lost


def run(ingest: Ingest, bus: LiveBus, stop: threading.Event) -> None:
    """Ingest until `stop` is set; while the database is away, try again, the waits growing to a second."""
    news = bus.subscribe("facts")
    away = 0
    try:
        while not stop.is_set():
            try:
                ingest.look()
                if away:
                    log.info("the database is back after %d attempts", away)
                away = 0
                _follow(ingest, news, stop)
            except DATABASE_AWAY as error:
                if not away:  # said once: the log of an outage is read by somebody in a hurry
                    log.warning("the database is away, facts wait in the spool: %s", type(error).__name__)
                stop.wait(min(FIRST_WAIT_SECONDS * 2 ** min(away, 10), LONGEST_WAIT_SECONDS))
                away += 1
    finally:
        news.close()


def _follow(ingest: Ingest, news: Subscription, stop: threading.Event) -> None:
    """Take news for as long as the spool need not be looked at again."""
    until = time.monotonic() + SCAN_SECONDS
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        message = news.receive(min(left, SCAN_SECONDS / 4))
        if message:
            ingest.ingest_named(message.get("call_id"))

"""The `deliver` process: facts from the spool into the database, tickets from the database to the case store."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from config.settings import Settings
from delivery import dispatcher
from delivery.case_store import CaseStore
from delivery.opening import drafting_of, open_case_store, open_recordings
from intake import housekeeping, ingest
from live_bus.bridge import bridge
from live_bus.bus import LiveBus
from live_bus.local_bus import LocalBus
from models.database import Database, open_database

log = logging.getLogger(__name__)

DISPATCHERS = 4
"Deliveries at once: one store that answers after 10 s still takes 1,400 tickets an hour, twice a large city's peak."
REST_SECONDS = 1.0
"Between a loop's failure and its next beginning."
STATUS_SECONDS = 1.0
LOOPS_END_SECONDS = 12.0
"The service has 15 s to end; a delivery in progress may take its timeout of 10 s."


def run(settings: Settings, stop: threading.Event) -> None:
    """Ingest, deliver and keep house until `stop` is set."""
    bus = LocalBus(settings.runtime_dir)
    database = open_database(settings.database_url, partial(bus.publish, "changes", {}))
    store = open_case_store(settings)
    try:
        run_loops(loops(settings, database, store, bus, stop), stop, partial(write_status, settings.runtime_dir))
    finally:
        store.close()
        database.dispose()


def loops(
    settings: Settings, database: Database, store: CaseStore, bus: LiveBus, stop: threading.Event
) -> dict[str, Callable[[], None]]:
    """Return the process's loops by name; each returns soon after `stop` is set."""
    follower = ingest.Ingest(database, settings.spool_dir, drafting_of(settings), now)
    sender = dispatcher.Dispatcher(database, store, settings.delivery, now)
    recordings = open_recordings(settings)
    house = housekeeping.House(database, settings.spool_dir, recordings, settings.storage, now)
    named: dict[str, Callable[[], None]] = {
        "ingest": partial(ingest.run, follower, bus, stop),
        "housekeeping": partial(housekeeping.run, house, stop),
    }
    if database.is_postgres:
        named["bridge"] = partial(bridge_machines, settings, bus, stop)
    for number in range(1, DISPATCHERS + 1):
        named[f"dispatcher-{number}"] = partial(dispatcher.run, sender, bus, stop)
    return named


def bridge_machines(settings: Settings, bus: LiveBus, stop: threading.Event) -> None:
    """Carry news to and from the machines that share the database."""
    from live_bus.postgres_bus import PostgresBus

    others = PostgresBus(settings.database_url)
    try:
        bridge(bus, others, f"{settings.node}-{os.getpid()}", stop)
    finally:
        others.close()


def run_loops(named: dict[str, Callable[[], None]], stop: threading.Event, tell: Callable[[], None]) -> None:
    """Run each loop in a thread of its own until `stop` is set, and tell every second that the process lives.

    The threads are daemons, so that none can keep the process."""
    threads = [
        threading.Thread(target=_again, args=(loop, stop), name=name, daemon=True) for name, loop in named.items()
    ]
    for thread in threads:
        thread.start()
    tell()
    while not stop.wait(STATUS_SECONDS):
        tell()
    until = time.monotonic() + LOOPS_END_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def _again(loop: Callable[[], None], stop: threading.Event) -> None:
    """A loop's outermost line: what nobody foresaw is logged, and the loop begins again."""
    while not stop.is_set():
        try:
            loop()
        except Exception:
            log.exception("%s failed and begins again", threading.current_thread().name)
            stop.wait(REST_SECONDS)


def write_status(runtime_dir: Path) -> None:
    """Replace `run/deliver.json`, by which others see that this process lives."""
    path = runtime_dir / "deliver.json"
    part = path.with_suffix(".part")
    try:
        runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_text(json.dumps({"at": now().isoformat(), "pid": os.getpid()}), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        log.warning("the status cannot be written: %s", error)


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)

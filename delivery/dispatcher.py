"""The dispatcher: takes tickets from the outbox to the case store until each is delivered or parked with a reason."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.sections import DeliverySettings
from delivery import outbox
from delivery.backoff import retry_after
from delivery.case_store import CaseStore, StoreUnavailable, TicketRefused
from live_bus.bus import LiveBus, Subscription
from models.database import DATABASE_AWAY, Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"News of a new ticket may be lost; the outbox is looked at this often."
LEASE_MARGIN = timedelta(seconds=5)
"Beyond the store's own timeout: time to write down the answer."


@dataclass(frozen=True)
class Dispatcher:
    """What delivering needs; several, in one process or in many, share the work."""

    database: Database
    store: CaseStore
    settings: DeliverySettings
    clock: Callable[[], datetime]
    random: Callable[[], float] = random.random

    def deliver_next(self) -> bool:
        """Deliver one ticket that is due; False when none is. The database's lock is not held while the store works."""
        if not outbox.is_due(self.database, at=self.clock()):
            return False
        lease_time = timedelta(seconds=self.settings.timeout_seconds) + LEASE_MARGIN
        lease = outbox.take_next(self.database, at=self.clock(), lease=lease_time)
        if lease is None:
            return False
        self._deliver(lease)
        return True

    def _deliver(self, lease: outbox.Lease) -> None:
        try:
            case_id = self.store.submit(lease.ticket)
        except TicketRefused as refused:
            self._park(lease, str(refused))
        except StoreUnavailable as unavailable:
            self._retry(lease, unavailable)
        else:
            outbox.mark_delivered(self.database, lease, case_id, at=self.clock())
            log.info("ticket %s was delivered as case %s", lease.ticket.ticket_no, case_id)

    def _retry(self, lease: outbox.Lease, error: StoreUnavailable) -> None:
        if lease.attempts >= self.settings.attempts_before_parking:
            self._park(lease, str(error))
            return
        wait = max(retry_after(self.settings, lease.attempts, self.random), error.retry_after)
        at = self.clock()
        outbox.mark_retry(self.database, lease, str(error), at=at, next_attempt_at=at + wait)
        log.warning("ticket %s is tried again in %.0f s: %s", lease.ticket.ticket_no, wait.total_seconds(), error)

    def _park(self, lease: outbox.Lease, reason: str) -> None:
        outbox.mark_parked(self.database, lease, reason, at=self.clock())
        log.error("ticket %s is parked: %s", lease.ticket.ticket_no, reason)


def run(dispatcher: Dispatcher, bus: LiveBus, stop: threading.Event) -> None:
    """Deliver until `stop` is set."""
    news = bus.subscribe("changes")
    try:
        while not stop.is_set():
            try:
                if not dispatcher.deliver_next():
                    _wait(news, stop)
            except DATABASE_AWAY as error:
                log.warning("the database is away, deliveries wait: %s", type(error).__name__)
                stop.wait(LOOK_SECONDS)
    finally:
        news.close()


def _wait(news: Subscription, stop: threading.Event) -> None:
    """Until rows have changed, or a look is due, or we are to stop; all news that waits is one reason to look."""
    message = news.receive(LOOK_SECONDS)
    while message is not None and not stop.is_set():
        message = news.receive(0)

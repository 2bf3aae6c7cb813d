"""The outbox and its dispatcher: nothing lost, nothing twice, whatever the store does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from config.sections import DeliverySettings
from delivery import dispatcher, outbox
from delivery.backoff import retry_after
from delivery.case_store import StoreUnavailable, TicketRefused, TicketToDeliver
from delivery.dispatcher import Dispatcher
from delivery.sql_case_store import SqlCaseStore
from intake.deliveries import resend_delivery
from intake.errors import Conflict
from live_bus.local_bus import LocalBus
from models.database import Database
from models.tables import AuditEntry, OutboxEntry, Ticket
from tests.spool_calls import NOON

SETTINGS = DeliverySettings(attempts_before_parking=3)
LEASE = timedelta(seconds=15)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class MoodyStore:
    """A case store that does as it is told, then takes everything."""

    def __init__(self, *moods: Exception) -> None:
        self.moods = list(moods)
        self.taken: list[TicketToDeliver] = []

    def submit(self, ticket: TicketToDeliver) -> str:
        if self.moods:
            raise self.moods.pop(0)
        self.taken.append(ticket)
        return f"case-{ticket.ticket_no}"

    def case(self, case_id: str) -> Mapping[str, Any] | None:
        return None

    def close(self) -> None:
        pass


def entry(database: Database) -> OutboxEntry:
    with database.reading() as session:
        return session.exec(select(OutboxEntry)).one()


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.action for row in session.exec(select(AuditEntry))]


def sender(database: Database, store: MoodyStore, clock: Clock) -> Dispatcher:
    return Dispatcher(database, store, SETTINGS, clock, random=lambda: 0.0)


def test_a_ticket_is_delivered_once(database: Database, confirmed: Callable[[], Ticket]) -> None:
    ticket, store = confirmed(), MoodyStore()
    sending = sender(database, store, Clock())
    assert sending.deliver_next()
    assert not sending.deliver_next()
    row = entry(database)
    assert (row.state, row.case_id, row.delivered_at) == ("delivered", f"case-{ticket.ticket_no}", NOON)
    assert store.taken[0].body["fields"]["title"] == "路灯坏了"
    assert store.taken[0].body["confirmed_by"] == "li"
    assert actions(database)[-1] == "ticket_delivered"


def test_a_store_that_is_away_is_tried_again_later(database: Database, confirmed: Callable[[], Ticket]) -> None:
    confirmed()
    clock, store = Clock(), MoodyStore(StoreUnavailable("busy"), StoreUnavailable("busy", timedelta(seconds=30)))
    sending = sender(database, store, clock)
    sending.deliver_next()
    row = entry(database)
    assert (row.state, row.last_error, row.next_attempt_at) == ("waiting", "busy", NOON + timedelta(seconds=1))
    assert not sending.deliver_next()
    clock.now = row.next_attempt_at
    sending.deliver_next()
    assert entry(database).next_attempt_at == clock.now + timedelta(seconds=30)
    clock.now = entry(database).next_attempt_at
    sending.deliver_next()
    assert (entry(database).state, entry(database).last_error) == ("delivered", None)


def test_a_refused_ticket_is_parked_and_sent_again_by_hand(database: Database, confirmed: Callable[[], Ticket]) -> None:
    ticket, store = confirmed(), MoodyStore(TicketRefused("unknown category"))
    sending = sender(database, store, Clock())
    sending.deliver_next()
    assert (entry(database).state, entry(database).last_error) == ("parked", "unknown category")
    assert not sending.deliver_next()
    resend_delivery(database, ticket.id, "sun", at=NOON)
    assert (entry(database).state, entry(database).attempts) == ("waiting", 0)
    sending.deliver_next()
    assert entry(database).state == "delivered"
    assert actions(database)[-3:] == ["delivery_parked", "delivery_resent", "ticket_delivered"]
    with pytest.raises(Conflict, match="delivered"):
        resend_delivery(database, ticket.id, "sun", at=NOON)


def test_patience_ends(database: Database, confirmed: Callable[[], Ticket]) -> None:
    confirmed()
    clock, store = Clock(), MoodyStore(*[StoreUnavailable("away")] * 3)
    sending = sender(database, store, clock)
    for _ in range(3):
        clock.now += timedelta(hours=1)
        assert sending.deliver_next()
    assert (entry(database).state, entry(database).attempts) == ("parked", 3)


def test_a_dispatcher_that_died_leaves_a_lease_that_runs_out(
    database: Database, confirmed: Callable[[], Ticket]
) -> None:
    confirmed()
    dead = outbox.take_next(database, at=NOON, lease=LEASE)
    assert dead
    assert outbox.take_next(database, at=NOON, lease=LEASE) is None
    later = NOON + LEASE
    living = outbox.take_next(database, at=later, lease=LEASE)
    assert living
    assert living.attempts == 2
    assert not outbox.mark_parked(database, dead, "too late", at=later)
    assert outbox.mark_delivered(database, living, "case-1", at=later)
    assert entry(database).case_id == "case-1"


def test_several_dispatchers_share_without_doubling(
    database: Database, confirmed: Callable[[], Ticket], tmp_path: Path
) -> None:
    tickets = {str(confirmed().id) for _ in range(20)}
    stores = [MoodyStore() for _ in range(4)]
    threads = [
        threading.Thread(
            target=lambda store=store: [None for _ in iter(sender(database, store, Clock()).deliver_next, False)]
        )
        for store in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [ticket.ticket_id for store in stores for ticket in store.taken]
    assert sorted(taken) == sorted(tickets)


def test_news_of_a_ticket_is_heeded_at_once(
    database: Database, confirmed: Callable[[], Ticket], tmp_path: Path
) -> None:
    bus, stop = LocalBus(tmp_path / "run"), threading.Event()
    database.on_change = lambda: bus.publish("changes", {})
    clock = Clock()
    store = SqlCaseStore(f"sqlite:///{tmp_path}/cases.sqlite3")
    sending = Dispatcher(database, store, SETTINGS, clock)
    loop = threading.Thread(target=dispatcher.run, args=(sending, bus, stop))
    loop.start()
    try:
        ticket = confirmed()
        until = time.monotonic() + 5
        while entry(database).state != "delivered" and time.monotonic() < until:
            time.sleep(0.01)
        assert entry(database).case_id == f"C{ticket.ticket_no}"
    finally:
        stop.set()
        loop.join(5)
    assert not loop.is_alive()


@pytest.mark.parametrize(("attempts", "longest"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1000, 300)])
def test_waits_double_up_to_the_longest(attempts: int, longest: float) -> None:
    assert retry_after(DeliverySettings(), attempts, lambda: 0.0) == timedelta(seconds=longest)
    assert retry_after(DeliverySettings(), attempts, lambda: 1.0) == timedelta(seconds=longest / 2)

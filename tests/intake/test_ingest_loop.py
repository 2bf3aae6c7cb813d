"""The ingest loop: at once when told, soon when not, never stopped by one folder or an absent database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from drafting.draft import CallFacts, DraftTicket, Heard
from intake import ingest
from intake.ingest import Ingest
from intake.redrafting import Drafting
from intake.spool_watch import SpoolWatch
from live_bus.local_bus import LocalBus
from models.database import Database
from models.tables import Change, Draft
from tests.database_fixtures import PostgresServer, create_postgres_database
from tests.spool_calls import NOON, PLAIN, SpokenCall, plain_draft


def ready(database: Database) -> int:
    with database.reading() as session:
        return len(session.exec(select(Draft).where(Draft.state == "ready")).all())


def soon(true: Callable[[], bool], seconds: float = 10) -> float:
    """Wait until something is true; return how long it took."""
    began = time.perf_counter()
    while not true():
        assert time.perf_counter() - began < seconds, "it did not become true"
        time.sleep(0.005)
    return time.perf_counter() - began


@pytest.fixture
def bus(tmp_path: Path) -> LocalBus:
    return LocalBus(tmp_path / "run")


@pytest.fixture
def running(database: Database, spool: Path, bus: LocalBus) -> Iterator[Ingest]:
    """The loop in a thread."""
    stop = threading.Event()
    follower = Ingest(database, spool, PLAIN, lambda: NOON)
    loop = threading.Thread(target=ingest.run, args=(follower, bus, stop))
    loop.start()
    yield follower
    stop.set()
    loop.join(5)
    assert not loop.is_alive()


def test_a_call_is_ready_at_once_when_told(database: Database, spool: Path, bus: LocalBus, running: Ingest) -> None:
    call = SpokenCall(spool).answer().say("路灯坏了")
    soon(lambda: bool(_states(database)))
    call.end().transcribed()
    bus.publish("facts", {"call_id": str(call.id)})
    assert soon(lambda: ready(database) == 1) < 0.9, "it waited for the scan"


def test_a_call_is_ready_soon_when_the_news_is_lost(database: Database, spool: Path, running: Ingest) -> None:
    soon(lambda: True)
    SpokenCall(spool).whole("路灯坏了")
    soon(lambda: ready(database) == 1, 3)


def test_nonsense_on_the_bus_is_nothing(database: Database, spool: Path, bus: LocalBus, running: Ingest) -> None:
    for call_id in ("../../etc", "", None, 7, ["x"], str(SpokenCall(spool / "elsewhere").id)):
        bus.publish("facts", {"call_id": call_id})
    bus.publish("facts", {})
    SpokenCall(spool).whole("路灯坏了")
    soon(lambda: ready(database) == 1, 3)


def test_changes_are_published(database: Database, spool: Path, bus: LocalBus) -> None:
    database.on_change = lambda: bus.publish("changes", {})
    news = bus.subscribe("changes")
    call = SpokenCall(spool).whole("路灯坏了")
    Ingest(database, spool, PLAIN, lambda: NOON).look()
    assert news.receive(1) == {}
    with database.reading() as session:
        changes = session.exec(select(Change)).all()
    assert {(change.kind, change.call_id) for change in changes} == {
        (kind, str(call.id)) for kind in ("call", "draft", "utterance")
    }
    news.close()


def test_a_folder_that_cannot_be_drafted_keeps_its_words_and_stops_nobody(database: Database, spool: Path) -> None:
    def fails_on_lamps(heard: Sequence[Heard], call: CallFacts) -> DraftTicket:
        if any("路灯" in h.text for h in heard):
            raise ZeroDivisionError
        return plain_draft(heard, call)

    SpokenCall(spool).whole("路灯坏了")
    SpokenCall(spool).whole("井盖没了")
    follower = Ingest(database, spool, Drafting(fails_on_lamps, ZoneInfo("Asia/Shanghai")), lambda: NOON)
    follower.look()
    assert ready(database) == 1
    follower.look()
    assert ready(database) == 2


def test_a_restart_goes_on_where_the_database_is(database: Database, spool: Path) -> None:
    finished, open_call = SpokenCall(spool).whole("一"), SpokenCall(spool).answer().say("二")
    Ingest(database, spool, PLAIN, lambda: NOON).look()
    open_call.say("三").end().transcribed()
    newer = SpokenCall(spool).whole("四")
    watch = SpoolWatch(spool)
    watch.load(database)
    assert {folder.call_id for folder in watch.behind()} == {str(open_call.id), str(newer.id)}
    assert str(finished.id) not in {folder.call_id for folder in watch.behind()}


def test_a_week_of_finished_folders_costs_nothing_to_watch(database: Database, spool: Path) -> None:
    for _ in range(100):
        SpokenCall(spool).whole()
    follower = Ingest(database, spool, PLAIN, lambda: NOON)
    follower.look()
    began = time.perf_counter()
    follower.look()
    assert time.perf_counter() - began < 0.1
    SpokenCall(spool).whole("新")
    follower.look()
    assert ready(database) == 101


def test_strange_things_in_the_spool_are_passed_over(database: Database, spool: Path) -> None:
    (spool / "lost+found").mkdir()
    (spool / "notes.txt").write_text("x")
    (spool / "0190A000-0000-7000-8000-000000000000").mkdir()
    SpokenCall(spool).whole("路灯坏了")
    Ingest(database, spool, PLAIN, lambda: NOON).look()
    assert ready(database) == 1


def _states(database: Database) -> list[str]:
    with database.reading() as session:
        return [str(state) for state in session.exec(select(Draft.state))]


@pytest.mark.postgres
@pytest.mark.fault
def test_a_database_that_is_away_loses_nothing(
    postgres_server: PostgresServer, postgres_template: str, spool: Path, bus: LocalBus
) -> None:
    from models.database import open_database

    url = create_postgres_database(_home(postgres_server), postgres_template)
    database, stop = open_database(url), threading.Event()
    follower = Ingest(database, spool, PLAIN, lambda: NOON)
    loop = threading.Thread(target=ingest.run, args=(follower, bus, stop))
    loop.start()
    try:
        before = SpokenCall(spool).whole("断开前")
        bus.publish("facts", {"call_id": str(before.id)})
        soon(lambda: ready(database) == 1)
        talking = SpokenCall(spool).answer().say("一")
        postgres_server.stop()
        talking.say("二")
        bus.publish("facts", {"call_id": str(talking.id)})
        talking.end().transcribed()
        SpokenCall(spool).whole("断开时")
        bus.publish("facts", {"call_id": str(talking.id)})
        time.sleep(1.5)
        postgres_server.start()
        soon(lambda: _count(database) == 3, 10)
        with database.reading() as session:
            texts = sorted(d.fields["content"]["value"] for d in session.exec(select(Draft)))
        assert texts == ["一二", "断开前", "断开时"]
    finally:
        stop.set()
        loop.join(5)
        database.dispose()


def _count(database: Database) -> int:
    from models.database import DATABASE_AWAY

    try:
        return ready(database)
    except DATABASE_AWAY:
        return -1


def _home(server: PostgresServer):  # type: ignore[no-untyped-def]
    from sqlalchemy import make_url

    return make_url(server.url())

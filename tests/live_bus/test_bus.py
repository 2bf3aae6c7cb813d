"""The contract of `LiveBus`, for both implementations, and the bridge between machines."""

from __future__ import annotations

import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from live_bus.bridge import FROM, bridge
from live_bus.bus import LiveBus, Message, Subscription
from live_bus.local_bus import LocalBus
from live_bus.postgres_bus import PostgresBus
from tests.database_fixtures import PostgresServer, create_postgres_database

BUSES = ["local", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BUSES)
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveBus]:
    if request.param == "local":
        yield LocalBus(tmp_path / "run")
        return
    opened = PostgresBus(request.getfixturevalue("postgres_url"))
    yield opened
    opened.close()


@pytest.fixture
def listening() -> Iterator[Callable[..., Subscription]]:
    """Return a function that subscribes until the test ends."""
    opened: list[Subscription] = []

    def subscribe(bus: LiveBus, topic: str = "partial") -> Subscription:
        opened.append(bus.subscribe(topic))  # type: ignore[arg-type]
        return opened[-1]

    yield subscribe
    for subscription in opened:
        subscription.close()


Listen = Callable[..., Subscription]


def test_every_subscriber_gets_every_message_in_order(bus: LiveBus, listening: Listen) -> None:
    subscribers = [listening(bus), listening(bus)]
    for number in range(20):
        bus.publish("partial", {"call_id": "c", "text": f"路灯{number}"})
    for subscriber in subscribers:
        assert [(subscriber.receive(5) or {})["text"] for _ in range(20)] == [f"路灯{n}" for n in range(20)]


def test_a_burst_waits_for_a_busy_subscriber(bus: LiveBus, listening: Listen) -> None:
    subscriber = listening(bus)
    for number in range(500):
        bus.publish(
            "partial", {"call_id": "0193f0a0-0000-7000-8000-000000000000", "text": "路灯坏了" * 20, "index": number}
        )
    assert [(subscriber.receive(5) or {})["index"] for _ in range(500)] == list(range(500))


def test_many_publishers_at_once_mix_nothing(bus: LiveBus, listening: Listen) -> None:
    subscriber = listening(bus)
    texts = [[f"{publisher}.{number} ".ljust(900, "x") for number in range(50)] for publisher in range(6)]
    threads = [
        threading.Thread(target=lambda own=own: [bus.publish("partial", {"text": t}) for t in own]) for own in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard = sorted(str((subscriber.receive(5) or {})["text"]) for _ in range(300))
    assert heard == sorted(text for own in texts for text in own)


def test_topics_are_apart(bus: LiveBus, listening: Listen) -> None:
    changes = listening(bus, "changes")
    bus.publish("partial", {"text": "x"})
    bus.publish("changes", {})
    assert changes.receive(5) == {}
    assert changes.receive(0.1) is None


def test_what_was_published_before_is_not_heard(bus: LiveBus, listening: Listen) -> None:
    bus.publish("partial", {"text": "before"})
    time.sleep(0.3)
    subscriber = listening(bus)
    time.sleep(0.3)  # a local publisher trusts its list of receivers for a quarter of a second
    bus.publish("partial", {"text": "after"})
    assert subscriber.receive(5) == {"text": "after"}


def test_the_descriptor_is_readable_when_a_message_waits(bus: LiveBus, listening: Listen) -> None:
    subscriber = listening(bus)
    assert not select.select([subscriber.fileno()], [], [], 0)[0]
    bus.publish("partial", {"text": "x"})
    assert select.select([subscriber.fileno()], [], [], 5)[0]
    assert subscriber.receive(0) == {"text": "x"}
    assert not select.select([subscriber.fileno()], [], [], 0)[0]


def test_a_message_nobody_listens_to_delays_nobody(bus: LiveBus) -> None:
    began = time.perf_counter()
    for _ in range(1000):
        bus.publish("partial", {"text": "x" * 100})
    assert time.perf_counter() - began < 1


def test_a_subscriber_that_does_not_read_delays_nobody(bus: LiveBus, listening: Listen) -> None:
    listening(bus)
    began = time.perf_counter()
    for _ in range(3000):
        bus.publish("partial", {"text": "x" * 1000})
    assert time.perf_counter() - began < 3


def test_a_message_that_is_too_large_is_dropped(bus: LiveBus, listening: Listen) -> None:
    subscriber = listening(bus)
    bus.publish("partial", {"text": "长" * 200_000})
    bus.publish("partial", {"text": "short"})
    assert subscriber.receive(5) == {"text": "short"}


def test_a_receiver_that_was_killed_is_swept_up(tmp_path: Path) -> None:
    bus = LocalBus(tmp_path)
    receiver = "import os, pathlib, sys; from live_bus.local_bus import LocalBus; "
    receiver += "kept = LocalBus(pathlib.Path(sys.argv[1])).subscribe('partial'); os._exit(0)"  # nothing is closed
    subprocess.run([sys.executable, "-c", receiver, str(tmp_path)], check=True)
    assert len(list((tmp_path / "partial").iterdir())) == 1
    bus.publish("partial", {})
    assert list((tmp_path / "partial").iterdir()) == []


@pytest.mark.postgres
@pytest.mark.fault
def test_news_goes_on_when_the_database_is_back(
    postgres_server: PostgresServer, postgres_home: URL, listening: Listen
) -> None:
    bus = PostgresBus(create_postgres_database(postgres_home))
    subscriber = listening(bus)
    bus.publish("partial", {"text": "before"})
    assert subscriber.receive(5) == {"text": "before"}
    postgres_server.stop()
    bus.publish("partial", {"text": "lost"})
    time.sleep(0.3)
    postgres_server.start()
    until = time.monotonic() + 15
    heard: Message | None = None
    while heard is None and time.monotonic() < until:
        bus.publish("partial", {"text": "again"})
        heard = subscriber.receive(0.3)
    assert heard == {"text": "again"}
    bus.close()


@pytest.mark.postgres
def test_the_bridge_carries_news_to_other_machines_once(postgres_url: str, tmp_path: Path, listening: Listen) -> None:
    stop = threading.Event()
    nodes = {name: (LocalBus(tmp_path / name), PostgresBus(postgres_url)) for name in ("a", "b")}
    bridges = [
        threading.Thread(target=bridge, args=(local, others, name, stop)) for name, (local, others) in nodes.items()
    ]
    for thread in bridges:
        thread.start()
    time.sleep(1)
    here, there = (listening(nodes[name][0]) for name in ("a", "b"))
    time.sleep(0.3)
    nodes["a"][0].publish("partial", {"text": "路灯"})
    assert here.receive(5) == {"text": "路灯"}
    assert there.receive(5) == {"text": "路灯", FROM: "a"}
    assert (here.receive(0.5), there.receive(0.5)) == (None, None)
    stop.set()
    for thread in bridges:
        thread.join(5)
    for _, others in nodes.values():
        others.close()

"""Live events from a real server: nothing is missed, nothing comes twice, and the server ends when it should."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from config.sections import Address, WebSettings
from config.settings import Settings
from intake.claiming import claim_draft, release_draft
from intake_api import server
from intake_api.change_feed import Event
from intake_api.follower import LONGEST_BACKLOG, Follower
from intake_api.http_protocol import DeadlineProtocol
from intake_api.live import LiveFeed
from live_bus.local_bus import LocalBus
from models.database import Database
from models.tables import Change, Draft
from tests.intake_api.conftest import NOON, add_call, add_draft, bearer
from tests.ports import free_port
from tests.waiting import wait_for


@dataclass
class Running:
    """The `web` process' run, in a thread."""

    settings: Settings
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=server.run, args=(self.settings, self.stop))
        self.thread.start()
        wait_for(lambda: self.get("/healthz", {}) is not None)

    def get(self, path: str, headers: dict[str, str]) -> HTTPResponse | None:
        bind = self.settings.web.bind
        connection = HTTPConnection(bind.host, bind.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
        except ConnectionRefusedError:
            return None
        return connection.getresponse()

    def follow(self, headers: dict[str, str], query: str = "") -> HTTPResponse:
        """Open a stream that is at its beginning."""
        answer = self.get(f"/api/v1/events{query}", headers)
        assert answer is not None
        assert answer.status == 200
        assert answer.getheader("content-type", "").startswith("text/event-stream")
        assert answer.readline() == b": following\n"
        return answer

    def end(self) -> float:
        began = time.monotonic()
        self.stop.set()
        self.thread.join(10)
        return time.monotonic() - began


@pytest.fixture
def running(settings: Settings, database: Database) -> Iterator[Running]:
    bind = Address(host="127.0.0.1", port=free_port())
    service = Running(settings.model_copy(update={"web": WebSettings(bind=bind)}))
    yield service
    service.end()


def read_event(answer: HTTPResponse) -> dict[str, Any]:
    """Return the next event's fields, `data` read as JSON."""
    event: dict[str, Any] = {}
    while True:
        line = answer.readline().decode()
        if line == "\n" and event:
            return event
        name, _, value = line.rstrip("\n").partition(": ")
        if name:
            event[name] = json.loads(value) if name == "data" else value


def toggle(database: Database, draft: Draft, times: int) -> None:
    for _ in range(times):
        claim_draft(database, draft.id, "li", at=NOON)
        release_draft(database, draft.id, "li", at=NOON)


def test_changes_and_words_arrive_and_what_was_missed_comes_first(running: Running, database: Database) -> None:
    draft = add_draft(database, add_call(database, caller_number="13800001234"))
    token = bearer(database, "read")
    with closing(running.follow(token)) as stream:
        claim_draft(database, draft.id, "li", at=NOON)
        event = read_event(stream)
        assert event["event"] == "draft"
        assert event["data"]["row"]["claimed_by"] == "li"
        assert event["data"]["id"] == str(draft.id)
        words = {"call_id": str(draft.call_id), "index": 1, "text": "路", "start_time": 1.0, "end_time": 1.2}
        LocalBus(running.settings.runtime_dir).publish("partial", words)
        partial = read_event(stream)
        assert (partial["event"], partial["data"]) == ("partial", words)
        assert "id" not in partial
    toggle(database, draft, 3)  # claimed by li already: claims again, releases, ...
    with closing(running.follow(token | {"Last-Event-ID": event["id"]})) as stream:
        missed = [read_event(stream) for _ in range(6)]
        release_and_claim = [each["data"]["row"]["state"] for each in missed]
        ids = [int(each["id"]) for each in missed]
    assert ids == list(range(int(event["id"]) + 1, int(event["id"]) + 7))
    assert set(release_and_claim) == {"ready"}, "a missed change shows the row as it is now"


def test_an_id_that_is_not_kept_resets(running: Running, database: Database) -> None:
    with closing(running.follow(bearer(database, "read") | {"Last-Event-ID": "999999"})) as stream:
        assert read_event(stream)["event"] == "reset"


def test_one_calls_events_only(running: Running, database: Database) -> None:
    mine = add_draft(database, add_call(database))
    other = add_draft(database, add_call(database))
    with closing(running.follow(bearer(database, "read"), f"?call_id={mine.call_id}")) as stream:
        toggle(database, other, 2)
        toggle(database, mine, 1)
        assert read_event(stream)["data"]["id"] == str(mine.id)


def test_the_server_ends_soon_with_streams_open(running: Running, database: Database) -> None:
    token = bearer(database, "read")
    streams = [running.follow(token) for _ in range(20)]
    assert running.end() < 3
    for stream in streams:
        assert stream.read() == b"\n"


def test_who_cannot_set_a_header_says_after_which_id(running: Running, database: Database) -> None:
    draft = add_draft(database, add_call(database))
    toggle(database, draft, 2)
    with closing(running.follow(bearer(database, "read"), "?after=2")) as stream:
        assert [int(read_event(stream)["id"]) for _ in range(2)] == [3, 4]


def test_the_stream_of_somebody_signed_out_ends(database: Database, settings: Settings) -> None:
    async def scene() -> list[bytes]:
        feed = LiveFeed(database, LocalBus(settings.runtime_dir), ask_again_seconds=0.0)
        await feed.start()
        await feed.ready()
        draft = add_draft(database, add_call(database))
        stream = feed.stream(None, None, welcome=lambda: False)
        first = await anext(stream)
        await asyncio.to_thread(toggle, database, draft, 1)
        rest = [chunk async for chunk in stream]
        await feed.stop()
        return [first, *rest]

    frames = asyncio.run(scene())
    assert len(frames) == 2, "the event in which it was noticed was the last"


def test_a_long_absence_is_read_page_by_page(running: Running, database: Database) -> None:
    with database.session() as db:
        db.add_all(Change(kind="ticket", subject_id=str(number)) for number in range(1200))
    with closing(running.follow(bearer(database, "read"), "?after=1")) as stream:
        assert [int(read_event(stream)["id"]) for _ in range(1199)] == list(range(2, 1201))
        with database.session() as db:
            db.add_all(Change(kind="ticket", subject_id=str(number)) for number in range(600))
        assert [int(read_event(stream)["id"]) for _ in range(600)] == list(range(1201, 1801))


def test_nobody_follows(running: Running) -> None:
    answer = running.get("/api/v1/events", {})
    assert answer is not None
    assert answer.status == 401


def event_of(number: int, call_id: str = "c", kind: str = "draft") -> Event:
    return Event(number, kind, call_id, f"id: {number}\n\n".encode())


def test_a_console_too_far_behind_is_let_go() -> None:
    async def scene() -> list[bytes]:
        follower = Follower(None, 0)
        for number in range(LONGEST_BACKLOG + 1):
            follower.put(event_of(number))
        return [chunk async for chunk in follower.chunks()]

    assert asyncio.run(scene()) == []


def test_of_words_that_may_change_only_the_latest_are_kept_and_none_that_are_final() -> None:
    async def scene() -> bytes:
        follower = Follower(None, 0)
        for text in (b"a", b"ab", b"abc"):
            follower.put_partial("c", text)
            follower.put_partial("d", text)
        follower.put(event_of(1, "d", "utterance"))
        return await anext(follower.chunks())

    assert asyncio.run(scene()) == b"id: 1\n\nabc"


def test_silence_is_filled_with_comments() -> None:
    async def scene() -> bytes:
        return await anext(Follower(None, 0).chunks(keep_alive_seconds=0.01))

    assert asyncio.run(scene()).startswith(b":")


def test_a_peer_that_says_nothing_is_let_go(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeadlineProtocol, "header_seconds", 0.3)
    bind = running.settings.web.bind
    with socket.create_connection((bind.host, bind.port), timeout=5) as silent:
        assert silent.recv(1) == b""
    with socket.create_connection((bind.host, bind.port), timeout=5) as slow:
        for letter in b"GET /healthz HT":
            slow.send(bytes([letter]))
            time.sleep(0.01)
        assert slow.recv(1) == b""
    with socket.create_connection((bind.host, bind.port), timeout=5) as twice:
        for _ in range(2):
            twice.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"}"):
                answer += twice.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200")
        assert twice.recv(1) == b""

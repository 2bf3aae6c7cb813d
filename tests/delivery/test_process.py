"""The `deliver` process as it runs, killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import func, select

from config.sections import DatabaseSettings
from config.settings import Settings
from delivery.sql_case_store import SqlCaseStore
from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from models.database import DATABASE_AWAY, Database, open_database
from models.tables import AuditEntry, Call, Draft, OutboxEntry, Ticket, Utterance
from tests.spool_calls import NOON, SpokenCall

ROOT = Path(__file__).parents[2]
DELIVER = """
import signal, sys, threading
from delivery.process import run
from config.settings import Settings
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
run(Settings(), stop)
"""
CONFIRM = """
import sys
from datetime import UTC, datetime
from sqlmodel import select
from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from models.database import open_database
from models.tables import Draft
database = open_database(sys.argv[1])
with database.reading() as session:
    drafts = session.exec(select(Draft).where(Draft.state == "ready")).all()
for draft in drafts:
    now = datetime.now(UTC)
    claimed = claim_draft(database, draft.id, "li", at=now)
    ticket, _ = confirm_draft(database, draft.id, "li", claimed.version, at=now)
    print(ticket.id, flush=True)
"""


class Running:
    """The process, started again after every kill."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {
            **os.environ,
            "HOTLINE_DATA_DIR": str(settings.data_dir),
            "HOTLINE_DATABASE__URL": settings.database_url,
        }
        self._log = (settings.data_dir / "deliver.log").open("ab")
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", DELIVER], cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> float:
        began = time.perf_counter()
        self.process.terminate()
        self.process.wait(20)
        return time.perf_counter() - began


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    settings = Settings(data_dir=tmp_path / "data", database=DatabaseSettings(url=SecretStr(database_url)))
    settings.spool_dir.mkdir(parents=True)
    return settings


@pytest.fixture
def running(settings: Settings) -> Iterator[Running]:
    process = Running(settings)
    yield process
    if process.process.poll() is None:
        process.kill()


def soon(true: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except DATABASE_AWAY:
            pass
        assert time.monotonic() < until, "it did not become true"
        time.sleep(0.02)


def count(database: Database, table: type, *where: object) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(table).where(*where)).one()  # type: ignore[arg-type]


def confirm(database: Database, call: SpokenCall) -> Ticket:
    with database.reading() as session:
        draft = session.exec(select(Draft).where(Draft.call_id == call.id)).one()
    claimed = claim_draft(database, draft.id, "li", at=NOON)
    return confirm_draft(database, draft.id, "li", claimed.version, at=NOON)[0]


@pytest.mark.fault
def test_a_call_becomes_a_case_whatever_is_killed_when(
    database: Database, settings: Settings, running: Running
) -> None:
    chance, calls = random.Random(12345), [SpokenCall(settings.spool_dir) for _ in range(6)]
    steps = [
        [
            c.answer,
            c.record,
            lambda c=c: c.press("10"),
            lambda c=c: c.say("小区的路灯坏了", "在解放路"),
            c.end,
            c.transcribed,
        ]
        for c in calls
    ]
    while any(steps):
        for step in filter(None, steps):
            step.pop(0)()
            time.sleep(chance.random() / 10)
        running.kill()
        running.start()
        time.sleep(chance.random() * 1.5)
    soon(lambda: count(database, Draft, Draft.state == "ready") == len(calls))
    tickets = [confirm(database, call) for call in calls]
    for _ in range(2):
        time.sleep(chance.random())
        running.kill()
        running.start()
    soon(lambda: count(database, OutboxEntry, OutboxEntry.state == "delivered") == len(calls), 60)
    soon(lambda: count(database, Call, Call.recording == None) == 0)  # noqa: E711
    assert count(database, Utterance) == 2 * len(calls)
    with database.reading() as session:
        assert set(session.exec(select(Call.digits))) == {"10"}
        cases = {row.ticket_id: row.case_id for row in session.exec(select(OutboxEntry))}
    store = SqlCaseStore(settings.case_store_url)
    assert {store.case(cases[ticket.id] or "")["ticket_id"] for ticket in tickets} == {str(t.id) for t in tickets}  # type: ignore[index]
    assert all((settings.recordings_dir / f"2026/11/23/{call.id}.wav").stat().st_size == 16_044 for call in calls)
    store.close()
    assert running.terminate() < 5


@pytest.mark.fault
def test_a_process_killed_at_confirming_leaves_all_or_nothing(
    database: Database, database_url: str, settings: Settings, running: Running
) -> None:
    chance, calls = random.Random(5), [SpokenCall(settings.spool_dir).whole("路灯坏了") for _ in range(60)]
    soon(lambda: count(database, Draft, Draft.state == "ready") == len(calls))
    running.kill()
    told: list[str] = []
    for _ in range(4):
        web = subprocess.Popen(
            [sys.executable, "-c", CONFIRM, database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert web.stdout
        told += [web.stdout.readline().strip() for _ in range(3)]
        time.sleep(chance.random() / 20)
        web.send_signal(signal.SIGKILL)
        told += web.stdout.read().split()
        web.wait()
    with database.reading() as session:
        tickets = {str(ticket.id): ticket for ticket in session.exec(select(Ticket))}
        entries = {str(entry.ticket_id) for entry in session.exec(select(OutboxEntry))}
        confirmed = set(session.exec(select(Draft.id).where(Draft.state == "confirmed")))
        logged = {row.subject for row in session.exec(select(AuditEntry).where(AuditEntry.action == "draft_confirmed"))}
    assert set(filter(None, told)) <= set(tickets)
    assert len(told) >= 12
    assert set(tickets) == entries
    assert {ticket.draft_id for ticket in tickets.values()} == confirmed
    assert {f"draft:{draft}" for draft in confirmed} == logged


def test_the_process_ends_when_told(settings: Settings, running: Running) -> None:
    SpokenCall(settings.spool_dir).whole("路灯坏了")
    database = open_database(settings.database_url)
    soon(lambda: count(database, Draft, Draft.state == "ready") == 1)
    assert running.terminate() < 5
    assert running.process.returncode == 0
    database.dispose()

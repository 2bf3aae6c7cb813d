"""Processes are killed, the database goes away, and nothing is lost."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from config.settings import Settings
from tests.clients import call_with_sipp, sipp_call_id
from tests.database_fixtures import PostgresServer, create_postgres_database
from tests.service import Service
from tests.waiting import wait_for

pytestmark = [pytest.mark.call, pytest.mark.fault, pytest.mark.slow]

PAUSE = bytes(16000)
FIRST = "我要投诉兰山区银雀山街道的路灯坏了"
SECOND = "我的电话是一三八零零零零一二三四"


@pytest.fixture
def pcm(speech: Callable[[str], bytes]) -> bytes:
    """Two utterances, about nine seconds."""
    return PAUSE + speech(FIRST) + PAUSE * 3 + speech(SECOND) + PAUSE * 2


def ready(service: Service, sip_call_id: str) -> dict[str, Any] | None:
    try:
        call = service.call_of(sip_call_id)
        draft = service.draft_of(call["id"]) if call else None
    except OSError:  # the web process is being started again
        return None
    return call if draft and draft["state"] == "ready" else None


def undisturbed(service: Service, folder: Path, pcm: bytes) -> str:
    """What is heard when nothing goes wrong."""
    client = call_with_sipp(folder / "undisturbed", service.sip_port, pcm)
    assert client.wait(60) == 0
    return service.text_of(wait_for(lambda: ready(service, sipp_call_id(client)), 30)["id"])


@pytest.mark.parametrize("role", ["recogniser", "deliver", "web"])
def test_a_killed_process_loses_no_word(service: Service, tmp_path: Path, pcm: bytes, role: str) -> None:
    expected = undisturbed(service, tmp_path, pcm)
    client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm)
    for _ in range(2):
        time.sleep(2.5)
        service.kill(role)
    assert client.wait(60) == 0, "the caller must not notice"
    wait_for(service.is_ready, 20)
    call = wait_for(lambda: ready(service, sipp_call_id(client)), 30)
    assert service.text_of(call["id"]) == expected
    with wave.open(BytesIO(service.get(f"/api/v1/calls/{call['id']}/audio").body)) as recording:
        assert recording.getnframes() / 8000 >= len(pcm) / 16000


def test_killed_calls_leave_complete_folders(service: Service, tmp_path: Path, pcm: bytes) -> None:
    client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm)
    time.sleep(8.0)  # the first utterance ends 5.7 s after the answer
    service.kill("calls")
    call = wait_for(lambda: ready(service, sipp_call_id(client)), 30)
    client.kill()
    client.wait()
    assert call["end_reason"] == "node_restarted"
    assert FIRST[-4:] in service.text_of(call["id"]), "what was said before the kill is heard"
    with wave.open(BytesIO(service.get(f"/api/v1/calls/{call['id']}/audio").body)) as recording:
        assert recording.getnframes() / 8000 > 5.0
    assert undisturbed(service, tmp_path, pcm), "new calls are answered"


def test_everything_is_killed_and_started_again(service: Service, tmp_path: Path, pcm: bytes) -> None:
    client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm)
    time.sleep(5.0)
    assert service.process is not None
    service.process.kill()
    service.process.wait()
    client.kill()
    client.wait()
    service.start()
    call = wait_for(lambda: ready(service, sipp_call_id(client)), 40)
    assert service.text_of(call["id"])


def test_sigterm_ends_within_15_seconds_and_the_call_is_kept(service: Service, tmp_path: Path, pcm: bytes) -> None:
    client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm * 3)
    time.sleep(3.0)
    began = time.monotonic()
    service.stop()
    assert time.monotonic() - began < 15
    client.wait(30)
    (folder,) = [path for path in (service.data_dir / "spool").iterdir() if path.is_dir()]
    facts = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    (ended,) = [fact for fact in facts if fact["fact"] == "ended"]
    assert ended["recorded_seconds"] > 2.0


@pytest.mark.postgres
def test_calls_are_answered_while_the_database_is_away(
    tmp_path: Path, pcm: bytes, postgres_server: PostgresServer
) -> None:
    url = create_postgres_database(make_url(postgres_server.url()))
    service = Service(tmp_path / "data", HOTLINE_DATABASE__URL=url).start()
    try:
        assert service.token
        postgres_server.stop()
        try:
            client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm)
            assert client.wait(60) == 0, "the caller must not notice"
            away = service.get("/readyz", token="")
            assert away.status == 503
            assert service.get("/api/v1/calls").status == 503
        finally:
            postgres_server.start()
        call = wait_for(lambda: ready(service, sipp_call_id(client)), 60)
        assert FIRST[-4:] in service.text_of(call["id"])
    finally:
        service.stop()


@pytest.mark.postgres
def test_calls_are_answered_by_a_service_that_starts_without_its_database(
    tmp_path: Path, pcm: bytes, postgres_server: PostgresServer
) -> None:
    url = create_postgres_database(make_url(postgres_server.url()))
    service = Service(tmp_path / "data", HOTLINE_DATABASE__URL=url)
    postgres_server.stop()
    try:
        service.start(wait=False)
        wait_for((Settings(data_dir=service.data_dir).runtime_dir / "calls.json").exists, 30)
        client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm)
        assert client.wait(60) == 0
    finally:
        postgres_server.start()
    try:
        wait_for(service.is_ready, 40)
        call = wait_for(lambda: ready(service, sipp_call_id(client)), 60)
        assert FIRST[-4:] in service.text_of(call["id"])
    finally:
        service.stop()


def confirm_a_call(service: Service, folder: Path, pcm: bytes) -> dict[str, Any]:
    """Call, claim and confirm; return the ticket."""
    client = call_with_sipp(folder / "sipp", service.sip_port, pcm)
    assert client.wait(60) == 0
    call = wait_for(lambda: ready(service, sipp_call_id(client)), 30)
    draft = service.draft_of(call["id"])
    assert draft is not None
    claimed = service.request("POST", f"/api/v1/drafts/{draft['id']}/claim").json
    ticket: dict[str, Any] = service.request(
        "POST", f"/api/v1/drafts/{draft['id']}/confirm", {"version": claimed["version"]}
    ).json
    return ticket


@pytest.mark.postgres
def test_a_case_store_that_is_away_gets_the_ticket_when_it_is_back(
    tmp_path: Path, pcm: bytes, postgres_server: PostgresServer
) -> None:
    url = create_postgres_database(make_url(postgres_server.url()))
    service = Service(tmp_path / "data", HOTLINE_DELIVERY__URL=url, HOTLINE_DELIVERY__LONGEST_RETRY_SECONDS="2").start()
    try:
        postgres_server.stop()
        try:
            ticket = confirm_a_call(service, tmp_path, pcm)

            def tried() -> bool:
                delivery = service.get(f"/api/v1/tickets/{ticket['id']}").json["delivery"]
                return bool(delivery["state"] == "waiting" and delivery["attempts"])

            wait_for(tried, 30)
            service.kill("deliver")
        finally:
            postgres_server.start()

        def case_id() -> str | None:
            delivery = service.get(f"/api/v1/tickets/{ticket['id']}").json["delivery"]
            return delivery["case_id"] if delivery["state"] == "delivered" else None

        case = service.get(f"/api/v1/cases/{wait_for(case_id, 40)}")
        assert case.status == 200
    finally:
        service.stop()

"""Health in plain sentences, and metrics for who may read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from config.sections import StorageSettings
from config.settings import Settings
from intake_api.health import disk_check, process_check
from models.database import Database
from models.states import DeliveryState
from models.tables import OutboxEntry, Ticket
from tests.intake_api.conftest import NOON, Clock, add_call, add_draft, bearer


def write_status(settings: Settings, process: str, **values: Any) -> None:
    settings.runtime_dir.mkdir(parents=True, exist_ok=True)
    status = {"at": NOON.isoformat(), **values}
    (settings.runtime_dir / f"{process}.json").write_text(json.dumps(status), encoding="utf-8")


def test_ready_when_every_part_works(nobody: TestClient, settings: Settings, clock: Clock) -> None:
    assert nobody.get("/readyz").status_code == 503
    write_status(settings, "calls")
    write_status(settings, "recogniser")
    write_status(settings, "deliver")
    answer = nobody.get("/readyz")
    assert answer.status_code == 200
    assert {check["name"] for check in answer.json()["checks"]} == {
        *("database", "disk", "calls", "recogniser", "deliver", "deliveries"),
    }
    clock.advance(seconds=30)
    late = nobody.get("/readyz")
    assert late.status_code == 503
    assert "The recogniser: no sign of life for 30 s." in late.text


def test_a_parked_delivery_is_a_warning(nobody: TestClient, settings: Settings, database: Database) -> None:
    write_status(settings, "calls")
    write_status(settings, "recogniser")
    write_status(settings, "deliver")
    call = add_call(database)
    draft = add_draft(database, call, state="confirmed")
    ticket = Ticket(ticket_no="1", draft_id=draft.id, call_id=call.id, confirmed_by="li")
    with database.session() as db:
        db.add(ticket)
        db.flush()
        db.add(OutboxEntry(ticket_id=ticket.id, state=DeliveryState.PARKED))
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "warning")
    assert "1 ticket(s) could not be delivered" in answer.text


@pytest.mark.parametrize(("free", "state"), [(None, "failed"), (10, "failed"), (150, "warning"), (250, "ok")])
def test_the_disk_is_low_before_it_is_full(free: int | None, state: str) -> None:
    settings = Settings(storage=StorageSettings(low_disk_bytes=200, full_disk_bytes=100))
    assert disk_check(settings, free).state == state


def test_what_another_machine_does_is_not_asked_of_this_one() -> None:
    settings = Settings(roles=("web",))
    assert process_check(settings, "calls", "Calls", "来电", NOON).state == "ok"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"at": 5}', '{"at": "2026-11-23T12:00:00"}'])
def test_a_status_file_that_says_nothing_is_no_sign_of_life(settings: Settings, content: str) -> None:
    settings.runtime_dir.mkdir(parents=True)
    (settings.runtime_dir / "calls.json").write_text(content, encoding="utf-8")
    assert process_check(settings, "calls", "Calls", "来电", NOON).state == "failed"


def test_metrics_are_for_this_machine_or_for_a_token(
    nobody: TestClient, settings: Settings, database: Database
) -> None:
    numbers = {"hotline_sip_invites_total": 7, "bad name": 1, "hotline_text": "x"}
    refused = {'sip_requests_refused_total{reason="full"}': 2, 'sip_requests_refused_total{reason="flood"}': 5}
    write_status(settings, "calls", metrics=numbers | refused)
    add_draft(database, add_call(database))
    assert nobody.get("/metrics").status_code == 401  # the test client's address is no loopback address
    text = nobody.get("/metrics", headers=bearer(database, "read")).text
    assert 'hotline_drafts{state="ready"} 1.0' in text
    assert "hotline_sip_invites_total 7.0" in text
    assert 'sip_requests_refused_total{reason="full"} 2.0' in text
    assert text.count("# TYPE sip_requests_refused_total counter") == 1
    assert "bad name" not in text
    assert "hotline_database_up 1.0" in text
    nobody.get("/api/v1/me")
    text = nobody.get("/metrics", headers=bearer(database, "read")).text
    assert 'hotline_http_request_seconds_count{method="GET",route="/api/v1/me",status="401"}' in text

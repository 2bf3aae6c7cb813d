"""Calls and their words over HTTP; numbers are masked for who may only read."""

from __future__ import annotations

from datetime import timedelta

from fastapi.testclient import TestClient

from models.database import Database
from tests.intake_api.conftest import NOON, add_call, add_draft, bearer

NAMES = {
    *("id", "sip_call_id", "caller_number", "state", "answered_at", "ended_at", "end_reason", "digits"),
    *("packets_received", "packets_lost"),
}


def test_a_call_is_found_by_the_call_id_of_its_invite(client: TestClient, database: Database) -> None:
    call = add_call(database, sip_call_id="b7@192.0.2.1", digits="12#")
    add_call(database, sip_call_id="other")
    page = client.get("/api/v1/calls", params={"sip_call_id": "b7@192.0.2.1"}).json()
    assert page["next"] is None
    (found,) = page["items"]
    assert set(found) >= NAMES
    assert (found["id"], found["digits"]) == (str(call.id), "12#")
    assert client.get(f"/api/v1/calls/{call.id}").json() == found


def test_calls_are_found_by_state_and_time(client: TestClient, database: Database) -> None:
    live = add_call(database, state="answered", invited_at=NOON)
    add_call(database, state="ended", invited_at=NOON - timedelta(hours=1))

    def found(**filters: str) -> list[str]:
        return [call["id"] for call in client.get("/api/v1/calls", params=filters).json()["items"]]

    assert found(state="answered") == [str(live.id)]
    assert found(since=NOON.isoformat()) == [str(live.id)]
    assert len(found()) == 2
    assert client.get("/api/v1/calls", params={"since": "2026-11-23T12:00:00"}).status_code == 422
    assert client.get("/api/v1/calls", params={"state": "asleep"}).status_code == 422


def test_the_transcript(client: TestClient, database: Database) -> None:
    call = add_call(database)
    (utterance,) = client.get(f"/api/v1/calls/{call.id}/transcript").json()["utterances"]
    assert {"index", "start_time", "end_time", "text", "confidence", "words"} <= set(utterance)
    assert utterance["words"] == [{"word": "路灯", "start": 1.0, "end": 1.4, "confidence": 0.9}]


def test_a_correction_keeps_what_was_heard(client: TestClient, database: Database) -> None:
    call = add_call(database)
    draft = add_draft(database, call)
    at = f"/api/v1/calls/{call.id}/transcript/0"
    assert client.patch(at, json={"text": "路灯不亮了"}).status_code == 409  # not claimed
    client.post(f"/api/v1/drafts/{draft.id}/claim")
    corrected = client.patch(at, json={"text": "路灯不亮了"}).json()
    assert (corrected["text"], corrected["heard_text"]) == ("路灯不亮了", "路灯不亮")
    assert corrected["corrected_by"].startswith("token:desk")
    assert client.patch(f"/api/v1/calls/{call.id}/transcript/9", json={"text": "x"}).status_code == 404
    back = client.patch(at, json={"text": "路灯不亮"}).json()
    assert back["corrected_by"] is None


def test_readers_see_masked_numbers_everywhere(client: TestClient, database: Database) -> None:
    call = add_call(database, caller_name="李四")
    draft = add_draft(database, call)
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    ticket = client.post(f"{at}/confirm", json={"version": 1}).json()
    assert ticket["fields"]["phone"]["value"] == "13800001234"
    reader = bearer(database, "read")
    paths = ("calls", f"calls/{call.id}", "drafts", f"drafts/{draft.id}", "tickets", f"tickets/{ticket['id']}")
    for path in paths:
        shown = client.get(f"/api/v1/{path}", headers=reader).text
        assert "13800001234" not in shown, path
        assert "李四" not in shown, path
        assert "138****1234" in shown, path
    assert client.get(f"/api/v1/calls/{call.id}").json()["caller_number"] == "13800001234"


def test_a_number_is_revealed_for_a_reason_that_is_logged(client: TestClient, database: Database) -> None:
    call = add_call(database)
    at = f"/api/v1/calls/{call.id}/reveal"
    assert client.post(at, json={"reason": " "}).status_code == 422
    assert client.post(at, json={"reason": "call back 13800001234"}).json()["caller_number"] == "13800001234"
    assert client.post(at, json={"reason": "x"}, headers=bearer(database, "read")).status_code == 403
    log = client.get("/api/v1/audit", params={"subject": f"call:{call.id}"}, headers=bearer(database, "admin")).json()
    (entry,) = log["items"]
    assert entry["action"] == "number_revealed"
    assert entry["detail"] == {"reason": "call back 138****1234"}

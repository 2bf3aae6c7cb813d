"""Decisions, hand-over and the city's names over HTTP."""

from __future__ import annotations

from fastapi.testclient import TestClient

from models.database import Database
from models.tables import Operator
from tests.intake_api.conftest import add_call, add_draft, bearer


def test_a_code_that_needs_a_supervisor_goes_to_one(client: TestClient, database: Database) -> None:
    draft = add_draft(database, add_call(database))
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    version = client.patch(at, json={"version": 1, "fields": {"not_accept_code": "NA3"}}).json()["version"]
    refused = client.post(f"{at}/confirm", json={"version": version})
    assert refused.status_code == 403
    assert "NA3" in refused.json()["detail_zh"]
    asked = client.post(f"{at}/decisions", json={"version": version, "reason": "违反规定"})
    assert asked.status_code == 201
    admin = bearer(database, "admin", "chief")
    (waiting,) = client.get("/api/v1/decisions", params={"state": "waiting"}, headers=admin).json()["items"]
    assert (waiting["id"], waiting["code"]) == (asked.json()["id"], "NA3")
    assert client.post(f"/api/v1/decisions/{waiting['id']}/return", json={}, headers=admin).status_code == 422
    made = client.post(f"/api/v1/decisions/{waiting['id']}/approve", json={}, headers=admin).json()
    assert made["state"] == "approved"
    assert client.post(f"{at}/confirm", json={"version": version}).status_code == 200


def test_a_draft_is_handed_over(client: TestClient, database: Database) -> None:
    with database.session() as db:
        db.add(Operator(name="王强", role="supervisor", password_hash=""))
    draft = add_draft(database, add_call(database))
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    assert client.post(f"{at}/hand-over", json={"to": "nobody"}).status_code == 422
    assert client.post(f"{at}/hand-over", json={"to": "王强", "words": "请看"}).json()["claimed_by"] == "王强"


def test_a_county_that_the_city_has_not_is_422_with_a_plain_sentence(client: TestClient, database: Database) -> None:
    draft = add_draft(database, add_call(database))
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    answer = client.patch(at, json={"version": 1, "fields": {"county": "青岛市"}})
    assert (answer.status_code, answer.json()["field"]) == (422, "county")
    assert answer.json()["detail_zh"] == "本市名录中没有县区“青岛市”。"

"""A draft over HTTP: from the queue to the ticket, and what the loser of a race is told."""

from __future__ import annotations

from uuid import uuid4

from fastapi.testclient import TestClient

from models.database import Database
from tests.intake_api.conftest import add_call, add_draft, bearer


def test_a_draft_becomes_a_ticket(client: TestClient, database: Database) -> None:
    call = add_call(database)
    add_draft(database, call)
    (draft,) = client.get("/api/v1/drafts", params={"call_id": str(call.id)}).json()["items"]
    assert {"id", "call_id", "state", "version", "fields"} <= set(draft)
    assert {"value", "confidence", "evidence", "source", "candidates"} <= set(draft["fields"]["title"])
    at = f"/api/v1/drafts/{draft['id']}"
    claimed = client.post(f"{at}/claim").json()
    assert (claimed["state"], claimed["version"]) == ("claimed", draft["version"])
    edited = client.patch(at, json={"version": draft["version"], "fields": {"county": "兰山区"}}).json()
    assert edited["version"] == draft["version"] + 1
    assert edited["fields"]["county"]["value"] == "兰山区"
    assert edited["fields"]["county"]["source"] == "operator"
    answer = client.post(f"{at}/confirm", json={"version": edited["version"]})
    assert answer.status_code == 200
    ticket = answer.json()
    assert ticket["delivery"]["state"] == "waiting"
    assert ticket["delivery"]["case_id"] is None
    assert client.get(f"/api/v1/tickets/{ticket['id']}").json() == ticket
    assert client.get("/api/v1/tickets").json() == {"items": [ticket], "next": None}


def test_a_stale_version_is_409_and_changes_nothing(client: TestClient, database: Database) -> None:
    draft = add_draft(database, add_call(database), version=4)
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    for answer in (
        client.patch(at, json={"version": 3, "fields": {"county": "兰山区"}}),
        client.post(f"{at}/confirm", json={"version": 3}),
        client.post(f"{at}/discard", json={"version": 3, "reason": "wrong number"}),
    ):
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["state"], problem["version"], problem["title"]) == ("claimed", 4, "Conflict")
        assert problem["detail"].endswith(".")
        assert problem["detail_zh"].endswith("。")
    assert client.get(at).json()["version"] == 4


def test_the_loser_is_told_who_won(client: TestClient, database: Database) -> None:
    draft = add_draft(database, add_call(database))
    at = f"/api/v1/drafts/{draft.id}"
    assert client.post(f"{at}/claim").status_code == 200
    other = bearer(database, "operate", "other")
    answer = client.post(f"{at}/claim", headers=other)
    assert answer.status_code == 409
    assert answer.json()["by"].startswith("token:desk")
    assert client.post(f"{at}/claim", params={"take_over": True}, headers=other).status_code == 409
    admin = bearer(database, "admin", "chief")
    assert client.post(f"{at}/claim", params={"take_over": True}, headers=admin).status_code == 200


def test_two_tokens_of_one_name_are_two_actors(client: TestClient, database: Database) -> None:
    at = f"/api/v1/drafts/{add_draft(database, add_call(database)).id}"
    assert client.post(f"{at}/claim").status_code == 200
    assert client.post(f"{at}/claim", headers=bearer(database, "operate", "desk")).status_code == 409


def test_a_live_draft_cannot_be_claimed(client: TestClient, database: Database) -> None:
    draft = add_draft(database, add_call(database), state="listening")
    answer = client.post(f"/api/v1/drafts/{draft.id}/claim")
    assert (answer.status_code, answer.json()["state"]) == (409, "listening")


def test_discard_and_reopen(client: TestClient, database: Database) -> None:
    draft = add_draft(database, add_call(database))
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    gone = client.post(f"{at}/discard", json={"version": 1, "reason": "拨错"}).json()
    assert (gone["state"], gone["discard_reason"]) == ("discarded", "拨错")
    assert client.post(f"{at}/reopen").json()["state"] == "ready"


def test_merge(client: TestClient, database: Database) -> None:
    stands = add_draft(database, add_call(database))
    draft = add_draft(database, add_call(database))
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    assert client.post(f"{at}/merge", json={"version": 1, "into": str(draft.id)}).status_code == 422
    merged = client.post(f"{at}/merge", json={"version": 1, "into": str(stands.id)}).json()
    assert (merged["state"], merged["merged_into"]) == ("merged", str(stands.id))


def test_bad_input_names_the_place(client: TestClient, database: Database) -> None:
    draft = add_draft(database, add_call(database))
    at = f"/api/v1/drafts/{draft.id}"
    client.post(f"{at}/claim")
    for body in ({}, {"version": "x", "fields": {}}, {"version": 1, "fields": {"title": [1]}}, [1], {"version": 1}):
        answer = client.patch(at, json=body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"]
    unknown = client.patch(at, json={"version": 1, "fields": {"colour": "red"}})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "colour")
    broken = client.patch(at, content=b'{"version": 1,', headers={"content-type": "application/json"})
    assert broken.status_code == 422


def test_unknown_ids_are_404_whatever_they_look_like(client: TestClient) -> None:
    for kind in ("calls", "drafts", "tickets", "cases"):
        for unknown in (str(uuid4()), "nonsense", "0"):
            answer = client.get(f"/api/v1/{kind}/{unknown}")
            assert (answer.status_code, answer.json()["status"]) == (404, 404), (kind, unknown)
    assert client.post(f"/api/v1/drafts/{uuid4()}/claim").status_code == 404
    assert client.get("/api/v1/nothing").status_code == 404
    assert client.delete("/api/v1/drafts").status_code == 405


def test_pages_follow_each_other_without_gaps(client: TestClient, database: Database) -> None:
    ids = [str(add_draft(database, add_call(database)).id) for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = client.get("/api/v1/drafts", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [draft["id"] for draft in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ids[::-1]
    assert client.get("/api/v1/drafts", params={"cursor": "nonsense"}).status_code == 422


def test_drafts_are_found_by_words_and_state(client: TestClient, database: Database) -> None:
    lamp = add_draft(database, add_call(database), search_text="路灯不亮 138")
    add_draft(database, add_call(database), search_text="噪音", state="confirmed")

    def found(**filters: str | list[str]) -> list[str]:
        return [draft["id"] for draft in client.get("/api/v1/drafts", params=filters).json()["items"]]

    assert found(q="路灯") == [str(lamp.id)]
    assert found(state="ready") == [str(lamp.id)]
    assert len(found(state=["ready", "confirmed"])) == 2
    assert found(q="100%") == []

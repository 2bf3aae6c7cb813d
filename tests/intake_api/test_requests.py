"""What every request and answer passes through: limits, headers, ids, plain errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from config.sections import WebSettings
from config.settings import Settings
from intake_api.app import create_app
from models.database import Database
from tests.intake_api.conftest import add_call, add_draft, bearer

PROBLEM = "application/problem+json"


def is_problem(answer: Any, status: int) -> bool:
    content = answer.json()
    assert content["detail"].endswith(".")
    assert content["detail_zh"].endswith("。")
    return (content["status"], answer.status_code, answer.headers["content-type"]) == (status, status, PROBLEM)


def test_a_large_body_is_413_with_and_without_a_length(client: TestClient, database: Database) -> None:
    at = f"/api/v1/drafts/{add_draft(database, add_call(database)).id}"
    assert is_problem(client.patch(at, content=b"x" * 1_000_001), 413)

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    assert is_problem(client.patch(at, content=chunks(), headers={"Content-Type": "application/json"}), 413)
    assert is_problem(client.post("/sign-in", content=b"x" * 2_000_000), 413)


def test_every_answer_forbids_what_browsers_need_not_do(client: TestClient) -> None:
    for path in ("/api/v1/calls", "/api/v1/nothing", "/healthz"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
    assert client.get("/api/v1/calls").headers["cache-control"] == "no-store"


def test_a_request_carries_an_id_into_the_answer_and_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "intake_api.request_log")
    answer = client.get("/api/v1/nothing?q=13800001234", headers={"X-Request-ID": "trace-7"})
    assert answer.headers["x-request-id"] == "trace-7"
    (line,) = [record for record in caplog.records if record.name == "intake_api.request_log"]
    assert line.__dict__["request_id"] == "trace-7"
    assert "13800001234" not in line.getMessage()
    forged = client.get("/api/v1/nothing", headers={"X-Request-ID": "a\tb" * 50})
    assert len(forged.headers["x-request-id"]) == 16


def test_a_fault_of_ours_is_a_problem_and_says_nothing_inside(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/fails")
    assert is_problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "secret" in caplog.text


def test_errors_are_problems(client: TestClient, nobody: TestClient) -> None:
    assert is_problem(client.get("/api/v1/nothing"), 404)
    assert is_problem(client.put("/api/v1/calls"), 405)
    assert is_problem(client.get("/api/v1/calls?limit=0"), 422)
    assert is_problem(client.get("/api/v1/calls", headers={"Authorization": "Bearer x"}), 401)
    assert client.get("/api/v1/calls", headers={"Authorization": "Bearer x"}).headers["www-authenticate"]


def test_a_database_that_is_away_is_503_and_the_answer_says_when_to_come_back(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database={"url": "postgresql://nobody@127.0.0.1:1/none"})
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.get("/api/v1/calls", headers={"Authorization": "Bearer hotline_x"})
        assert is_problem(answer, 503)
        assert answer.headers["retry-after"]
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503


def test_https_makes_cookies_and_transport_strict(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, web=WebSettings(public_url="https://hotline.example"))
    with TestClient(create_app(settings)) as client:
        assert client.get("/healthz").headers["strict-transport-security"]


def test_a_revoked_token_opens_nothing(nobody: TestClient, database: Database) -> None:
    admin = bearer(database, "admin")
    made = nobody.post("/api/v1/tokens", json={"scope": "read", "name": "map"}, headers=admin)
    assert made.status_code == 201
    token = made.json()
    reader = {"Authorization": f"Bearer {token['token']}"}
    assert nobody.get("/api/v1/me", headers=reader).json()["rights"] == ["read"]
    listed = nobody.get("/api/v1/tokens", headers=admin)
    assert token["token"] not in listed.text
    assert nobody.delete(f"/api/v1/tokens/{token['id']}", headers=admin).json()["revoked_at"]
    assert nobody.get("/api/v1/me", headers=reader).status_code == 401
    assert nobody.post("/api/v1/tokens", json={"scope": "all"}, headers=admin).status_code == 422


def test_who_is_new_begins_in_the_services_language(settings: Settings, database: Database) -> None:
    admin = bearer(database, "admin", "chief")
    for language, name in (("en", "li"), ("zh", "wang")):
        app = create_app(settings.model_copy(update={"language": language}))
        with TestClient(app, headers=admin) as client:
            new = {"name": name, "role": "operator", "password": "a long enough sentence"}
            assert client.post("/api/v1/operators", json=new).json()["language"] == language


def test_operators_are_added_changed_and_kept_out(nobody: TestClient, database: Database) -> None:
    admin = bearer(database, "admin")
    new = {"name": "王", "role": "operator", "password": "a good long one"}
    made = nobody.post("/api/v1/operators", json=new, headers=admin)
    assert made.status_code == 201
    assert "password" not in made.text
    at = f"/api/v1/operators/{made.json()['id']}"
    assert nobody.post("/api/v1/operators", json=new, headers=admin).status_code == 409
    assert nobody.post("/api/v1/operators", json=new | {"password": "short"}, headers=admin).status_code == 422
    assert nobody.patch(at, json={"role": "admin"}, headers=admin).json()["role"] == "admin"
    last = nobody.patch(at, json={"active": False}, headers=admin)
    assert (last.status_code, last.json()["detail"]) == (403, "The last administrator stays one.")
    assert nobody.get("/api/v1/operators", headers=admin).json()["items"] == [nobody.get(at, headers=admin).json()]


def test_a_fault_is_told_to_a_browser_on_a_page_and_to_a_program_as_a_problem(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a fault")

    with TestClient(app, raise_server_exceptions=False) as client:
        page = client.get("/broken", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
        assert page.headers["X-Request-ID"] in page.text
        assert "<h1>" in page.text
        assert "a fault" not in page.text
        told = client.get("/broken")
        assert (told.status_code, told.headers["content-type"]) == (500, "application/problem+json")

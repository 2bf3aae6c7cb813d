"""A person's sessions: seen, ended one by one, ended everywhere."""

from __future__ import annotations

from datetime import timedelta

from fastapi.testclient import TestClient

from intake_api.security import web_session
from intake_api.security.cookies import SESSION
from intake_api.security.opaque import hash_secret
from models import tables
from models.database import Database
from models.tables import Operator
from tests.intake_api.conftest import NOON, Clock, bearer


def sign_in(database: Database, operator: Operator, browser: str) -> dict[str, str]:
    with database.session() as db:
        cookies = web_session.open_session(db, operator, browser, NOON, timedelta(hours=12))
    with database.reading() as db:
        csrf = db.get_one(tables.Session, hash_secret(cookies.session)).csrf_token
    return {"Cookie": f"{SESSION}={cookies.session}", "X-CSRF-Token": csrf}


def test_sessions_are_seen_and_ended(nobody: TestClient, database: Database, clock: Clock) -> None:
    li = Operator(name="li", role="supervisor", password_hash="")
    wang = Operator(name="wang", role="operator", password_hash="")
    with database.session() as db:
        db.add_all([li, wang])
    here, there, hers = sign_in(database, li, "here"), sign_in(database, li, "there"), sign_in(database, wang, "hers")
    me = nobody.get("/api/v1/me", headers=here).json()
    assert (me["name"], me["role"], me["rights"]) == ("li", "supervisor", ["read", "operate", "supervise"])
    assert me["csrf_token"] == here["X-CSRF-Token"]
    listed = nobody.get("/api/v1/me/sessions", headers=here).json()
    assert {session["user_agent"]: session["is_this"] for session in listed} == {"here": True, "there": False}
    (other,) = [session["id"] for session in listed if not session["is_this"]]
    assert nobody.delete(f"/api/v1/me/sessions/{other}", headers=hers).status_code == 404
    assert nobody.delete(f"/api/v1/me/sessions/{other}", headers=here).status_code == 204
    assert nobody.get("/api/v1/me", headers=there).status_code == 401
    assert nobody.delete("/api/v1/me/sessions", headers=here).status_code == 204
    assert nobody.get("/api/v1/me", headers=here).status_code == 401
    assert nobody.get("/api/v1/me", headers=hers).status_code == 200
    clock.advance(hours=12)
    assert nobody.get("/api/v1/me", headers=hers).status_code == 401


def test_a_token_has_no_sessions_and_no_csrf_token(nobody: TestClient, database: Database) -> None:
    headers = bearer(database, "operate")
    assert nobody.get("/api/v1/me/sessions", headers=headers).json() == []
    assert nobody.get("/api/v1/me", headers=headers).json()["csrf_token"] is None


def test_a_token_that_is_wrong_is_not_made_good_by_a_cookie(nobody: TestClient, database: Database) -> None:
    li = Operator(name="li", role="operator", password_hash="")
    with database.session() as db:
        db.add(li)
    headers = sign_in(database, li, "here") | {"Authorization": "Bearer wrong"}
    assert nobody.get("/api/v1/me", headers=headers).status_code == 401

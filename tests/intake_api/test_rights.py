"""Every route, as every role and scope and as nobody: the server decides, whatever a page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from config.settings import Settings
from intake_api.app import create_app
from intake_api.security import web_session
from intake_api.security.actors import right_needed
from intake_api.security.cookies import SESSION
from intake_api.security.opaque import hash_secret
from intake_api.security.rights import Right
from models import tables
from models.database import Database
from models.tables import Operator
from tests.intake_api.conftest import NOON, Clock, bearer

READ, OPERATE, SUPERVISE, ADMIN = Right.READ, Right.OPERATE, Right.SUPERVISE, Right.ADMINISTER

API = {
    "GET calls": READ,
    "GET calls/{call_id}": READ,
    "GET calls/{call_id}/transcript": READ,
    "GET calls/{call_id}/audio": READ,
    "HEAD calls/{call_id}/audio": READ,
    "PATCH calls/{call_id}/transcript/{index}": OPERATE,
    "POST calls/{call_id}/reveal": OPERATE,
    "GET calls/{call_id}/audio/live": SUPERVISE,
    "GET calls/{call_id}/sip": OPERATE,
    "GET drafts": READ,
    "GET drafts/{draft_id}": READ,
    "PATCH drafts/{draft_id}": OPERATE,
    "POST drafts/{draft_id}/claim": OPERATE,
    "POST drafts/{draft_id}/release": OPERATE,
    "POST drafts/{draft_id}/confirm": OPERATE,
    "POST drafts/{draft_id}/discard": OPERATE,
    "POST drafts/{draft_id}/merge": OPERATE,
    "POST drafts/{draft_id}/reopen": OPERATE,
    "POST drafts/{draft_id}/hand-over": OPERATE,
    "POST drafts/{draft_id}/decisions": OPERATE,
    "GET decisions": SUPERVISE,
    "POST decisions/{decision_id}/approve": SUPERVISE,
    "POST decisions/{decision_id}/return": SUPERVISE,
    "GET tickets": READ,
    "GET tickets/{ticket_id}": READ,
    "POST tickets/{ticket_id}/resend": SUPERVISE,
    "GET cases/{case_id}": READ,
    "GET operators": ADMIN,
    "GET operators/{operator_id}": ADMIN,
    "POST operators": ADMIN,
    "PATCH operators/{operator_id}": ADMIN,
    "GET tokens": ADMIN,
    "POST tokens": ADMIN,
    "DELETE tokens/{token_id}": ADMIN,
    "GET audit": SUPERVISE,
    "GET events": READ,
    "GET me": READ,
    "GET me/sessions": READ,
    "DELETE me/sessions": READ,
    "DELETE me/sessions/{session_id}": READ,
}
OPEN = {
    *("GET /healthz", "GET /readyz", "GET /metrics", "GET /api/v1/openapi.json", "HEAD /api/v1/openapi.json"),
    *("GET /api/v1/docs", "GET /sign-in", "POST /sign-in", "GET /welcome", "POST /welcome", "GET /static"),
    *("POST /sign-out", "POST /language", "POST /theme"),
}
"Open to everybody: health, the description, and what leads to a sign-in. /metrics decides by where one comes from."

RIGHTS = {
    **{"read": READ, "operate": OPERATE, "admin": ADMIN},
    **{"operator": OPERATE, "supervisor": SUPERVISE, "administrator": ADMIN},
}


@dataclass
class Route:
    method: str
    path: str
    right: Right | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def address(self) -> str:
        filled = re.sub(r"{\w*_?id}", str(uuid4()), self.path)
        return re.sub(r"{\w+(:\w+)?}", "0", filled) + ("?call_id=none" if self.path == "/api/v1/events" else "")


def ends_sessions(route: Route) -> bool:
    """Whether nothing can be asked with the session afterwards: these routes come last."""
    return "sessions" in route.path or "sign-out" in route.path


def routes_of(app: FastAPI) -> Iterator[Route]:
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        for method in context.methods or {"GET"}:
            yield Route(method, context.path or "", right_needed(dependant) if dependant else None)


@pytest.fixture
def everybody(database: Database) -> dict[str, dict[str, str]]:
    """Headers of a token of each scope and of a session of each role."""
    headers = {scope: bearer(database, scope) for scope in ("read", "operate", "admin")}
    for name, role in (("operator", "operator"), ("supervisor", "supervisor"), ("administrator", "admin")):
        operator = Operator(name=name, role=role, password_hash="")
        with database.session() as db:
            db.add(operator)
            db.flush()
            cookies = web_session.open_session(db, operator, "test", NOON, timedelta(hours=1))
        with database.reading() as db:
            csrf = db.get_one(tables.Session, hash_secret(cookies.session)).csrf_token
        headers[name] = {"Cookie": f"{SESSION}={cookies.session}", "X-CSRF-Token": csrf}
    return headers


def test_every_route_of_the_api_asks_for_the_right_it_should(app: FastAPI) -> None:
    asked = {route.name.replace("/api/v1/", ""): route.right for route in routes_of(app) if "/api/v1" in route.path}
    asked = {name: right for name, right in asked.items() if right is not None}
    assert asked == API


def test_what_is_open_to_everybody_is_named_here(app: FastAPI) -> None:
    assert {route.name for route in routes_of(app) if route.right is None} <= OPEN


def test_nobody_passes(app: FastAPI, nobody: TestClient) -> None:
    for route in routes_of(app):
        if route.right is None:
            continue
        answer = nobody.request(route.method, route.address(), follow_redirects=False)
        is_page = not route.path.startswith("/api/")
        assert answer.status_code == 401 or (is_page and answer.status_code == 303), route.name
        false = {"Authorization": "Bearer hotline_false", "Cookie": f"{SESSION}=false"}
        answer = nobody.request(route.method, route.address(), headers=false, follow_redirects=False)
        assert answer.status_code == 401 or (is_page and answer.status_code == 303), route.name


@pytest.mark.parametrize("who", list(RIGHTS))
def test_everybody_passes_where_they_may_and_nowhere_else(
    database: Database, settings: Settings, everybody: dict[str, dict[str, str]], who: str
) -> None:
    app = create_app(settings, clock=Clock())
    with TestClient(app, raise_server_exceptions=False) as client:
        for route in sorted(routes_of(app), key=ends_sessions):
            if route.right is None:
                continue
            answer = client.request(route.method, route.address(), headers=everybody[who], follow_redirects=False)
            if RIGHTS[who] < route.right:
                assert answer.status_code == 403, route.name
            else:
                gone = ends_sessions(route) and answer.status_code == 401
                assert gone or answer.status_code not in (401, 403, 500), route.name


def test_a_request_by_cookie_needs_the_csrf_token(
    app: FastAPI, nobody: TestClient, everybody: dict[str, dict[str, str]]
) -> None:
    cookie = {"Cookie": everybody["administrator"]["Cookie"]}
    other_site = everybody["administrator"] | {"Sec-Fetch-Site": "cross-site"}
    for route in routes_of(app):
        if route.right is None or route.method in ("GET", "HEAD"):
            continue
        for headers in (cookie, cookie | {"X-CSRF-Token": "guess"}, other_site):
            answer = nobody.request(route.method, route.address(), headers=headers, follow_redirects=False)
            assert answer.status_code == 403, route.name
    assert nobody.get("/api/v1/me", headers=cookie).status_code == 200

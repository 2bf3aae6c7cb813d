"""Every page: for whom it is, that a machine finds no barrier on it, and that it weighs little."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from playwright.sync_api import Page
from sqlmodel import select

from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake.decisions import ask_decision
from intake.sampling import draw_sample
from intake_api.console.pages import router
from intake_api.security.actors import right_needed
from intake_api.security.rights import RIGHT_OF_ROLE, Right, Role
from models.tables import Draft, Ticket
from tests.console.calls import ShownCall, complaint
from tests.console.conftest import SignIn
from tests.console.server import PASSWORD, ConsoleServer

ROUTES = [route for route in router.routes if isinstance(route, APIRoute)]
OPEN = {"/sign-in", "/welcome", "/language", "/theme"}
LEAST = {
    "/": Right.READ, "/tickets": Right.READ, "/account": Right.READ, "/dashboard": Right.SUPERVISE,
    "/audit": Right.SUPERVISE, "/decisions": Right.SUPERVISE, "/quality": Right.SUPERVISE,
    "/system/recogniser": Right.ADMINISTER, "/system/trunks": Right.ADMINISTER, "/system/city": Right.ADMINISTER,
    "/system/keeping": Right.ADMINISTER, "/operators": Right.ADMINISTER, "/tokens": Right.ADMINISTER,
    "/system": Right.ADMINISTER,
}  # fmt: skip
SOME_ID = "01a20a41-fe66-7bb8-a7c9-86c26d13875a"
COMPRESSED_LIMIT = 150_000


def address(route: APIRoute) -> str:
    """An address that a route answers."""
    values = {"index": "0", "list_name": "town", "form": "csv", "name": "x"}
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], SOME_ID), route.path)


def method(route: APIRoute) -> str:
    """The route's only method."""
    (only,) = route.methods or {"GET"}
    return only


def test_every_route_but_the_doors_asks_who_comes() -> None:
    asks_nobody = {route.path for route in ROUTES if right_needed(route.dependant) is None}
    assert asks_nobody == OPEN


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleServer]:
    """An application with one person of each role; requests go straight to it."""
    server = ConsoleServer(tmp_path_factory.mktemp("roles") / "data")
    for role in Role:
        server.operator(role.value, role)
    yield server
    server.database.dispose()


@pytest.mark.parametrize("role", [None, *Role])
def test_every_route_lets_in_whom_it_should_and_nobody_else(console: ConsoleServer, role: Role | None) -> None:
    client = TestClient(console.app, follow_redirects=False, base_url="http://127.0.0.1")
    token = sign_in_by_form(client, role.value) if role else ""
    right = RIGHT_OF_ROLE[role] if role else None
    for route in ROUTES:
        if route.path in OPEN or route.path == "/sign-out" or "account" in route.path:
            continue
        needed = right_needed(route.dependant)
        assert needed is not None
        headers = {"Accept": "text/html", "X-CSRF-Token": token}
        answer = client.request(method(route), address(route), headers=headers)
        if right is None:
            assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in"), route.path
        elif right < needed:
            assert answer.status_code == 403, route.path
        else:
            assert answer.status_code not in (401, 403, 500), (route.path, answer.status_code)


def test_a_change_without_the_sessions_token_is_refused(console: ConsoleServer) -> None:
    client = TestClient(console.app, follow_redirects=False, base_url="http://127.0.0.1")
    sign_in_by_form(client, "admin")
    for route in ROUTES:
        if method(route) == "POST" and route.path not in OPEN:
            answer = client.post(address(route), headers={"Accept": "text/html"})
            assert answer.status_code == 403, route.path


def test_a_form_of_another_site_is_refused_even_where_nobody_is_signed_in(console: ConsoleServer) -> None:
    client = TestClient(console.app, follow_redirects=False, base_url="http://127.0.0.1")
    answer = client.post(
        "/sign-in", data={"name": "admin", "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_to_no_other_site(console: ConsoleServer, onward: str) -> None:
    client = TestClient(console.app, follow_redirects=False, base_url="http://127.0.0.1")
    answer = client.post("/sign-in", data={"name": "operator", "password": PASSWORD, "next": onward})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def sign_in_by_form(client: TestClient, name: str) -> str:
    """Sign in and return the session's CSRF token."""
    assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/").text)
    assert found
    return found[1]


@pytest.mark.parametrize("path", sorted(LEAST))
def test_a_page_is_for_whom_it_says(path: str) -> None:
    (route,) = [route for route in ROUTES if route.path == path and method(route) == "GET"]
    assert right_needed(route.dependant) == LEAST[path]


def fill(server: ConsoleServer) -> list[str]:
    """Make rows of every kind and return the addresses of pages about them."""
    complaint(server.spool_dir)
    server.ingest()
    complaint(server.spool_dir, "15153900001")
    server.ingest()
    live = ShownCall(server.spool_dir, "13666667777")
    live.answer()
    live.speak(("这里", "着火", "了"))
    server.ingest()
    now = server.service.clock()
    with server.database.reading() as db:
        drafts = db.exec(select(Draft).order_by(Draft.id)).all()  # type: ignore[arg-type]
    claim_draft(server.database, drafts[0].id, "admin", at=now)
    confirm_draft(server.database, drafts[0].id, "admin", drafts[0].version, at=now)
    claim_draft(server.database, drafts[1].id, "admin", at=now)
    ask_decision(server.database, drafts[1].id, "admin", drafts[1].version, "归谁管？", others={}, at=now)
    zone = ZoneInfo("Asia/Shanghai")
    draw_sample(server.database, now.astimezone(zone).date(), 1, "admin", zone=zone, at=now)
    message = {"at": 1790000000.5, "direction": "in", "transport": "UDP", "peer": "192.0.2.7:5060", "summary": "INVITE"}
    line = json.dumps(message | {"text": "INVITE sip:12345@192.0.2.1 SIP/2.0"}) + "\n"
    (server.spool_dir / str(drafts[0].call_id) / "sip.jsonl").write_text(line, encoding="utf-8")
    with server.database.reading() as db:
        ticket = db.exec(select(Ticket)).one()
    calls = [f"/calls/{draft.call_id}" for draft in (drafts[0], drafts[2])]
    return [*(f"/drafts/{draft.id}" for draft in drafts), *calls, f"/tickets/{ticket.id}", "/no-such-page"]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_machine_finds_no_barrier_on_any_page(
    server: ConsoleServer, sign_in: SignIn, language: str, scheme: str
) -> None:
    paths = [*sorted(LEAST), *fill(server), "/?tab=discarded", "/?q=nothing"]
    page = sign_in("admin", color_scheme=scheme, bypass_csp=True)  # axe puts a style of its own into the page
    page.context.add_cookies([{"name": "hotline_language", "value": language, "url": server.url}])
    found = {path: barriers(page, server.url + path) for path in paths}
    found |= {f"dialog {name}": in_dialog(page, server.url + paths[len(LEAST) + 1], name) for name in "ax?"}
    page.context.clear_cookies(name="hotline_session")
    found |= {path: barriers(page, server.url + path) for path in ("/sign-in", "/welcome")}
    assert {path: said for path, said in found.items() if said} == {}


def in_dialog(page: Page, url: str, key: str) -> list[str]:
    """Return what axe finds while the dialog that a key opens is open."""
    page.goto(url)
    page.keyboard.press(key)
    page.locator("dialog[open]").wait_for()
    return found_by_axe(page)


def barriers(page: Page, url: str) -> list[str]:
    """Return what axe finds on a page, and anything that overflows its window."""
    page.goto(url)
    return found_by_axe(page)


def found_by_axe(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 A and AA."""
    page.wait_for_timeout(150)
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    violations = Axe().run(page, options=options).response["violations"]
    said = [f"{v['id']}: {node['html'][:120]}" for v in violations for node in v["nodes"]]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*said, *(["wider than its window"] if wide else [])]


@pytest.mark.browser
@pytest.mark.parametrize("width", [768, 1280, 2560])
def test_no_page_is_wider_than_its_window(server: ConsoleServer, sign_in: SignIn, width: int) -> None:
    paths = [*sorted(LEAST), *fill(server)]
    page = sign_in("admin", viewport={"width": width, "height": 900})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    for path in paths:
        page.goto(server.url + path)
        assert not page.evaluate(wide), path


@pytest.mark.browser
def test_the_heaviest_page_without_drawings_weighs_under_150_kB(server: ConsoleServer, sign_in: SignIn) -> None:
    paths = fill(server)
    page = sign_in("admin")
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    kinds: dict[str, str] = {}
    weights: dict[str, float] = {}
    client.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    client.on("Network.loadingFinished", lambda told: weights.update({told["requestId"]: told["encodedDataLength"]}))
    page.goto(server.url + paths[1])
    page.wait_for_timeout(500)
    page_alone = sum(weight for request, weight in weights.items() if kinds.get(request) != "Media")  # not the sound
    assert 20_000 < page_alone < COMPRESSED_LIMIT

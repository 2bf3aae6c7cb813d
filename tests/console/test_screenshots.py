"""The pictures of the guide and the README, taken of a call that goes on.

They are written into `docs/images/` when `HOTLINE_PICTURES=docs/images` says so; every run takes them, so that the
pages in them always work.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from intake.claiming import claim_draft
from intake.decisions import ask_decision
from intake.editing import edit_draft
from intake_api.console import load_test
from intake_api.console.load_test import LoadTest
from models.tables import Draft
from tests.console.calls import ShownCall, complaint
from tests.console.conftest import SignIn, claim
from tests.console.server import ConsoleServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BLANK = 20_000
"Bytes: an empty page makes a smaller picture."


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the pictures go."""
    return Path(os.environ.get("HOTLINE_PICTURES", tmp_path))


def take(page: Page, folder: Path, name: str) -> None:
    """Take a picture without the clock of the machine running through it."""
    page.wait_for_timeout(400)
    picture = folder / f"{name}.png"
    page.screenshot(path=picture, animations="disabled")
    assert picture.stat().st_size > BLANK


def busy_morning(server: ConsoleServer) -> ShownCall:
    """Some drafts, and two calls that go on; returns the one that is being spoken in."""
    now = datetime.now(UTC)
    for minutes, caller in ((12, "13800001234"), (9, "13953900002")):
        complaint(server.spool_dir, caller, now - timedelta(minutes=minutes))
        server.ingest()
    others = (
        ("17705390003", ("我", "想", "咨询", "一下", "居民", "医保", "怎么", "报销")),
        ("15165390004", ("河东区", "胜利", "小区", "三号楼", "的", "路灯", "不", "亮", "了")),
    )
    for minutes, (caller, words) in enumerate(others):
        call = ShownCall(server.spool_dir, caller, now - timedelta(minutes=6 - minutes))
        call.answer()
        call.speak(words).finish()
        server.ingest()
    fire = ShownCall(server.spool_dir, "15153900005", now - timedelta(seconds=20))
    fire.answer()
    fire.speak(("楼下", "着火", "了"))
    live = ShownCall(server.spool_dir, "13666660006", now - timedelta(seconds=41))
    live.answer()
    live.speak(("你好", "我姓王", "我 要 投诉"), ("兰山区", "银雀山街道", "小区", "门口", "的", "垃圾"))
    server.ingest()
    return live


def speak_on(server: ConsoleServer, call: ShownCall, text: str) -> None:
    """Let the recogniser say words that may still change."""
    news = {"call_id": str(call.id), "index": call.heard, "text": text, "start_time": 8.0, "end_time": 9.5}
    server.bus.publish("partial", news)


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_the_pages_look_as_in_the_guide(
    server: ConsoleServer, sign_in: SignIn, pictures: Path, language: str, scheme: str
) -> None:
    live = busy_morning(server)
    page = sign_in("李娜", color_scheme=scheme, viewport={"width": 1280, "height": 800})
    page.context.add_cookies([{"name": "hotline_language", "value": language, "url": server.url}])
    page.goto(server.url)
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    speak_on(server, live, "三天 没有人")
    take(page, pictures, f"queue-{language}")
    page.goto(server.url + (page.get_attribute(f"#call-{live.id}", "href") or ""))
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    speak_on(server, live, "三天 没有人 来 清理")
    expect(page.locator("#live-words")).to_contain_text("清理")
    page.focus("#f-county")
    take(page, pictures, f"live-{language}")
    page.goto(server.url)
    page.click("#rows tr:nth-child(2) a.main")
    claim(page)
    page.focus("#f-town")
    take(page, pictures, f"draft-{language}")


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_the_supervisors_pages_look_as_in_the_guide(
    server: ConsoleServer, sign_in: SignIn, pictures: Path, language: str, scheme: str
) -> None:
    busy_morning(server)
    page = sign_in("李娜")
    for _ in range(2):
        page.click("#rows tr:first-child a.main")
        claim(page)
        page.keyboard.press("Control+Enter")
        page.wait_for_url(server.url + "/")
    page = sign_in("王强", color_scheme=scheme)
    page.context.add_cookies([{"name": "hotline_language", "value": language, "url": server.url}])
    page.goto(server.url + "/dashboard")
    page.locator("[data-chart] canvas").first.wait_for()
    take(page, pictures, f"dashboard-{language}")
    page.goto(server.url + "/tickets")
    take(page, pictures, f"tickets-{language}")
    page.goto(server.url + "/quality")
    page.fill("#percent", "50")
    page.click("form[action='/quality/draw'] button")
    page.locator("tbody tr").first.wait_for()
    take(page, pictures, f"quality-{language}")


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_the_second_looks_and_the_recogniser_look_as_in_the_guide(
    server: ConsoleServer, sign_in: SignIn, pictures: Path, language: str, scheme: str
) -> None:
    busy_morning(server)
    now = datetime.now(UTC)
    with server.database.reading() as db:
        draft = db.exec(select(Draft).where(Draft.state == "ready")).first()
    assert draft
    draft = claim_draft(server.database, draft.id, "李娜", at=now)
    fields = {"not_accept_code": "NA3"}
    draft = edit_draft(server.database, draft.id, "李娜", draft.version, fields, at=now)
    reason = "来电人要求撤销处罚，不符合规定，已在电话中说明。"
    ask_decision(server.database, draft.id, "李娜", draft.version, reason, others={"NA3": 1}, at=now)
    page = sign_in("admin", color_scheme=scheme)
    page.context.add_cookies([{"name": "hotline_language", "value": language, "url": server.url}])
    page.goto(server.url + "/decisions")
    take(page, pictures, f"decisions-{language}")
    measured = LoadTest("done", now.isoformat(), "bundled", 4, 0.02)
    load_test.write_test(server.settings, measured)
    page.goto(server.url + "/system/recogniser")
    take(page, pictures, f"recogniser-{language}")


def test_the_page_of_a_call_looks_as_in_the_readme(server: ConsoleServer, sign_in: SignIn, pictures: Path) -> None:
    live = busy_morning(server)
    page = sign_in("admin", viewport={"width": 1440, "height": 860})
    page.goto(server.url + (page.get_attribute(f"#call-{live.id}", "href") or ""))
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    speak_on(server, live, "三天 没有人 来 清理")
    expect(page.locator("#live-words")).to_contain_text("清理")
    page.focus("#f-county")
    take(page, pictures, "draft-en-light")

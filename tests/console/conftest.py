"""The console in a real browser: Debian's Chromium, the real application, rows made by ingest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from intake_api.security.rights import Role
from tests.console.server import PASSWORD, ConsoleServer

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser of this test process."""
    if not CHROMIUM.exists():
        pytest.skip("missing: chromium (apt install chromium fonts-wqy-microhei)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ConsoleServer]:
    """The application with an operator, a supervisor and an administrator."""
    running = ConsoleServer(tmp_path / "data").start()
    running.operator("李娜")
    running.operator("王强", Role.SUPERVISOR)
    running.operator("admin", Role.ADMIN, "en")
    yield running
    running.stop()


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(chromium: Browser, server: ConsoleServer) -> Iterator[SignIn]:
    """Opens a page in a browser of its own, signed in; every policy violation and script error fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(name: str = "李娜", **options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if is_fault(said.text) else None)
        page.goto(server.url + "/sign-in")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(server.url + "/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


def claim(page: Page) -> None:
    """Claim the draft that is being opened, with its key."""
    page.locator("form[action$='/claim'] button").wait_for()
    page.wait_for_load_state()  # keys are heard once the page's module has run
    page.keyboard.press("c")
    page.locator("#confirm").wait_for()
    page.wait_for_load_state()


def is_fault(text: str) -> bool:
    """Whether a line of the browser's console is more than a status that the page itself handles."""
    return "Content Security Policy" in text or "Uncaught" in text

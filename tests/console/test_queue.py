"""The queue follows what happens, and leaves alone what a person points at."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.calls import ShownCall, complaint
from tests.console.conftest import SignIn
from tests.console.server import ConsoleServer

pytestmark = pytest.mark.browser


def test_new_drafts_appear_by_themselves(server: ConsoleServer, sign_in: SignIn) -> None:
    page = sign_in()
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    complaint(server.spool_dir)
    server.ingest()
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator(".tabs [aria-current] .count")).to_have_text("1")


def test_nothing_moves_under_the_pointer(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    first = page.locator("#rows tr").first
    first.hover()
    before = first.bounding_box()
    fire = ShownCall(server.spool_dir, "15153900001")
    fire.answer()
    fire.speak(("这里", "着火", "了")).finish()  # an emergency: it belongs above the row under the pointer
    server.ingest()
    held = page.locator(".held button")
    expect(held).to_be_visible()
    expect(page.locator("#rows tr")).to_have_count(1)
    after = first.bounding_box()
    assert before
    assert after
    page.keyboard.press("r")
    expect(page.locator("#rows tr")).to_have_count(2)
    expect(page.locator("#rows tr").first).to_have_attribute("data-urgency", "emergency")


def test_an_emergency_in_a_call_is_said_aloud(server: ConsoleServer, sign_in: SignIn) -> None:
    call = ShownCall(server.spool_dir, "15153900001")
    call.answer()
    server.ingest()
    page = sign_in()
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    call.speak(("这里", "着火", "了"))
    server.ingest()
    expect(page.locator(f"#call-{call.id}[data-urgency=emergency]")).to_contain_text("119")
    expect(page.locator("#toasts [data-tone=alarm]")).to_be_visible()


def test_search_and_filters_stand_in_the_address(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    other = ShownCall(server.spool_dir, "15153900001")
    other.answer()
    other.speak(("我", "想", "咨询", "医保")).finish()
    server.ingest()
    page = sign_in()
    page.keyboard.press("/")
    page.keyboard.type("医保")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?urgency=&q=*")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.reload()
    expect(page.locator("#rows tr")).to_have_count(1)
    page.goto(server.url + "/?q=3900001")
    expect(page.locator("#rows tr")).to_have_count(1)


def test_the_language_is_switched_in_place(server: ConsoleServer, sign_in: SignIn) -> None:
    page = sign_in()
    page.goto(server.url + "/?tab=claimed")
    page.click("form[action='/language'] button")
    page.wait_for_url("**/?tab=claimed")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".nav-main a").first).to_have_text("Queue")


def test_dark_is_the_systems_choice_and_then_the_persons(server: ConsoleServer, sign_in: SignIn) -> None:
    page = sign_in(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.click("form[action='/theme'] button")
    page.click("form[action='/theme'] button")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_list_of_keys_opens_and_single_letters_can_be_switched_off(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("#rows a.main:focus")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#rows a.main:focus")).to_have_count(1)

"""A newcomer's whole way in a real browser: first sign-in link, live words of a real call, correction, ticket, case."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clients import call_with_sipp, sipp_call_id
from tests.console.conftest import chromium as chromium  # noqa: PLC0414 - the fixture, under its own name
from tests.service import Service
from tests.waiting import wait_for

pytestmark = [pytest.mark.call, pytest.mark.browser, pytest.mark.slow]

PAUSE = bytes(16000)
IMAGES = Path(__file__).parents[2] / "docs/images"
SENTENCES = ("您好", "我要反映兰山区银雀山街道的路灯坏了", "我的电话是一三八零零零零一二三四", "谢谢")


def picture(page: Page, name: str) -> None:
    """Keep a screenshot for the documentation when `HOTLINE_PICTURES` is set."""
    if os.environ.get("HOTLINE_PICTURES"):
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{name}.png")


def sign_in_for_the_first_time(page: Page, service: Service) -> None:
    """Follow the link that `hotline serve` printed."""
    link = wait_for(lambda: re.search(r"http://\S+/welcome\?token=\S+", service.log()), 30)
    page.goto(link.group(0))
    expect(page).not_to_have_url(re.compile("token="))
    page.fill("#name", "管理员")
    page.fill("#password", "一个很长的口令 12345")
    page.press("#password", "Enter")
    page.wait_for_url(f"http://127.0.0.1:{service.web_port}/")


def test_from_the_first_link_to_the_case(
    service: Service, chromium: Browser, tmp_path: Path, speech: Callable[[str], bytes]
) -> None:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in_for_the_first_time(page, service)
    pcm = b"".join(PAUSE + speech(sentence) + PAUSE for sentence in SENTENCES)
    client = call_with_sipp(tmp_path / "sipp", service.sip_port, pcm)

    card = page.locator("#live .call-card")
    expect(card).to_be_visible(timeout=40_000)
    expect(card).to_contain_text("您好", timeout=40_000)
    card.click()
    page.wait_for_url("**/drafts/*")
    expect(page.locator("#live-words")).to_contain_text("我要", timeout=30_000)
    expect(page.locator("#transcript")).to_contain_text("路灯", timeout=30_000)
    picture(page, "draft-live")

    assert client.wait(90) == 0
    call = wait_for(lambda: service.call_of(sipp_call_id(client)))
    draft = page.locator("#draft")
    expect(draft).to_have_attribute("data-state", "ready", timeout=30_000)
    page.keyboard.press("c")
    expect(page.locator("#confirm")).to_be_visible()
    page.fill("#f-address_text", "银雀山路与金雀山路路口")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    picture(page, "draft-claimed")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"http://127.0.0.1:{service.web_port}/")

    tickets = service.get("/api/v1/tickets").json["items"]
    assert [ticket["call_id"] for ticket in tickets] == [call["id"]]

    def case_id() -> str | None:
        delivery = service.get(f"/api/v1/tickets/{tickets[0]['id']}").json["delivery"]
        return delivery["case_id"] if delivery["state"] == "delivered" else None

    case = service.get(f"/api/v1/cases/{wait_for(case_id)}").json
    assert "银雀山路与金雀山路路口" in str(case)
    assert "13800001234" in str(case), "the callback number that was heard"

"""Words are heard at their seconds, in the browser's own player."""

from __future__ import annotations

import struct
import time

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from intake_api.console.peaks import peaks
from models.tables import AuditEntry
from tests.console.calls import ShownCall, complaint
from tests.console.conftest import SignIn
from tests.console.server import ConsoleServer


def open_draft(server: ConsoleServer, sign_in: SignIn) -> Page:
    """Open the only draft."""
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    page.click("#rows tr:first-child a.main")
    page.wait_for_selector("#wave > div")
    return page


def shown_seconds(page: Page) -> int:
    """The position that the player shows."""
    minutes, seconds = page.inner_text("#position").split(":")
    return int(minutes) * 60 + int(seconds)


@pytest.mark.browser
def test_a_clicked_word_is_heard_at_its_time_and_the_words_follow_the_sound(
    server: ConsoleServer, sign_in: SignIn
) -> None:
    page = open_draft(server, sign_in)
    word = page.locator("#u2 .w", has_text="清理")
    start = float((word.get_attribute("data-t") or "").split(",")[0])
    word.click()
    expect(page.locator("[data-player=toggle]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#u2")).to_contain_class("is-playing")
    page.locator("#u2 .w.is-spoken").wait_for()
    page.keyboard.press("Space")
    expect(page.locator("[data-player=toggle]")).to_have_attribute("aria-pressed", "false")
    assert start - 1 <= shown_seconds(page) <= start + 4


@pytest.mark.browser
def test_the_next_doubtful_word_is_found_and_the_arrows_move_three_seconds(
    server: ConsoleServer, sign_in: SignIn
) -> None:
    page = open_draft(server, sign_in)
    page.keyboard.press("n")
    first = page.locator(".w[data-doubt]").first
    start = float((first.get_attribute("data-t") or "").split(",")[0])
    expect(page.locator("[data-player=toggle]")).to_have_attribute("aria-pressed", "false")  # it stops behind the word
    assert abs(shown_seconds(page) - start) <= 1
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#position")).not_to_have_text(f"0:{int(start):02}")
    assert abs(shown_seconds(page) - (start - 3)) <= 2


@pytest.mark.browser
def test_a_missing_recording_is_told_and_the_words_stay(server: ConsoleServer, sign_in: SignIn) -> None:
    call = complaint(server.spool_dir)
    call.folder.audio_path.unlink()
    server.ingest()
    page = sign_in()
    page.click("#rows tr:first-child a.main")
    expect(page.locator("#no-sound")).to_be_visible()
    expect(page.locator("#u0")).to_be_visible()


def test_peaks_are_the_loudest_samples_of_each_column() -> None:
    pcm = struct.pack("<8h", 0, -32768, 0, 16384, 0, 0, 8192, 0)
    assert peaks(pcm, 4) == [1.0, 0.5, 0.0, 0.25]
    assert peaks(b"", 4) == [0.0]
    assert len(peaks(bytes(16_000), 800)) == 800


@pytest.mark.browser
def test_a_supervisor_hears_a_call_while_its_words_appear_and_that_is_logged(
    server: ConsoleServer, sign_in: SignIn
) -> None:
    call = ShownCall(server.spool_dir)
    call.answer()
    call.speak(("我", "姓", "王"))
    call.record_tone()
    server.ingest()
    page = sign_in("王强")
    page.click(f"#call-{call.id}")
    page.click("#listen-in")
    deadline = time.monotonic() + 10
    with call.folder.audio_path.open("ab") as audio:
        while float(page.get_attribute("#listen-in", "data-heard") or 0) < 1:
            assert time.monotonic() < deadline, "nothing is heard"
            audio.write(bytes(3200))  # the call goes on: a fifth of a second
            audio.flush()
            page.wait_for_timeout(100)
    with server.database.reading() as db:
        logged = db.exec(select(AuditEntry).where(AuditEntry.action == "listened_in")).one()
    assert (logged.actor, logged.subject) == ("王强", f"call:{call.id}")
    page.click("#listen-in")
    expect(page.locator("#listen-in")).to_have_attribute("aria-pressed", "false")
    operator = sign_in("李娜")
    operator.goto(page.url)
    expect(operator.locator("#listen-in")).to_have_count(0)

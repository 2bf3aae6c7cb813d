"""An operator's work in a real browser, from sign-in to a ticket."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import select

from models.states import DraftState
from models.tables import Draft, OutboxEntry, Ticket, Utterance
from tests.console.calls import ShownCall, complaint
from tests.console.conftest import SignIn, claim
from tests.console.server import ConsoleServer

pytestmark = pytest.mark.browser
DRAFT = "**/drafts/*"


def open_first(page: Page) -> None:
    """Open the first draft of the list."""
    page.click("#rows tr:first-child a.main")
    page.wait_for_url(DRAFT)


def only_draft(server: ConsoleServer) -> Draft:
    """The one draft there is."""
    with server.database.reading() as db:
        return db.exec(select(Draft)).one()


def test_a_good_draft_is_confirmed_with_the_keyboard_in_four_presses(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    pressed = ["j", "Enter", "c", "Control+Enter"]
    assert len(pressed) <= 6
    page.keyboard.press(pressed[0])
    page.keyboard.press(pressed[1])
    page.wait_for_url(DRAFT)
    page.wait_for_load_state()
    page.keyboard.press(pressed[2])
    expect(page.locator("#confirm")).to_be_visible()
    page.keyboard.press(pressed[3])
    page.wait_for_url(server.url + "/")
    with server.database.reading() as db:
        ticket = db.exec(select(Ticket)).one()
        db.exec(select(OutboxEntry).where(OutboxEntry.ticket_id == ticket.id)).one()
    expect(page.locator("#main .note")).to_contain_text(ticket.ticket_no)
    assert ticket.confirmed_by == "李娜"
    assert ticket.fields["county"]["value"] == "兰山区"


def test_what_is_typed_saves_itself_and_goes_into_the_ticket(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    open_first(page)
    claim(page)
    page.fill("#f-address_text", "小区东门")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    field = only_draft(server).fields["address_text"]
    assert (field["value"], field["source"], field["changed_by"]) == ("小区东门", "operator", "李娜")
    page.select_option("#f-urgency", "urgent")
    page.fill("#f-occurred_at", "2026-11-20 08:15")
    page.keyboard.press("Control+Enter")  # at once: what is not saved yet is saved first
    page.wait_for_url(server.url + "/")
    with server.database.reading() as db:
        ticket = db.exec(select(Ticket)).one()
    assert ticket.fields["urgency"]["value"] == "urgent"
    assert ticket.fields["occurred_at"]["value"] == "2026-11-20T08:15:00+08:00"


def test_a_bad_value_is_told_at_its_field_and_nothing_is_lost(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    open_first(page)
    claim(page)
    page.fill("#f-occurred_at", "昨天")
    page.press("#f-occurred_at", "Tab")
    expect(page.locator("#field-occurred_at")).to_contain_class("is-missing")
    expect(page.locator("#f-occurred_at")).to_have_value("昨天")


def test_who_claims_second_is_told_who_has_it(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    server.operator("赵敏")
    first, second = sign_in("李娜"), sign_in("赵敏")
    open_first(first)
    open_first(second)
    claim(first)
    # The second page follows what happens: its claim button is gone and it says who works on the draft.
    expect(second.locator("#standing")).to_contain_text("李娜")
    expect(second.locator("#confirm")).to_have_count(0)


def test_a_conflict_in_one_field_shows_both_and_keeps_what_was_typed(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    one, two = sign_in(), sign_in()
    open_first(one)
    claim(one)
    two.goto(one.url)
    two.route("**/fields", lambda route: route.abort())  # its line is down while it types
    two.fill("#f-title", "第二个人的标题")
    one.fill("#f-title", "第一个人的标题")
    one.fill("#f-organisation", "某某公司")
    expect(one.locator("#saved")).to_have_attribute("data-state", "saved")
    two.unroute("**/fields")
    conflict = two.locator("#field-title .conflict")
    expect(conflict).to_contain_text("第一个人的标题")
    expect(conflict).to_contain_text("第二个人的标题")
    expect(two.locator("#f-title")).to_have_value("第二个人的标题")
    expect(two.locator("#f-organisation")).to_have_value("某某公司")  # touched by one alone: simply brought over
    conflict.locator("[data-take=mine]").click()
    expect(two.locator("#saved")).to_have_attribute("data-state", "saved")
    assert only_draft(server).fields["title"]["value"] == "第二个人的标题"


def test_the_loser_of_a_draft_is_told_who_won_and_keeps_what_was_typed(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    loser, supervisor = sign_in("李娜"), sign_in("王强")
    open_first(loser)
    claim(loser)
    loser.route("**/fields", lambda route: route.abort())
    loser.fill("#f-address_text", "只有我知道的地址")
    supervisor.goto(loser.url)
    supervisor.click("form[action$='/claim'] button")
    expect(supervisor.locator("#confirm")).to_be_visible()
    loser.unroute("**/fields")
    refused = loser.locator("#refused")
    expect(refused).to_contain_text("王强")
    expect(refused).to_contain_text("只有我知道的地址")


def test_a_draft_is_discarded_with_a_reason_and_reopened_by_a_supervisor(
    server: ConsoleServer, sign_in: SignIn
) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    open_first(page)
    address = page.url
    claim(page)
    page.keyboard.press("x")
    page.check("input[name=reason][value=silent]")
    page.click("#discard .btn-danger")
    page.wait_for_url(server.url + "/")
    assert only_draft(server).discard_reason == "silent"
    page.goto(address)
    expect(page.locator("form[action$='/reopen']")).to_have_count(0)
    supervisor = sign_in("王强")
    supervisor.goto(address)
    supervisor.click("form[action$='/reopen'] button")
    expect(supervisor.locator("#draft")).to_have_attribute("data-state", "ready")
    assert only_draft(server).state == DraftState.READY


def test_a_candidate_is_taken_with_a_number_key(server: ConsoleServer, sign_in: SignIn) -> None:
    call = ShownCall(server.spool_dir)
    call.answer()
    call.speak(("胜利", "街道", "没有", "路灯")).finish()
    server.ingest()
    page = sign_in()
    open_first(page)
    claim(page)
    page.focus("#f-town")
    expect(page.locator(".w.is-evidence")).to_have_text("胜利")
    page.keyboard.press("Alt+2")
    expect(page.locator("#f-town")).to_have_value("柳青街道")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    assert only_draft(server).fields["town"]["value"] == "柳青街道"


def test_words_are_corrected_in_place_and_the_original_is_kept(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    open_first(page)
    claim(page)
    page.locator("#u1").hover()
    page.click("#u1 [data-edit]")
    page.fill("#correct-words", "罗庄区小区门口的垃圾")
    page.keyboard.press("Enter")
    expect(page.locator("#u1 .text")).to_contain_text("罗庄区小区门口")
    expect(page.locator("#u1 .original")).to_contain_text("兰山区银雀山街道")
    with server.database.reading() as db:
        said = db.exec(select(Utterance).where(Utterance.index == 1)).one()
    assert (said.text, said.corrected_text) == ("兰山区银雀山街道小区门口的垃圾", "罗庄区小区门口的垃圾")
    expect(page.locator("#f-county")).to_have_value("罗庄区" if said.corrected_text is None else "")


def test_live_words_grow_without_a_reload(server: ConsoleServer, sign_in: SignIn) -> None:
    call = ShownCall(server.spool_dir)
    call.answer()
    server.ingest()
    page = sign_in()
    card = page.locator(f"#call-{call.id}")
    expect(card).to_be_visible()
    server.bus.publish(
        "partial", {"call_id": str(call.id), "index": 0, "text": "你好", "start_time": 0.5, "end_time": 1}
    )
    expect(card).to_contain_text("你好")
    card.click()
    page.wait_for_url(DRAFT)
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    for text in ("你好", "你好 我姓王"):
        news = {"call_id": str(call.id), "index": 0, "text": text, "start_time": 0.5, "end_time": 1.5}
        server.bus.publish("partial", news)
        expect(page.locator("#live-words")).to_have_text(text)
    call.speak(("你好", "我姓王"))
    server.ingest()
    expect(page.locator("#u0 .text")).to_have_text("你好我姓王")
    expect(page.locator("#live-words")).to_have_text("")
    expect(page.locator("#f-name")).to_have_value("王先生")
    call.speak(("我要", "投诉")).finish()
    server.ingest()
    expect(page.locator("form[action$='/claim']")).to_be_visible()  # the call is over: it can be claimed now


def test_keys_that_are_pressed_while_the_page_still_loads_are_not_lost(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The module is on its way while the operator types."""
        held.append(route)

    page.route("**/js/queue.js", hold)
    page.goto(server.url, wait_until="commit")
    page.locator("#rows").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    held[0].continue_()
    page.wait_for_url(DRAFT)


def test_a_button_that_is_clicked_while_the_page_still_loads_does_its_work(
    server: ConsoleServer, sign_in: SignIn
) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    open_first(page)
    claim(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The module is on its way while the operator clicks."""
        held.append(route)

    page.route("**/js/draft.js", hold)
    page.reload(wait_until="commit")
    page.click("[data-opens=discard]")
    expect(page.locator("#discard")).to_be_hidden()
    held[0].continue_()
    expect(page.locator("#discard")).to_be_visible()


def test_what_the_software_says_of_a_live_call_is_brought_up_to_date(server: ConsoleServer, sign_in: SignIn) -> None:
    call = ShownCall(server.spool_dir)
    call.answer()
    server.ingest()
    page = sign_in()
    page.click(f"#call-{call.id}")
    page.wait_for_url(DRAFT)
    expect(page.locator(".link-state")).to_have_attribute("data-state", "open")
    expect(page.locator("#notes .note")).to_have_count(0)
    call.speak(("这里", "着火", "了"))
    server.ingest()
    expect(page.locator("#notes .note[data-tone=alarm]")).to_contain_text("119")


def test_a_place_is_chosen_from_its_lists_or_found_by_a_part_of_its_name(
    server: ConsoleServer, sign_in: SignIn
) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    open_first(page)
    claim(page)
    page.keyboard.press("a")
    page.click("#places-list button:has-text('沂水县')")
    page.click("#places-list button:has-text('黄山铺镇')")
    page.locator("#places-list .place-list:nth-child(3) button").nth(1).click()
    expect(page.locator("#f-county")).to_have_value("沂水县")
    expect(page.locator("#f-town")).to_have_value("黄山铺镇")
    expect(page.locator("#f-community")).not_to_have_value("")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    page.keyboard.press("a")
    page.fill("#places-search", "高都街道")
    page.press("#places-search", "Enter")
    expect(page.locator("#places")).to_be_hidden()
    expect(page.locator("#f-town")).to_have_value("高都街道")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    values = {name: only_draft(server).fields[name]["value"] for name in ("county", "town", "community")}
    assert values == {"county": "罗庄区", "town": "高都街道", "community": None}


def test_a_name_that_the_city_has_not_is_told_at_its_field(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    open_first(page)
    claim(page)
    page.evaluate("document.getElementById('f-county').add(new Option('青岛市', '青岛市'))")
    page.select_option("#f-county", "青岛市")
    expect(page.locator("#saved")).to_contain_text("本市名录中没有县区“青岛市”")

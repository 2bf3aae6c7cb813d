"""What a supervisor decides and reviews, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from intake_api.security.rights import Role
from models.second_looks import Decision, Review, Sample
from models.tables import Ticket
from tests.console.calls import complaint
from tests.console.conftest import SignIn, claim
from tests.console.server import ConsoleServer
from tests.console.test_supervision import actions, confirmed

pytestmark = pytest.mark.browser


def test_what_an_operator_may_not_decide_goes_to_a_supervisor_and_back(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    page.click("#rows tr:first-child a.main")
    claim(page)
    page.select_option("#f-not_accept_code", "NA3")
    expect(page.locator("#field-not_accept_code")).to_contain_text("督导")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .note").first).to_contain_text("NA3")
    page.keyboard.press("s")
    page.fill("#ask-reason", "要求撤销处罚，违反规定")
    page.click("#ask .btn-primary")
    expect(page.locator("#standing")).to_contain_text("要求撤销处罚")
    supervisor = sign_in("王强")
    expect(supervisor.locator(".nav-main")).to_contain_text("审批")
    supervisor.goto(server.url + "/decisions")
    expect(supervisor.locator("#main")).to_contain_text("违反法律、法规、政策规定")
    supervisor.fill("input[name=words]", "同意，请向来电人说明理由")
    supervisor.click("button[value=agree]")
    expect(supervisor.locator("#main .empty")).to_be_visible()
    expect(page.locator("#standing")).to_contain_text("请向来电人说明理由")  # the operator's page follows by itself
    page.keyboard.press("Control+Enter")
    page.wait_for_url(server.url + "/")
    with server.database.reading() as db:
        assert db.exec(select(Ticket)).one().fields["not_accept_code"]["value"] == "NA3"
        assert db.exec(select(Decision)).one().decided_by == "王强"
    assert [entry.actor for entry in actions(server, "decision_agreed")] == ["王强"]


def test_a_question_shows_in_the_list_and_is_answered(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    page.click("#rows tr:first-child a.main")
    claim(page)
    page.keyboard.press("s")
    page.fill("#ask-reason", "这件事归谁管？")
    page.click("#ask .btn-primary")
    expect(page.locator("#standing .note")).to_be_visible()
    page.goto(server.url + "/?tab=mine")
    expect(page.locator("#rows")).to_contain_text("待审批")
    supervisor = sign_in("王强")
    supervisor.goto(server.url + "/decisions")
    supervisor.click("button[value=agree]")
    expect(supervisor.locator("#main .note")).to_contain_text("请填写")  # an answer needs words
    supervisor.fill("input[name=words]", "归城管")
    supervisor.click("button[value=agree]")
    supervisor.goto(server.url + "/decisions?state=decided")
    expect(supervisor.locator("#main")).to_contain_text("归城管")


def test_a_sample_is_drawn_heard_and_judged_by_a_person(server: ConsoleServer, sign_in: SignIn) -> None:
    confirmed(server)
    confirmed(server)
    page = sign_in("王强")
    page.goto(server.url + "/quality")
    expect(page.locator(".empty")).to_be_visible()
    page.fill("#percent", "100")
    page.click("form[action='/quality/draw'] button")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.click("tbody tr:first-child a.main")
    page.check("input[name=verdict][value=minor]")
    page.click("form[action^='/quality/'] .btn-primary")
    expect(page.locator("#main .note").first).to_contain_text("请写明")  # a fault needs words
    for verdict, note in (("minor", "地址不全"), ("good", "")):
        expect(page.locator("#wave")).to_be_visible()
        page.check(f"input[name=verdict][value={verdict}]")
        page.fill("#review-note", note)
        page.click("form[action^='/quality/'] .btn-primary")
        expect(page.locator("#main .note").first).to_contain_text("结论已保存")
    expect(page.locator("caption")).to_contain_text("2 / 2")
    with server.database.reading() as db:
        verdicts = {review.verdict: (review.note, review.reviewed_by) for review in db.exec(select(Review))}
        assert db.exec(select(Sample)).one().share == 1
    assert verdicts == {"minor": ("地址不全", "王强"), "good": ("", "王强")}
    page.goto(server.url + "/dashboard")
    table = page.locator("#table-quality")
    expect(table).to_contain_text("小问题")


def test_nobody_reviews_their_own_draft(server: ConsoleServer, sign_in: SignIn) -> None:
    server.operator("赵敏", Role.SUPERVISOR)
    ticket = confirmed(server)
    page = sign_in("王强")
    page.goto(server.url + "/quality")
    page.click("form[action='/quality/draw'] button")
    with server.database.session() as db:
        review = db.exec(select(Review)).one()
        review.confirmed_by = "王强"
        db.add(review)
    page.goto(f"{server.url}/drafts/{ticket.draft_id}")
    expect(page.locator("#standing")).to_contain_text("不能抽检自己确认的工单")

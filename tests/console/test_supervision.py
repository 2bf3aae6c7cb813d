"""What supervisors and administrators do, and what is written down of it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake_api.console.dashboard_numbers import Period, errors_by_model
from intake_api.console.export import csv_table, harmless, xlsx_tables
from models.states import DeliveryState
from models.tables import AuditEntry, Draft, Operator, OutboxEntry, Ticket, Utterance
from tests.console.calls import complaint
from tests.console.conftest import SignIn, claim
from tests.console.server import PASSWORD, ConsoleServer


def confirmed(server: ConsoleServer) -> Ticket:
    """A ticket of a call about rubbish."""
    complaint(server.spool_dir)
    server.ingest()
    now = datetime.now(UTC)
    with server.database.reading() as db:
        draft = db.exec(select(Draft).order_by(Draft.id.desc())).first()  # type: ignore[attr-defined]
    assert draft
    claim_draft(server.database, draft.id, "李娜", at=now)
    return confirm_draft(server.database, draft.id, "李娜", draft.version, at=now)[0]


def actions(server: ConsoleServer, action: str) -> list[AuditEntry]:
    """What the audit log holds of an action."""
    with server.database.reading() as db:
        return list(db.exec(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.mark.browser
def test_a_parked_ticket_says_why_and_is_sent_again(server: ConsoleServer, sign_in: SignIn) -> None:
    ticket = confirmed(server)
    with server.database.session() as db:
        entry = db.exec(select(OutboxEntry).where(OutboxEntry.ticket_id == ticket.id)).one()
        entry.state, entry.last_error, entry.attempts = DeliveryState.PARKED, "unit unknown, call 13800001234", 3
        db.add(entry)
    page = sign_in("王强")
    page.click(".banner a")
    expect(page.locator("#list tbody tr")).to_contain_text("unit unknown, call 138****1234")
    page.click("#list a.main")
    page.click("form[action$='/resend'] button")
    expect(page.locator("#main .note")).to_be_visible()
    with server.database.reading() as db:
        assert db.exec(select(OutboxEntry)).one().state == DeliveryState.WAITING
    assert actions(server, "delivery_resent")[0].actor == "王强"


@pytest.mark.browser
def test_a_number_is_masked_until_it_is_asked_for_with_a_reason(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    page.click("#rows tr:first-child a.main")
    claim(page)
    expect(page.locator("#f-phone")).to_have_value("138****1234")
    assert "13800001234" not in page.content()
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(page.locator("#f-phone")).to_have_value("13800001234")
    expect(page.locator("#call-back a").first).to_have_attribute("href", "tel:13800001234")
    assert actions(server, "number_revealed")[0].detail == {"reason": "回拨"}
    page.fill("#f-phone", "13900005678")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    with server.database.reading() as db:
        assert db.exec(select(Draft)).one().fields["phone"]["value"] == "13900005678"


@pytest.mark.browser
def test_a_draft_is_handed_over_with_a_question(server: ConsoleServer, sign_in: SignIn) -> None:
    complaint(server.spool_dir)
    server.ingest()
    page = sign_in()
    page.click("#rows tr:first-child a.main")
    claim(page)
    page.keyboard.press("h")
    page.select_option("#hand-over-to", "王强")
    page.fill("#hand-over-words", "这件事归谁管？")
    page.keyboard.press("Enter")
    page.wait_for_url(server.url + "/")
    supervisor = sign_in("王强")
    supervisor.goto(server.url + "/?tab=mine")
    supervisor.click("#rows tr:first-child a.main")
    expect(supervisor.locator("#confirm")).to_be_visible()
    expect(supervisor.locator("#beside")).to_contain_text("这件事归谁管？")


@pytest.mark.browser
def test_a_repeat_is_shown_and_merged_into_the_earlier_call(server: ConsoleServer, sign_in: SignIn) -> None:
    earlier = confirmed(server)
    complaint(server.spool_dir, at=datetime.now(UTC))
    server.ingest()
    page = sign_in()
    page.click("#rows tr:first-child a.main")
    claim(page)
    expect(page.locator("#beside")).to_contain_text(earlier.ticket_no)
    page.click("[data-merge]")
    expect(page.locator("#merge-other")).to_contain_text("垃圾")
    page.click("#merge .btn-primary")
    page.wait_for_url(server.url + "/")
    with server.database.reading() as db:
        merged = db.exec(select(Draft).where(Draft.state == "merged")).one()
    assert merged.merged_into == earlier.draft_id


@pytest.mark.browser
def test_an_administrator_adds_people_and_keeps_them_out(server: ConsoleServer, sign_in: SignIn) -> None:
    page = sign_in("admin")
    page.goto(server.url + "/operators")
    page.fill("#new-name", "周杰")
    page.select_option("#new-role", "supervisor")
    page.fill("#new-password", PASSWORD)
    page.click(".inline-form button")
    expect(page.locator("tbody")).to_contain_text("周杰")
    theirs = sign_in("周杰")
    page.click("tr:has-text('周杰') button[name=active]")
    expect(page.locator("#main .note")).to_be_visible()
    theirs.goto(server.url + "/")
    expect(theirs).to_have_url(server.url + "/sign-in?next=/")
    with server.database.reading() as db:
        assert not db.exec(select(Operator).where(Operator.name == "周杰")).one().active
    page.click("tr:has-text('admin') button[name=active]")  # the last administrator stays one
    expect(page.locator("#main .note[data-tone=alarm]")).to_be_visible()


@pytest.mark.browser
def test_a_token_is_shown_once_and_revoked(server: ConsoleServer, sign_in: SignIn) -> None:
    page = sign_in("admin")
    page.goto(server.url + "/tokens")
    page.fill("#token-name", "archive")
    page.click(".inline-form button")
    secret = page.inner_text("#secret")
    answer = page.request.get(server.url + "/api/v1/calls", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status == 200
    page.goto(server.url + "/tokens")
    assert secret not in page.content()
    page.click("form[action$='/revoke'] button")
    expect(page.locator("#main .note")).to_be_visible()


@pytest.mark.browser
def test_the_first_administrator_comes_by_the_printed_link_once(server: ConsoleServer, sign_in: SignIn) -> None:
    from intake_api.security.sign_in_link import new_link

    with server.database.session() as db:
        db.delete(db.exec(select(Operator).where(Operator.role == "admin")).one())
    secret = new_link(server.database, datetime.now(UTC))
    page = sign_in()
    page.context.clear_cookies()
    page.goto(f"{server.url}/welcome?token={secret}")
    assert secret
    assert secret not in page.url
    page.fill("#name", "站长")
    page.fill("#password", "short")
    page.evaluate("document.querySelector('#password').removeAttribute('minlength')")
    page.keyboard.press("Enter")
    expect(page.locator("#error")).to_be_visible()
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(server.url + "/")
    expect(page.locator(".nav-main a")).to_have_count(9)
    page.goto(f"{server.url}/welcome?token={secret}")
    expect(page.locator("#name")).to_have_count(0)


@pytest.mark.browser
def test_the_numbers_are_shown_drawn_and_exported(server: ConsoleServer, sign_in: SignIn) -> None:
    confirmed(server)
    page = sign_in("王强")
    page.goto(server.url + "/dashboard")
    expect(page.locator(".tile", has_text="确认的工单")).to_contain_text("1")
    page.locator("[data-chart] canvas").first.wait_for()
    file = page.request.get(server.url + "/dashboard.csv").body().decode("utf-8-sig")
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(file)) if row}
    assert rows["来电"] == ["1"]
    assert rows["市容环卫"] == ["1"]
    book = page.request.get(server.url + "/dashboard.xlsx").body()
    assert "xl/worksheets/sheet7.xml" in zipfile.ZipFile(io.BytesIO(book)).namelist()
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date()
    page.goto(f"{server.url}/dashboard?since={yesterday}&until={yesterday}")
    expect(page.locator(".tile", has_text="确认的工单")).to_contain_text("0")


@pytest.mark.browser
def test_the_audit_log_is_filtered_without_a_reload_and_exported(server: ConsoleServer, sign_in: SignIn) -> None:
    confirmed(server)
    page = sign_in("王强")
    page.goto(server.url + "/audit")
    page.fill("input[name=actor]", "李娜")
    page.press("input[name=actor]", "Tab")
    expect(page).to_have_url(re.compile("actor="))
    expect(page.locator("tbody tr")).to_have_count(2)
    file = page.request.get(server.url + "/audit.csv?action=draft_confirmed").body().decode("utf-8-sig")
    assert [row["actor"] for row in csv.DictReader(io.StringIO(file))] == ["李娜"]


def test_a_cell_that_would_be_run_is_made_harmless() -> None:
    assert [harmless(cell) for cell in ("=1+1", "@x", "-3", -3, "兰山区")] == ["'=1+1", "'@x", "'-3", -3, "兰山区"]
    assert csv_table([["=1", "兰"]]) == "\ufeff'=1,兰\r\n".encode()
    assert zipfile.ZipFile(io.BytesIO(xlsx_tables([("a", [["=1"], [2]])]))).testzip() is None


def test_the_recognisers_errors_are_told_by_day_and_model(server: ConsoleServer) -> None:
    complaint(server.spool_dir, at=datetime(2026, 11, 20, 1, tzinfo=UTC))
    server.ingest()
    with server.database.session() as db:
        first, second, _ = db.exec(select(Utterance).order_by(Utterance.index)).all()  # type: ignore[arg-type]
        first.model, first.corrected_text = "bundled", first.text
        second.model, second.corrected_text = "bundled", "河东区" + second.text[3:]
        db.add_all([first, second])
    zone = ZoneInfo("Asia/Shanghai")
    period = Period(datetime(2026, 11, 20, tzinfo=zone), datetime(2026, 11, 21, tzinfo=zone))
    with server.database.reading() as db:
        rows = errors_by_model(db, period)
    characters = len(first.text) + len(second.text)
    assert rows == [["2026-11-20", "bundled", 2, characters, round(2 / characters, 4)]]

"""Facts become rows, each exactly once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake.editing import edit_draft
from intake.ingest_folder import FIRST_LINE_LOST, WORDS_LATE, Ingested, ingest_folder, make_overdue_ready
from models.database import Database
from models.tables import Call, Utterance
from spool.call_folder import create_call_folder
from spool.facts import Ended, LineMeasured, UtteranceHeard
from tests.intake.conftest import draft_of
from tests.spool_calls import NOON, PLAIN, SpokenCall


def ingest(database: Database, call: SpokenCall) -> Ingested:
    return ingest_folder(database, call.folder, PLAIN, at=NOON)


def call_row(database: Database, call: SpokenCall) -> Call:
    with database.reading() as session:
        return session.get_one(Call, call.id)


def words(database: Database, call: SpokenCall) -> list[str]:
    with database.reading() as session:
        return [u.text for u in session.exec(select(Utterance).where(Utterance.call_id == call.id))]


def test_a_ringing_call_has_a_draft_that_listens(database: Database, spool: Path) -> None:
    call = SpokenCall(spool)
    ingest(database, call)
    row, draft = call_row(database, call), draft_of(database, call.id)
    assert (row.state, row.caller_number, row.node, row.invited_at) == ("ringing", "13800001234", "n1", NOON)
    assert (draft.state, draft.fields["phone"]["value"]) == ("listening", "13800001234")


def test_a_whole_call_is_ready_with_its_words(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().press("1#0").say("小区门口", "路灯坏了").end().transcribed()
    done = ingest(database, call)
    row, draft = call_row(database, call), draft_of(database, call.id)
    assert done == Ingested(call.folder.events_path.stat().st_size, is_complete=True)
    assert (row.state, row.end_reason, row.digits, row.packets_lost) == ("ended", "caller_hung_up", "1#0", 1)
    assert words(database, call) == ["小区门口", "路灯坏了"]
    assert (draft.state, draft.ready_at, draft.last_words) == ("ready", NOON, "路灯坏了")
    assert draft.fields["content"]["value"] == "小区门口路灯坏了"
    assert "路灯" in draft.search_text
    assert "13800001234" in draft.search_text


def test_doing_it_twice_changes_nothing(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).press("12").whole("路灯坏了")
    ingest(database, call)
    before = call_row(database, call), draft_of(database, call.id)
    ingest(database, call)
    assert (call_row(database, call), draft_of(database, call.id)) == before


def test_a_call_grows_line_by_line(database: Database, spool: Path) -> None:
    call = SpokenCall(spool)
    for step in (call.answer, lambda: call.say("一"), lambda: call.press("5"), lambda: call.say("二"), call.end):
        step()
        ingest(database, call)
        assert draft_of(database, call.id).state == "listening"
    call.transcribed()
    ingest(database, call)
    assert (words(database, call), call_row(database, call).digits) == (["一", "二"], "5")
    assert draft_of(database, call.id).state == "ready"


def test_a_line_still_being_written_waits(database: Database, spool: Path) -> None:
    call = SpokenCall(spool)
    with call.folder.events_path.open("ab") as stream:
        stream.write(b'{"fact": "digit", "at": "2026-11-23T04:00:01+00:00", "digit": "7", ')
        stream.flush()
        ingest(database, call)
        assert call_row(database, call).digits == ""
        stream.write(b'"position": 1.0}\n')
    ingest(database, call)
    assert call_row(database, call).digits == "7"


def test_broken_lines_and_wrong_values_keep_nothing_else_out(database: Database, spool: Path) -> None:
    call = SpokenCall(spool, caller="1380000\x001234")
    with call.folder.events_path.open("ab") as stream:
        stream.write(b'\xff\xfe not json\n[]\n{}\n{"fact": "of a later version", "at": "2026-11-23T04:00:00+00:00"}\n')
        stream.write(b'{"fact": "no_audio", "at": "2026-11-23T04:00:00+00:00", "position": "soon"}\n')
    call.whole("路灯坏了")
    ingest(database, call)
    assert call_row(database, call).caller_number == "13800001234"
    assert draft_of(database, call.id).state == "ready"


def test_a_folder_whose_first_line_was_lost_is_kept(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().say("路灯坏了").end().transcribed()
    lines = call.folder.events_path.read_bytes().splitlines(keepends=True)
    call.folder.events_path.write_bytes(b"".join(lines[1:]))
    ingest(database, call)
    assert call_row(database, call).remark == FIRST_LINE_LOST
    assert draft_of(database, call.id).fields["title"]["value"] == "路灯坏了"


def test_an_empty_folder_is_no_call_yet(database: Database, spool: Path) -> None:
    folder = create_call_folder(spool, str(SpokenCall(spool / "other").id))
    assert ingest_folder(database, folder, PLAIN, at=NOON) == Ingested(0, is_complete=False)


def test_an_utterance_heard_again_is_one_utterance(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().say("路灯怀了")
    ingest(database, call)
    again = UtteranceHeard(at=NOON, index=0, start_time=1, end_time=2, text="路灯坏了", confidence=0.9)
    call.append(again)
    ingest(database, call)
    assert words(database, call) == ["路灯坏了"]


def test_the_first_end_of_a_call_is_its_end(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().end()
    call.append(Ended(at=call.later(), end_reason="node_restarted"))
    ingest(database, call)
    assert (call_row(database, call).end_reason, call_row(database, call).remark) == ("caller_hung_up", "")


def test_the_line_is_known_during_the_call_and_the_end_has_the_last_word(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer()
    call.append(LineMeasured(at=call.later(), statistics={"packets_received": 250, "packets_lost": 3, "mos": 4.1}))
    ingest(database, call)
    row = call_row(database, call)
    assert (row.packets_received, row.packets_lost, row.statistics["mos"]) == (250, 3, 4.1)
    call.end()
    call.append(LineMeasured(at=call.later(), statistics={"packets_received": 1}))
    ingest(database, call)
    assert call_row(database, call).packets_received != 1


def test_a_call_cut_by_a_restart_says_so(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().end("node_restarted").transcribed(complete=False)
    ingest(database, call)
    remark = call_row(database, call).remark
    assert "restarted" in remark
    assert "gave up" in remark
    assert draft_of(database, call.id).state == "ready"


def test_an_emergency_stands_first_in_the_queue(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().say("着火了")
    ingest(database, call)
    draft = draft_of(database, call.id)
    assert (draft.urgency, draft.urgency_rank) == ("emergency", 0)


def test_a_call_whose_words_stay_away_is_ready_after_a_minute(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().say("路灯").end()
    ingest(database, call)
    ended = call_row(database, call).ended_at
    assert ended
    assert make_overdue_ready(database, ended_before=ended, at=NOON) == 0
    assert make_overdue_ready(database, ended_before=ended + timedelta(seconds=1), at=NOON) == 1
    assert (draft_of(database, call.id).state, call_row(database, call).remark) == ("ready", WORDS_LATE)
    call.say("坏了").transcribed()
    assert ingest(database, call).is_complete
    assert draft_of(database, call.id).fields["content"]["value"] == "路灯坏了"


def test_what_a_person_wrote_is_never_overwritten(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).whole("路灯怀了")
    ingest(database, call)
    draft = claim_draft(database, draft_of(database, call.id).id, "li", at=NOON)
    edit_draft(database, draft.id, "li", draft.version, {"title": "路灯坏了", "phone": None}, at=NOON)
    call.say("在解放路")
    ingest(database, call)
    fields = draft_of(database, call.id).fields
    assert (fields["title"]["value"], fields["title"]["source"]) == ("路灯坏了", "operator")
    assert fields["title"]["drafted"]["value"] == "路灯怀了"
    assert (fields["phone"]["value"], fields["phone"]["source"]) == (None, "operator")
    assert fields["content"]["value"] == "路灯怀了在解放路"


def test_words_after_the_decision_are_kept_and_change_no_ticket(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).whole("路灯坏了")
    ingest(database, call)
    draft = claim_draft(database, draft_of(database, call.id).id, "li", at=NOON)
    ticket, _ = confirm_draft(database, draft.id, "li", draft.version, at=NOON)
    before = draft_of(database, call.id)
    call.say("谢谢")
    ingest(database, call)
    assert draft_of(database, call.id) == before
    assert words(database, call) == ["路灯坏了", "谢谢"]
    assert [heard["text"] for heard in ticket.transcript] == ["路灯坏了"]


def test_a_long_backlog_comes_in_several_transactions(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).answer().press("1" * 700).end()
    first = ingest(database, call)
    assert first.more
    assert not ingest(database, call).more
    assert call_row(database, call).digits == "1" * 700


def test_a_broken_drafting_keeps_the_words(database: Database, spool: Path) -> None:
    call = SpokenCall(spool).whole("路灯坏了")
    ingest_folder(database, call.folder, None, at=NOON)
    assert words(database, call) == ["路灯坏了"]
    assert draft_of(database, call.id).state == "ready"


@pytest.mark.parametrize("cut", range(5))
def test_facts_are_the_same_however_they_are_cut(database: Database, spool: Path, cut: int) -> None:
    call = SpokenCall(spool)
    steps = [call.answer, lambda: call.press("1"), lambda: call.say("一", "二"), call.end, call.transcribed]
    for number, step in enumerate(steps):
        if number == cut:
            ingest(database, call)
        step()
    ingest(database, call)
    row = call_row(database, call)
    assert (row.digits, words(database, call), row.state) == ("1", ["一", "二"], "ended")

"""What people do to drafts: who wins, what is kept, what is logged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from config.city import load_city
from intake.claiming import claim_draft, expire_leases, release_draft, renew_claim
from intake.confirming import confirm_draft
from intake.editing import correct_utterance, edit_draft
from intake.errors import Conflict, Invalid, NotFound
from intake.field_values import lists_of
from intake.setting_aside import discard_draft, merge_draft, reopen_draft
from models.database import Database
from models.tables import AuditEntry, Draft, OutboxEntry, Ticket, Utterance
from tests.spool_calls import NOON, PLAIN

LATER = NOON + timedelta(minutes=16)
MakeDraft = Callable[..., Draft]


def audit(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(entry.actor, entry.action) for entry in session.exec(select(AuditEntry))]


def claimed(database: Database, ready_draft: MakeDraft, *texts: str) -> Draft:
    return claim_draft(database, ready_draft(*texts).id, "li", at=NOON)


def test_a_claim_is_a_lease(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    assert (draft.state, draft.claimed_by, draft.claimed_until) == ("claimed", "li", NOON + timedelta(minutes=15))
    assert audit(database)[-1] == ("li", "draft_claimed")


def test_the_loser_is_told_who_has_it(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    with pytest.raises(Conflict, match="claimed by li") as lost:
        claim_draft(database, draft.id, "wang", at=NOON)
    assert (lost.value.state, lost.value.by, lost.value.version) == ("claimed", "li", draft.version)


def test_a_lease_that_ran_out_is_taken_over(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    assert claim_draft(database, draft.id, "wang", at=LATER).claimed_by == "wang"
    with pytest.raises(Conflict, match="claimed by wang"):
        edit_draft(database, draft.id, "li", draft.version, {"title": "x"}, at=LATER)


def test_a_supervisor_takes_over_a_lease_that_runs(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    assert claim_draft(database, draft.id, "sun", at=NOON, take_over=True).claimed_by == "sun"


def test_a_sign_of_life_renews(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    later = NOON + timedelta(minutes=10)
    assert renew_claim(database, draft.id, "li", at=later).claimed_until == later + timedelta(minutes=15)
    with pytest.raises(Conflict):
        renew_claim(database, draft.id, "wang", at=later)


def test_expired_leases_return_to_the_queue(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    assert expire_leases(database, at=NOON) == 0
    assert expire_leases(database, at=LATER) == 1
    with database.reading() as session:
        row = session.get_one(Draft, draft.id)
    assert (row.state, row.claimed_by, row.claimed_until) == ("ready", None, None)
    assert audit(database)[-1] == ("service", "lease_expired")


def test_released_drafts_keep_what_was_edited(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    edit_draft(database, draft.id, "li", draft.version, {"town": "金雀山街道"}, at=NOON)
    released = release_draft(database, draft.id, "li", at=NOON)
    assert (released.state, released.claimed_by) == ("ready", None)
    assert released.fields["town"]["value"] == "金雀山街道"


def test_an_edit_keeps_the_machines_value_beside_the_persons(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft, "路灯怀了")
    edited = edit_draft(database, draft.id, "li", draft.version, {"title": "路灯坏了", "wants_reply": True}, at=NOON)
    title = edited.fields["title"]
    assert (title["value"], title["source"], title["confidence"], title["changed_by"]) == (
        "路灯坏了",
        "operator",
        1.0,
        "li",
    )
    assert (title["drafted"]["value"], title["drafted"]["source"]) == ("路灯怀了", "heard")
    assert edited.version == draft.version + 1
    again = edit_draft(database, draft.id, "li", edited.version, {"title": "路灯坏"}, at=NOON)
    assert again.fields["title"]["drafted"]["value"] == "路灯怀了"


def test_a_stale_version_changes_nothing(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    edited = edit_draft(database, draft.id, "li", draft.version, {"title": "一"}, at=NOON)
    with pytest.raises(Conflict) as stale:
        edit_draft(database, draft.id, "li", draft.version, {"title": "二"}, at=NOON)
    assert stale.value.version == edited.version
    with database.reading() as session:
        assert session.get_one(Draft, draft.id).fields["title"]["value"] == "一"


def test_a_draft_that_nobody_claimed_cannot_be_edited(database: Database, ready_draft: MakeDraft) -> None:
    draft = ready_draft()
    with pytest.raises(Conflict) as refused:
        edit_draft(database, draft.id, "li", draft.version, {"title": "一"}, at=NOON)
    assert refused.value.state == "ready"


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({}, "fields"),
        ({"colour": "red"}, "colour"),
        ({"type": "gossip"}, "type"),
        ({"title": 7}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"wants_reply": "yes"}, "wants_reply"),
        ({"occurred_at": "2026-11-23T09:00:00"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"phone": "１３８０００"}, "phone"),
        ({"not_accept_code": "NA9"}, "not_accept_code"),
        ({"title": ["a"]}, "title"),
    ],
)
def test_values_that_cannot_be_kept_are_named(
    database: Database, ready_draft: MakeDraft, fields: dict[str, object], bad: str
) -> None:
    draft = claimed(database, ready_draft)
    with pytest.raises(Invalid) as refused:
        edit_draft(database, draft.id, "li", draft.version, fields, at=NOON)
    assert refused.value.field == bad


def test_values_are_tidied(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    written = {
        "phone": "138 0000-1234",
        "title": "  路灯\x00 ",
        "name": " ",
        "occurred_at": "2026-11-23T09:00:00+08:00",
    }
    fields = edit_draft(database, draft.id, "li", draft.version, written, at=NOON).fields
    values = [fields[name]["value"] for name in written]
    assert values == ["13800001234", "路灯", None, "2026-11-23T09:00:00+08:00"]


def test_corrected_words_make_a_new_draft(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft, "路灯怀了")
    utterance, redrafted = correct_utterance(database, draft.id, 0, "路灯坏了", "li", at=NOON, drafting=PLAIN)
    assert (utterance.text, utterance.corrected_text, utterance.corrected_by) == ("路灯怀了", "路灯坏了", "li")
    assert redrafted.fields["title"]["value"] == "路灯坏了"
    assert redrafted.version == draft.version + 1
    undone, _ = correct_utterance(database, draft.id, 0, "路灯怀了", "li", at=NOON, drafting=PLAIN)
    assert (undone.corrected_text, undone.corrected_by) == (None, None)


def test_words_that_were_never_said_cannot_be_corrected(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    with pytest.raises(NotFound):
        correct_utterance(database, draft.id, 9, "x", "li", at=NOON)
    with pytest.raises(Invalid):
        correct_utterance(database, draft.id, 0, "长" * 2001, "li", at=NOON)


def test_confirming_makes_ticket_outbox_and_audit(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft, "路灯坏了", "在解放路")
    ticket, entry = confirm_draft(database, draft.id, "li", draft.version, at=NOON)
    assert (entry.state, entry.attempts, entry.ticket_id) == ("waiting", 0, ticket.id)
    assert ticket.fields["content"]["value"] == "路灯坏了在解放路"
    assert [heard["text"] for heard in ticket.transcript] == ["路灯坏了", "在解放路"]
    assert audit(database)[-1] == ("li", "draft_confirmed")
    with database.reading() as session:
        row = session.get_one(Draft, draft.id)
        assert (row.state, row.decided_by, row.claimed_by) == ("confirmed", "li", None)
        assert session.exec(select(Ticket)).one() == ticket


def test_a_draft_is_confirmed_once(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    confirm_draft(database, draft.id, "li", draft.version, at=NOON)
    with pytest.raises(Conflict, match="confirmed by li") as second:
        confirm_draft(database, draft.id, "li", draft.version, at=NOON)
    assert second.value.state == "confirmed"


def test_a_blank_matter_is_not_confirmed(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    blank = edit_draft(database, draft.id, "li", draft.version, {"title": None, "content": None}, at=NOON)
    with pytest.raises(Invalid) as refused:
        confirm_draft(database, draft.id, "li", blank.version, at=NOON)
    assert refused.value.field == "content"
    with database.reading() as session:
        assert session.exec(select(OutboxEntry)).all() == []


def test_a_number_that_is_taken_is_drawn_again(database: Database, ready_draft: MakeDraft) -> None:
    draws = iter([7, 7, 8])
    first, second = claimed(database, ready_draft), claimed(database, ready_draft)
    one, _ = confirm_draft(database, first.id, "li", first.version, at=NOON, draw=lambda _: next(draws))
    two, _ = confirm_draft(database, second.id, "li", second.version, at=NOON, draw=lambda _: next(draws))
    assert (one.ticket_no, two.ticket_no) == ("2611234320000007", "2611234320000008")


@pytest.mark.parametrize("act", ["claim", "confirm"])
def test_of_many_at_once_one_wins(database: Database, ready_draft: MakeDraft, act: str) -> None:
    draft = ready_draft() if act == "claim" else claimed(database, ready_draft)
    people = [f"p{number}" for number in range(8)]
    barrier = threading.Barrier(len(people))
    won: list[str] = []
    lost: list[Conflict] = []

    def try_it(person: str) -> None:
        barrier.wait()
        try:
            if act == "claim":
                claim_draft(database, draft.id, person, at=NOON)
            else:
                confirm_draft(database, draft.id, "li", draft.version, at=NOON)
            won.append(person)
        except Conflict as conflict:
            lost.append(conflict)

    threads = [threading.Thread(target=try_it, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert {conflict.by for conflict in lost} == ({won[0]} if act == "claim" else {"li"})
    if act == "confirm":
        with database.reading() as session:
            assert len(session.exec(select(Ticket)).all()) == len(session.exec(select(OutboxEntry)).all()) == 1


def test_discarding_needs_a_reason_and_can_be_taken_back(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft)
    with pytest.raises(Invalid):
        discard_draft(database, draft.id, "li", draft.version, "  ", at=NOON)
    discarded = discard_draft(database, draft.id, "li", draft.version, "打错了，回电 13800001234", at=NOON)
    assert (discarded.state, discarded.discard_reason) == ("discarded", "打错了，回电 13800001234")
    with database.reading() as session:
        logged = session.exec(select(AuditEntry).where(AuditEntry.action == "draft_discarded")).one()
    assert logged.detail == {"reason": "打错了，回电 138****1234"}
    reopened = reopen_draft(database, draft.id, "sun", at=NOON)
    assert (reopened.state, reopened.discard_reason, reopened.decided_by) == ("ready", None, None)


def test_merging_keeps_both_calls_and_can_be_taken_back(database: Database, ready_draft: MakeDraft) -> None:
    standing, second, third = ready_draft(), claimed(database, ready_draft), claimed(database, ready_draft)
    merged = merge_draft(database, second.id, "li", second.version, standing.id, at=NOON)
    assert (merged.state, merged.merged_into) == ("merged", standing.id)
    chained = merge_draft(database, third.id, "li", third.version, second.id, at=NOON)
    assert chained.merged_into == standing.id
    assert reopen_draft(database, second.id, "li", at=NOON).merged_into is None


def test_what_cannot_be_merged(database: Database, ready_draft: MakeDraft) -> None:
    draft, gone = claimed(database, ready_draft), claimed(database, ready_draft)
    discard_draft(database, gone.id, "li", gone.version, "重复", at=NOON)
    with pytest.raises(Invalid, match="itself"):
        merge_draft(database, draft.id, "li", draft.version, draft.id, at=NOON)
    with pytest.raises(Conflict, match="discarded"):
        merge_draft(database, draft.id, "li", draft.version, gone.id, at=NOON)
    with pytest.raises(NotFound):
        merge_draft(database, draft.id, "li", draft.version, uuid4(), at=NOON)


def test_the_audit_log_holds_no_speech_and_no_numbers(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft, "路灯坏了")
    edited = edit_draft(database, draft.id, "li", draft.version, {"phone": "13911112222", "name": "张三"}, at=NOON)
    _, corrected = correct_utterance(database, draft.id, 0, "路灯亮了", "li", at=NOON, version=edited.version)
    confirm_draft(database, draft.id, "li", corrected.version, at=NOON)
    with database.reading() as session:
        log = repr([entry.detail for entry in session.exec(select(AuditEntry))])
        assert session.exec(select(Utterance.corrected_text)).one() == "路灯亮了"
    assert not any(secret in log for secret in ("路灯", "张三", "13911112222", "13800001234"))


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("小区东门的路灯坏了。三天没人修。", "小区东门的路灯坏了"),
        ("很长" * 40, "很长" * 24 + "很…"),
        ("。", "。"),
    ],
)
def test_a_ticket_without_a_title_takes_its_first_sentence(
    database: Database, ready_draft: MakeDraft, content: str, title: str
) -> None:
    draft = claimed(database, ready_draft)
    draft = edit_draft(database, draft.id, "li", draft.version, {"title": None, "content": content}, at=NOON)
    ticket, _ = confirm_draft(database, draft.id, "li", draft.version, at=NOON)
    assert ticket.fields["title"]["value"] == title
    assert ticket.fields["title"]["source"] == "derived"


@pytest.mark.parametrize(
    ("field", "sentence_zh"),
    [
        ("county", "本市名录中没有县区“青岛市”。"),
        ("category_level_1", "本市名录中没有一级分类“青岛市”。"),
        ("category_level_2", "本市名录中没有二级分类“青岛市”。"),
    ],
)
def test_a_name_that_the_city_has_not_is_refused(
    database: Database, ready_draft: MakeDraft, field: str, sentence_zh: str
) -> None:
    draft = claimed(database, ready_draft)
    lists = lists_of(load_city("linyi"))
    with pytest.raises(Invalid) as refused:
        edit_draft(database, draft.id, "li", draft.version, {field: "青岛市"}, at=NOON, lists=lists)
    assert (refused.value.field, refused.value.sentence_zh) == (field, sentence_zh)
    edit_draft(database, draft.id, "li", draft.version, {field: None, "county": "兰山区"}, at=NOON, lists=lists)

"""What one person may not decide alone, and who may decide it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from config.city import load_city
from intake.claiming import claim_draft, renew_claim
from intake.confirming import confirm_draft
from intake.decisions import ask_decision, decide, decisions_of, others_needed, waiting_decisions
from intake.editing import edit_draft
from intake.errors import Conflict, Invalid, NotAllowed
from intake.setting_aside import discard_draft
from models.database import Database
from models.second_looks import Decision
from models.tables import AuditEntry, Draft
from tests.spool_calls import NOON

LINYI = load_city("linyi")
OPERATORS = others_needed(LINYI, supervises=False)
SUPERVISORS = others_needed(LINYI, supervises=True)
MakeDraft = Callable[..., Draft]


def proposed(database: Database, ready_draft: MakeDraft, code: str, by: str = "li") -> Draft:
    draft = claim_draft(database, ready_draft("帮我撤销醉驾罚款").id, by, at=NOON)
    return edit_draft(database, draft.id, by, draft.version, {"not_accept_code": code}, at=NOON)


def ask(database: Database, draft: Draft, reason: str = "要求撤销处罚，电话13800001234") -> Decision:
    return ask_decision(database, draft.id, "li", draft.version, reason, others=OPERATORS, at=NOON)


def test_the_rules_say_how_many_others_must_agree() -> None:
    codes = ("NA1", "NA2", "NA3", "NA4", "NA5", "NA6", "NA7", "NA8")
    assert [OPERATORS[code] for code in codes] == [0, 0, 1, 1, 1, 1, 1, 2]
    assert [SUPERVISORS[code] for code in codes] == [0, 0, 0, 0, 1, 1, 1, 2]


def test_an_operator_confirms_what_operators_decide(database: Database, ready_draft: MakeDraft) -> None:
    draft = proposed(database, ready_draft, "NA1")
    confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)


def test_what_a_supervisor_decides_waits_for_one(database: Database, ready_draft: MakeDraft) -> None:
    draft = proposed(database, ready_draft, "NA3")
    with pytest.raises(NotAllowed, match="NA3 needs another person"):
        confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)
    decision = ask(database, draft)
    assert (decision.code, decision.people_needed) == ("NA3", 1)
    with pytest.raises(NotAllowed):
        decide(database, decision.id, "li", agrees=True, words="", at=NOON)
    decide(database, decision.id, "wang", agrees=True, words="", at=NOON)
    ticket, _ = confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)
    assert ticket.fields["not_accept_code"]["value"] == "NA3"
    with database.reading() as session:
        log = session.exec(select(AuditEntry).where(AuditEntry.subject == f"draft:{draft.id}")).all()
    told = {entry.action: (entry.actor, entry.detail) for entry in log}
    assert told["decision_asked"][1] == {"code": "NA3", "words": "要求撤销处罚，电话138****1234"}
    assert told["decision_agreed"] == ("wang", {"code": "NA3", "words": ""})


def test_a_supervisor_at_work_decides_it_alone(database: Database, ready_draft: MakeDraft) -> None:
    draft = proposed(database, ready_draft, "NA4", by="wang")
    confirm_draft(database, draft.id, "wang", draft.version, at=NOON, others=SUPERVISORS)


def test_what_is_returned_stays_unconfirmed_and_says_why(database: Database, ready_draft: MakeDraft) -> None:
    draft = proposed(database, ready_draft, "NA6")
    decision = ask(database, draft)
    with pytest.raises(Invalid):
        decide(database, decision.id, "wang", agrees=False, words=" ", at=NOON)
    decide(database, decision.id, "wang", agrees=False, words="先派单核实", at=NOON)
    with pytest.raises(NotAllowed):
        confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)
    with pytest.raises(Conflict, match="wang has decided"):
        decide(database, decision.id, "zhao", agrees=True, words="", at=NOON)
    with database.reading() as session:
        (told,) = decisions_of(session, draft.id)
    assert (told.state, told.words, told.decided_by) == ("returned", "先派单核实", "wang")


def test_malicious_occupation_needs_two_people_beside_who_asks(database: Database, ready_draft: MakeDraft) -> None:
    draft = proposed(database, ready_draft, "NA8")
    decision = ask(database, draft)
    decide(database, decision.id, "wang", agrees=True, words="", at=NOON)
    with database.reading() as session:
        assert waiting_decisions(session) == 1
    with pytest.raises(NotAllowed):
        decide(database, decision.id, "wang", agrees=True, words="", at=NOON)
    with pytest.raises(NotAllowed):
        confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)
    assert decide(database, decision.id, "zhao", agrees=True, words="", at=NOON).state == "approved"
    confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)


def test_agreement_on_one_rule_is_none_on_another(database: Database, ready_draft: MakeDraft) -> None:
    draft = proposed(database, ready_draft, "NA3")
    decide(database, ask(database, draft).id, "wang", agrees=True, words="", at=NOON)
    draft = edit_draft(database, draft.id, "li", draft.version, {"not_accept_code": "NA4"}, at=NOON)
    with pytest.raises(NotAllowed, match="NA4"):
        confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)


def test_a_plain_question_is_answered_in_words(database: Database, ready_draft: MakeDraft) -> None:
    draft = claim_draft(database, ready_draft().id, "li", at=NOON)
    decision = ask(database, draft, "这件事归谁管？")
    assert decision.code == ""
    with pytest.raises(Conflict, match="waits already"):
        ask(database, draft)
    with pytest.raises(Invalid):
        decide(database, decision.id, "wang", agrees=True, words="", at=NOON)
    assert decide(database, decision.id, "wang", agrees=True, words="归城管", at=NOON).words == "归城管"
    confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)


def test_who_asks_keeps_the_draft_for_a_day(database: Database, ready_draft: MakeDraft) -> None:
    draft = proposed(database, ready_draft, "NA3")
    ask(database, draft)
    kept = renew_claim(database, draft.id, "li", at=NOON + timedelta(minutes=1))
    assert kept.claimed_until == NOON + timedelta(days=1)


def test_what_nobody_answered_is_closed_with_the_draft(database: Database, ready_draft: MakeDraft) -> None:
    for close in ("confirm", "discard"):
        draft = claim_draft(database, ready_draft().id, "li", at=NOON)
        decision = ask(database, draft, "归谁管？")
        if close == "confirm":
            confirm_draft(database, draft.id, "li", draft.version, at=NOON, others=OPERATORS)
        else:
            discard_draft(database, draft.id, "li", draft.version, "test", at=NOON)
        with database.reading() as session:
            (closed,) = decisions_of(session, draft.id)
            assert (closed.state, closed.decided_by) == ("withdrawn", "li")
            assert waiting_decisions(session) == 0
        with pytest.raises(Conflict):
            decide(database, decision.id, "wang", agrees=True, words="归城管", at=NOON)

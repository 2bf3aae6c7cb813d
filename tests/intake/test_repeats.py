"""Repeats are found among many, with reasons, and those already merged are counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake.editing import edit_draft
from intake.errors import NotFound
from intake.repeats import LOOK_BACK, find_repeats
from intake.setting_aside import discard_draft, merge_draft
from models.database import Database
from models.matters import MatterRow
from models.tables import Draft
from tests.spool_calls import NOON

MakeDraft = Callable[..., Draft]
LAMPS = ("金雀山路和沂蒙路交叉口的路灯坏了一个星期", "晚上一片漆黑请尽快派人来修理")
AGAIN = ("沂蒙路金雀山路交叉口路灯坏了好几天", "晚上漆黑请派人修理路灯")
OTHERS = (("小区楼下的井盖丢失了很危险",), ("拖欠农民工工资三个月没有发",), ("自来水发黄有异味不能喝",))


def found(database: Database, draft: Draft) -> list[UUID]:
    return [repeat.draft.id for repeat in find_repeats(database, draft.id, at=NOON)]


def claimed(database: Database, draft: Draft) -> Draft:
    return claim_draft(database, draft.id, "li", at=NOON)


def test_the_same_matter_of_another_caller_is_found(database: Database, ready_draft: MakeDraft) -> None:
    first = ready_draft(*LAMPS, caller="13811110000")
    others = {ready_draft(*texts, caller="13822220000").id for texts in OTHERS}
    again = ready_draft(*AGAIN, caller="13833330000")
    repeats = find_repeats(database, again.id, at=NOON)
    assert repeats[0].draft.id == first.id
    assert repeats[0].likeness.reasons
    assert not repeats[0].likeness.same_caller
    assert not others & {repeat.draft.id for repeat in repeats if repeat.likeness.is_same_matter}


def test_the_same_caller_again_is_found(database: Database, ready_draft: MakeDraft) -> None:
    first, again = ready_draft(*LAMPS), ready_draft(*AGAIN)
    assert find_repeats(database, again.id, at=NOON)[0].likeness.same_caller
    assert found(database, again)[0] == first.id


def test_what_was_discarded_is_no_repeat(database: Database, ready_draft: MakeDraft) -> None:
    gone, again = claimed(database, ready_draft(*LAMPS)), ready_draft(*AGAIN)
    discard_draft(database, gone.id, "li", gone.version, "打错了", at=NOON)
    assert found(database, again) == []


def test_callers_of_one_matter_are_counted(database: Database, ready_draft: MakeDraft) -> None:
    first, second, third = ready_draft(*LAMPS), claimed(database, ready_draft(*AGAIN)), ready_draft(*AGAIN)
    merge_draft(database, second.id, "li", second.version, first.id, at=NOON)
    (repeat,) = find_repeats(database, third.id, at=NOON)
    assert (repeat.draft.id, repeat.callers) == (first.id, 2)


def test_confirmed_words_are_what_is_compared(database: Database, ready_draft: MakeDraft) -> None:
    draft = claimed(database, ready_draft("嗯那个"))
    edited = edit_draft(database, draft.id, "li", draft.version, {"content": "".join(LAMPS)}, at=NOON)
    confirm_draft(database, draft.id, "li", edited.version, at=NOON)
    assert found(database, ready_draft(*AGAIN)) == [draft.id]
    with database.reading() as session:
        assert len(session.exec(select(MatterRow)).all()) == 2


def test_long_ago_is_not_looked_at(database: Database, ready_draft: MakeDraft) -> None:
    ready_draft("嗯", caller="13811110000")
    again = ready_draft("啊", caller="13811110000")
    assert find_repeats(database, again.id, at=NOON + LOOK_BACK + timedelta(days=1)) == []


def test_a_draft_without_words_has_no_repeats(database: Database, ready_draft: MakeDraft) -> None:
    assert found(database, ready_draft("嗯", caller="")) == []
    with pytest.raises(NotFound):
        find_repeats(database, uuid4(), at=NOON)

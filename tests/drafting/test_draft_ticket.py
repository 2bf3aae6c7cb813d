"""A draft is proposed for any words, and its evidence is what was said."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.city import load_city
from drafting.draft import FIELD_NAMES, CallFacts, DraftTicket, Heard
from drafting.drafting import draft_ticket

LINYI = load_city("linyi")
MONDAY = datetime(2026, 11, 23, 15, 20, tzinfo=timezone(timedelta(hours=8)))
SPOKEN = "我是兰山区罗庄高都镇街道村电话一三八零五十百点半号楼着火了不对昨天晚上没有 ，。\n a9１Ａ姓王张建国投诉停水"


def draft(*utterances: str, caller_number: str = "") -> DraftTicket:
    heard = [Heard(index, text) for index, text in enumerate(utterances)]
    return draft_ticket(heard, CallFacts(MONDAY, caller_number), LINYI)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.text(alphabet=SPOKEN, max_size=60), st.text(max_size=30)), max_size=6))
def test_any_words_give_a_draft_whose_evidence_is_what_was_said(utterances: list[str]) -> None:
    drafted = draft(*utterances)
    assert set(drafted.fields) == set(FIELD_NAMES)
    for field in drafted.fields.values():
        for piece in field.evidence:
            assert utterances[piece.utterance][piece.start : piece.end] == piece.text
            assert piece.text
    for note in drafted.notes:
        for piece in note["evidence"]:
            assert utterances[piece["utterance"]][piece["start"] : piece["end"]] == piece["text"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_a_blank_field_has_no_source(words: str) -> None:
    for field in draft(words).fields.values():
        assert (field.value is None) == (field.source == "none")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("义堂镇一个板材厂着火了快来人", "119"),
        ("有人拿着刀在砍人", "110"),
        ("我父亲突然晕倒了没有意识", "120"),
        ("两辆车追尾了堵在路口", "122"),
        ("昨天着火了已经灭了想问问赔偿", None),
        ("这个楼道堆杂物我担心着火", None),
    ],
)
def test_an_emergency_is_transferred_and_a_past_or_feared_one_is_not(said: str, number: str | None) -> None:
    assert draft(said).fields["emergency"].value == number


def test_the_corrected_number_is_the_callback_number() -> None:
    fields = draft("我电话是一三八 五三九零 一二三四", "不对 是一三八 零零零零 一二三四").fields
    assert fields["phone"].value == "13800001234"
    assert fields["phone"].source == "heard"


def test_the_callers_own_number_is_used_only_when_the_caller_says_so() -> None:
    assert draft("路灯不亮", caller_number="13905391234").fields["phone"].value is None
    said = draft("路灯不亮 就打这个电话就行", caller_number="13905391234").fields["phone"]
    assert (said.value, said.source) == ("13905391234", "caller_id")


@pytest.mark.parametrize(
    ("said", "county", "town"),
    [
        ("罗庄区高都这边", "罗庄区", "高都街道"),
        ("蒙阴县高都那边", "蒙阴县", "高都镇"),
        ("我在兰山区银却山街道", "兰山区", "银雀山街道"),
        ("坛城县重方镇", "郯城县", "重坊镇"),
        ("前面那个十字路口堵车", None, None),
        ("这个地方的花园没人管", None, None),
        ("苍山县向城镇", "兰陵县", "向城镇"),
    ],
)
def test_places_are_heard_through_homophones_and_ordinary_words_are_no_towns(
    said: str, county: str | None, town: str | None
) -> None:
    fields = draft(said).fields
    assert (fields["county"].value, fields["town"].value) == (county, town)

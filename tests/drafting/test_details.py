"""Times, numbers, names, limits, screening, answers, repeats: one by one."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from config.city import load_city
from drafting.answers import find_answers
from drafting.dates import find_moments
from drafting.draft import CallFacts, DraftTicket, Heard
from drafting.drafting import draft_ticket
from drafting.jsonl import draft_lines
from drafting.person import find_names
from drafting.phones import find_phones
from drafting.repeats import Matter, bigrams, rank, score
from drafting.working_days import add_working_days, is_working_day

LINYI = load_city("linyi")
CHINA = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 23, 15, 20, tzinfo=CHINA)


def draft(*utterances: str) -> DraftTicket:
    return draft_ticket([Heard(index, text) for index, text in enumerate(utterances)], CallFacts(MONDAY), LINYI)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("昨天晚上八点多停的水", "2026-11-22T20:00"),
        ("昨晚十一点半左右", "2026-11-22T23:30"),
        ("今天上午十点二十", "2026-11-23T10:20"),
        ("前天凌晨两点", "2026-11-21T02:00"),
        ("上周五下午三点一刻", "2026-11-20T15:15"),
        ("十一月十五号", "2026-11-15T00:00"),
        ("去年十二月三号", "2025-12-03T00:00"),
        ("停水三天了", "2026-11-20T00:00"),
        ("两个小时前", "2026-11-23T13:20"),
    ],
)
def test_a_moment_is_counted_from_the_call(said: str, moment: str) -> None:
    assert find_moments(said, MONDAY)[0].moment.isoformat().startswith(moment)


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("一三八 零零零零 一二三四".replace(" ", ""), "13800001234"),
        ("幺三八呃零零零零啊一二三四", "13800001234"),
        ("一三八零零零零\n一二三四", "13800001234"),
        ("电话零五三九八三二六五五八", "05398326558"),
        ("电话是一三八零零零零一二三五不对一二三四", "13800001234"),
    ],
)
def test_a_number_is_put_together(said: str, digits: str) -> None:
    assert find_phones(said, "0539", 7)[-1].digits == digits


@pytest.mark.parametrize(
    "said", ["身份证号三七二八零一一九六五零三一二零零一八", "工单号二零二六一一零三八八一", "一二三"]
)
def test_other_numbers_are_no_telephones(said: str) -> None:
    assert not [phone for phone in find_phones(said, "0539", 7) if phone.is_valid]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我叫张建国", "张建国"),
        ("我姓章弓长张", "张"),
        ("免贵姓欧阳", "欧阳"),
        ("我叫李军我家住费县", "李军"),
        ("我叫徐立国双人徐", "徐立国"),
        ("我姓王叫王丽", "王丽"),
    ],
)
def test_a_name_ends_where_the_next_words_begin(said: str, name: str) -> None:
    assert find_names(said)[0].value == name


def test_days_off_are_not_counted() -> None:
    before_holiday = datetime(2026, 9, 30, 10, 0, tzinfo=CHINA)
    assert add_working_days(before_holiday, 1, LINYI.holidays).date() == date(2026, 10, 8)
    assert is_working_day(date(2026, 10, 10), LINYI.holidays)
    assert not is_working_day(date(2027, 1, 1), LINYI.holidays)


def test_limits_follow_type_and_category() -> None:
    assert draft("请问社保卡丢了怎么补办").fields["deadline_at"].value == "2026-11-25T15:20:00+08:00"
    assert draft("小区停水了没人管").fields["deadline_at"].value == "2026-11-23T17:20:00+08:00"
    assert draft("我要投诉饭店吃出苍蝇").fields["deadline_at"].value == "2026-11-30T15:20:00+08:00"


def test_a_proposal_not_to_accept_has_grounds_and_a_sentence_for_the_caller() -> None:
    drafted = draft("法院已经判决了我不服")
    note = next(note for note in drafted.notes if note["kind"] == "not_accept")
    assert drafted.fields["not_accept_code"].value == "NA2"
    assert "判决" in note["evidence"][0]["text"] or "判" in note["evidence"][0]["text"]
    assert "12368" in note["say"]
    assert note["decide"] == "operator"
    assert note["objection"]


def test_treatment_elsewhere_does_not_make_a_matter_another_citys() -> None:
    assert draft("我妈在济南住院回来能报多少").fields["not_accept_code"].value is None
    assert draft("我是枣庄的这边停水了").fields["not_accept_code"].value == "NA1"


@pytest.mark.parametrize(
    ("said", "kind"),
    [("", "silent"), ("喂", "blank"), ("打错了不好意思", "wrong_number"), ("你们他妈的", "abusive")],
)
def test_a_call_is_set_aside_with_a_note_never_dropped(said: str, kind: str) -> None:
    assert kind in {note["kind"] for note in draft(said).notes}


def test_a_departments_duty_warns_against_the_township() -> None:
    kinds = {note["kind"] for note in draft("平邑县地方镇有人非法采砂").notes}
    assert "department_duty" in kinds


def test_an_answer_is_found_while_the_caller_speaks_and_not_after_its_date() -> None:
    found = find_answers("请问社保卡丢了怎么补办啊", LINYI, MONDAY.date())
    assert found[0].article.id == "social-card-lost"
    assert not find_answers("请问社保卡丢了怎么补办啊", LINYI, date(2040, 1, 1))


def test_the_same_matter_is_found_with_reasons_and_another_is_not() -> None:
    new = Matter(
        "阳光花园小区停水两天了没人修", "13800001234", "兰山区", "柳青街道", "", "阳光花园", "城乡建设", "供水", MONDAY
    )
    same = Matter(
        "阳光花园从昨天开始停水一直没来水",
        "13900005678",
        "兰山区",
        "柳青街道",
        "",
        "阳光花园小区",
        "城乡建设",
        "供水",
        MONDAY,
    )
    other = Matter("村里路灯坏了", "13800001234", "费县", "薛庄镇", "", "", "城乡建设", "路灯", MONDAY)
    ranked = rank(new, [("1", other), ("2", same)])
    assert ranked[0][0] == "2"
    assert ranked[0][1].is_same_matter
    assert not ranked[1][1].is_same_matter
    assert {reason.kind for reason in score(new, same).reasons} >= {"place", "category", "text"}


def test_bigrams_are_the_same_for_the_index_and_the_question() -> None:
    assert bigrams("停水 了，停水") == ("停水", "水了", "了停")


def test_a_batch_gives_a_draft_a_line_and_names_a_bad_one() -> None:
    line = '{"id": "a", "utterances": ["费县停水了"], "started_at": "2026-11-23T15:20:00+08:00", "caller_number": ""}'
    assert '"id": "a"' in next(draft_lines([line], LINYI))
    with pytest.raises(ValueError, match="line 2"):
        list(draft_lines([line, '{"id": "b"}'], LINYI))

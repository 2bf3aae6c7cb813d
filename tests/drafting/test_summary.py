"""Titles and contents as an operator reads them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from config.city import load_city
from drafting.draft import CallFacts, Heard
from drafting.drafting import draft_ticket

LINYI = load_city("linyi")
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))


def read(*utterances: str) -> tuple[object, object]:
    heard = [Heard(index, text) for index, text in enumerate(utterances)]
    fields = draft_ticket(heard, CallFacts(NOON), LINYI).fields
    return fields["title"].value, fields["content"].value


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (
            "我要反映兰山区银雀山街道的路灯坏了三天了没人修我姓王我的电话是幺三八零零零零幺二三四",
            "兰山区银雀山街道的路灯坏了3天了没人修",
        ),
        (
            "我们小区罗庄区盛庄街道停水两天了物业电话打不通希望赶紧给处理一下",
            "我们小区罗庄区盛庄街道停水2天了物业电话打不通",
        ),
    ],
)
def test_a_title_in_one_breath_holds_the_matter_and_neither_name_nor_number(said: str, title: str) -> None:
    assert read(said)[0] == title


def test_a_long_title_begins_and_ends_with_whole_words() -> None:
    said = "俺们这一片十几户人家从去年开始就一直跟村里面说门口那条路的路灯坏了天一黑老人小孩都不敢出门实在是没有办法了"
    title = read(said)[0]
    assert isinstance(title, str)
    assert "路灯坏了" in title
    assert len(title) <= 40


def test_greetings_are_not_content() -> None:
    assert read("你好", "我想问一下就是那个", "医保卡丢了在哪补办啊")[1] == "医保卡丢了在哪补办。"

"""Spoken numbers are written in digits, names keep theirs, and doing it twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting.normalising import written


@pytest.mark.parametrize(
    "name",
    [
        *(
            "三元桥",
            "五一路",
            "十字路口",
            "一起",
            "万一",
            "二小",
            "十字路街道",
            "四十里堡镇",
            "三轮车",
            "三里庄",
            "六一儿童节",
        ),
        *("万达广场", "第三人民医院", "一下子", "统一", "张三", "老百姓", "十几万", "几十个人", "乱七八糟", "万一二小"),
    ],
)
def test_names_and_set_words_keep_their_characters(name: str) -> None:
    assert written(name) == name


@pytest.mark.parametrize(
    ("spoken", "in_digits"),
    [
        ("电话幺三九 零零零零 一二三四", "电话13900001234"),
        ("十二号楼三单元五零一室", "12号楼3单元501室"),
        ("鲁q幺二三四五", "鲁Q12345"),
        ("花了十二块五", "花了12块5"),
        ("欠我八万六", "欠我8.6万"),
        ("两千万人", "2000万人"),
        ("一千五百二十块钱", "1520块钱"),
        ("昨晚十一点半", "昨晚11:30"),
        ("下午三点零五分", "下午3:05"),
        ("二零二六年十一月二十三号", "2026年11月23号"),
        ("两千零五年八月五号", "2005年8月5号"),
        ("百分之三十到四十一", "30~41%"),
        ("十六分之三", "3/16"),
        ("三五百公里", "300~500公里"),
        ("十五六个人", "15~16个人"),
        ("三四万吨", "3~4万吨"),
        ("二百零六国道", "206国道"),
        ("二十一路公交", "21路公交"),
        ("一亿零两千三百人", "1亿2300人"),
    ],
)
def test_numbers_are_written_in_digits(spoken: str, in_digits: str) -> None:
    assert written(spoken) == in_digits


@settings(max_examples=400, deadline=None)
@given(
    st.text(alphabet="零一二两三四五六七八九十百千万亿点分之年月日号块元毛到至第负几多个天路楼幺半 1a人的", max_size=16)
)
def test_writing_twice_changes_nothing_more(spoken: str) -> None:
    once = written(spoken)
    assert written(once) == once

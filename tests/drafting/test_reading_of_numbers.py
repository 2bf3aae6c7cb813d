"""Numbers said digit by digit stay whole in what a person reads."""

from __future__ import annotations

import pytest

from drafting.reading import punctuated


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("我的电话是一三八零零零零一二三四", "13800001234"),
        ("身份证三七一三零二一九九零零一零一零零一一", "371302199001010011"),
    ],
)
def test_repeated_digits_are_no_stutter(said: str, written: str) -> None:
    assert written in punctuated([said])

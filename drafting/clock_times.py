"""Clock times and parts of the day as they are said."""

from __future__ import annotations

import re

from drafting.numerals import DIGITS, value_of

N = "[零〇一二两三四五六七八九十百0-9]"
PARTS = {
    **{
        "凌晨": 2,
        "半夜": 0,
        "后半夜": 2,
        "天不亮": 5,
        "清早": 6,
        "清晨": 6,
        "大清早": 6,
        "一大早": 6,
        "早上": 7,
        "早晨": 7,
    },
    **{
        "早起": 7,
        "今早": 7,
        "上午": 9,
        "头午": 9,
        "中午": 12,
        "晌午": 12,
        "午后": 14,
        "下午": 14,
        "过晌": 14,
        "过晌午": 14,
    },
    **{
        "傍晚": 18,
        "傍黑": 18,
        "晚上": 20,
        "今晚": 20,
        "昨晚": 20,
        "晚间": 20,
        "夜里": 22,
        "夜间": 22,
        "深夜": 23,
        "夜晚": 20,
    },
}
PART = "|".join(sorted(PARTS, key=len, reverse=True))
CLOCK = (
    rf"(?P<hour>{N}{{1,3}})点(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>{N}{{1,3}})分?|钟)?"
    r"(?:多|来钟|左右|钟)?|(?P<digital>\d{1,2}:\d{2})"
)
TIME = rf"(?:的?(?P<part>{PART}))?(?:大概|大约|差不多|也就|是|，)?(?:{CLOCK})?"
PART_OF_DAY = {"今早": "早上", "今晚": "晚上", "昨晚": "晚上", "前晚": "晚上", "昨夜": "夜里"}


def minute_of(match: re.Match[str]) -> int:
    """Return the minutes of a matched clock time."""
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 * int(DIGITS[match["quarter"]])
    return (value_of(match["minute"]) or 0) if match["minute"] else 0

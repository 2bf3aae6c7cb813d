"""Amounts said in words: exact ones, ranges (三五百, 十五六), and how they are written."""

from __future__ import annotations

import re

from drafting.numerals import DIGITS, value_of

P = "零〇一二两三四五六七八九"
NUMERAL = f"[{P}十百千万亿兆]"
AMOUNT = f"{NUMERAL}+"
_D = "[一二两三四五六七八九]"
_RANGE_HEAD = re.compile(rf"({_D})({_D})([十百千万亿]+)?")
_RANGE_TAIL = re.compile(rf"((?:十|{_D}[十百千万]).*?)({_D})({_D})([十万亿]*)")
_NEIGHBOURS = frozenset(["12", "23", "34", "45", "56", "67", "78", "89", "35"])


def amount(numeral: str) -> str | None:
    """Return a numeral in digits, or None for an ill-formed one; 万 and 亿 stay where they divide roundly."""
    if numeral in ("十", "百", "千", "万", "亿", "兆"):
        return "10" if numeral == "十" else None
    for unit in ("兆", "亿"):
        high, mark, low = numeral.partition(unit)
        if mark and high:
            return _divided(high, unit, low)
    high, mark, low = numeral.rpartition("万")
    if mark and high:
        return _ten_thousands(numeral, high, low)
    value = _value(numeral)
    return None if value is None else str(value)


def _divided(high: str, unit: str, low: str) -> str | None:
    above = amount(high)
    below = amount(low.lstrip("零〇")) if low else ""
    return None if above is None or below is None else f"{above}{unit}{below}"


def _ten_thousands(numeral: str, high: str, low: str) -> str | None:
    above = _value(high)
    if above is None:
        return None
    if not low:
        return f"{above}万"
    if len(low) == 1 and low not in "零〇":
        return f"{above}.{DIGITS[low]}万" if low in DIGITS else None
    below = _value(low.lstrip("零〇"))
    if below is None:
        return None
    return f"{above}万{below}" if above >= 100 else str(above * 10000 + below)


def _value(numeral: str) -> int | None:
    if not set(numeral) & set("十百千万亿"):
        return int(DIGITS[numeral]) if len(numeral) == 1 and numeral in DIGITS else None
    return value_of(numeral)


def spread(numeral: str) -> str | None:
    """Return a range said in one breath (三五百 300~500, 十五六 15~16, 三四万 3~4万), or None."""
    head = _RANGE_HEAD.fullmatch(numeral)
    if head and _are_neighbours(head[1], head[2]):
        return _head_range(DIGITS[head[1]], DIGITS[head[2]], head[3] or "")
    tail = _RANGE_TAIL.fullmatch(numeral)
    if tail and _are_neighbours(tail[2], tail[3]):
        unit = tail[4]
        ten, big = ("十", unit[1:]) if unit.startswith("十") else ("", unit)
        low, high = value_of(tail[1] + tail[2] + ten), value_of(tail[1] + tail[3] + ten)
        return None if low is None or high is None else f"{low}~{high}{big}"
    return None


def _are_neighbours(one: str, other: str) -> bool:
    return DIGITS[one] + DIGITS[other] in _NEIGHBOURS


def _head_range(low: str, high: str, unit: str) -> str:
    small = unit.rstrip("万亿")
    zeros = {"": "", "十": "0", "百": "00", "千": "000"}.get(small)
    if zeros is None:
        return f"{low}~{high}{unit}"
    return f"{low}{zeros}~{high}{zeros}{unit[len(small) :]}"

"""Chinese numerals: what number they say, and digits said one by one."""

from __future__ import annotations

import re

DIGITS = {
    **{"零": "0", "〇": "0", "幺": "1", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5"},
    **{"六": "6", "七": "7", "八": "8", "九": "9", "洞": "0", "拐": "7", "勾": "9", "壹": "1", "贰": "2", "叁": "3"},
    **{"肆": "4", "伍": "5", "陆": "6", "柒": "7", "捌": "8", "玖": "9", "拾": "十", "俩": "2", "仨": "3"},
    **{str(digit): str(digit) for digit in range(10)},
}
UNITS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
PLAIN = "零〇一二两三四五六七八九"
NUMERAL = f"[{PLAIN}十百千万亿0-9]"
_AMOUNT = re.compile(rf"[{PLAIN}十百千万亿0-9]+")


def digits_of(text: str) -> str:
    """Return digits said one by one (幺三八 is 138); raises KeyError for anything else."""
    return "".join(DIGITS[character] for character in text)


def value_of(text: str) -> int | None:
    """Return the number that a numeral says, or None when it is not well formed (三五, 十百)."""
    if text.isascii():
        return int(text) if text.isdigit() and len(text) < 16 else None
    if not _AMOUNT.fullmatch(text):
        return None
    if not set(text) & set("十百千万亿"):
        return int(digits_of(text)) if len(text) < 16 else None
    return _with_myriads(text)


def _with_myriads(text: str) -> int | None:
    for character, size in (("亿", 10**8), ("万", 10**4)):
        high, mark, low = text.rpartition(character)
        if not mark:
            continue
        above, below = _with_myriads(high), 0
        if low:
            rest = _below(low, size // 10)
            if rest is None:
                return None
            below = rest
        return None if above is None else above * size + below
    return _section(text)


def _below(text: str, colloquial: int) -> int | None:
    # 三万五 is 35,000: a lone digit after the unit counts tenths of it.
    if len(text) == 1 and text in DIGITS and text not in "零〇":
        return int(DIGITS[text]) * colloquial
    return _with_myriads(text.lstrip("零〇"))


def _section(text: str) -> int | None:  # noqa: PLR0911 - a numeral goes wrong in as many ways
    if text.isdigit() and text.isascii():
        return int(text)
    total, last_unit, rest = 0, 10**4, text
    while rest:
        rest = rest.lstrip("零〇")
        if not rest:
            return total
        if rest[0] in UNITS:
            digit, used = 1, 0
        elif rest[0] in DIGITS:
            digit, used = int(DIGITS[rest[0]]), 1
        else:
            return None
        unit = UNITS.get(rest[used : used + 1])
        if unit is None:
            if len(rest) > 1:
                return None
            # 三百五 is 350, 三百零五 is 305.
            told_tenth = last_unit < 10**4 and last_unit >= 100 and not text[: -len(rest)].endswith(("零", "〇"))
            return total + digit * (last_unit // 10 if told_tenth else 1)
        if unit >= last_unit:
            return None
        total, last_unit, rest = total + digit * unit, unit, rest[used + 1 :]
    return total

"""Numbers as callers say them."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"
_UNITS = ((10000, "万"), (1000, "千"), (100, "百"), (10, "十"))


def spoken_digits(digits: str, yao: bool) -> str:
    """'110' is 一一零, or 幺幺零 when one is said yao, as in telephone numbers."""
    spoken = "".join(DIGITS[int(digit)] for digit in digits)
    return spoken.replace("一", "幺") if yao else spoken


def spoken_cardinal(number: int) -> str:
    """205 is 二百零五, 15 is 十五, 30000 is 三万; up to 99,999,999."""
    if number < 10:
        return DIGITS[number]
    if number < 20:
        return "十" + (DIGITS[number - 10] if number > 10 else "")
    value, unit = next((value, unit) for value, unit in _UNITS if number >= value)
    head, rest = divmod(number, value)
    spoken = spoken_cardinal(head) + unit
    if rest == 0:
        return spoken
    gap = "零" if rest < value // 10 else ""
    tail = spoken_cardinal(rest)
    return spoken + gap + ("一" + tail if 10 <= rest < 20 else tail)


def spoken_quantity(number: int) -> str:
    """A cardinal with 两 where speech has it: 两千, 两万, 两百, and alone before a measure word."""
    if number == 2:
        return "两"
    spoken = spoken_cardinal(number)
    return "两" + spoken[1:] if spoken[0] == "二" and len(spoken) > 1 and spoken[1] in "百千万" else spoken

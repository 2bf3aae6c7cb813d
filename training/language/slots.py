"""Slots that are numbers: telephone numbers, sums, dates, plates, houses."""

from __future__ import annotations

import random
from collections.abc import Callable

from training.language.numbers import DIGITS, spoken_cardinal, spoken_digits, spoken_quantity

_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Number plates use no I and no O."""


def _digits(count: int, draw: random.Random, yao: bool | None = None) -> str:
    yao = draw.random() < 0.7 if yao is None else yao
    return spoken_digits("".join(draw.choice("0123456789") for _ in range(count)), yao)


def mobile(draw: random.Random) -> str:
    """Eleven digits from 13 to 19."""
    yao = draw.random() < 0.75
    return spoken_digits("1" + draw.choice("3357889"), yao) + _digits(9, draw, yao)


def landline(draw: random.Random) -> str:
    """Seven digits, half of them with Linyi's 0539."""
    return ("零五三九" if draw.random() < 0.5 else "") + _digits(7, draw)


def id_number(draw: random.Random) -> str:
    """A citizen's number of Linyi (3713...), its last place sometimes X."""
    yao = draw.random() < 0.75
    last = "X" if draw.random() < 0.1 else _digits(1, draw, yao)
    return spoken_digits("3713", yao) + _digits(13, draw, yao) + last


def plate(draw: random.Random) -> str:
    """A plate of Linyi (鲁Q) or a neighbour, with up to two letters among five or six places."""
    home = "鲁Q" if draw.random() < 0.7 else draw.choice("鲁鲁鲁苏皖豫冀京沪浙") + draw.choice(_PLATE_LETTERS)
    count = 6 if draw.random() < 0.15 else 5
    letters = set(draw.sample(range(count), draw.choice([0, 1, 1, 2])))
    return home + "".join(draw.choice(_PLATE_LETTERS) if i in letters else _digits(1, draw) for i in range(count))


def building(draw: random.Random) -> str:
    """三号楼二单元五零一室, with parts left out as people do."""
    said = spoken_cardinal(draw.randrange(1, 40)) + draw.choice(["号楼", "号楼", "栋", "幢"])
    if draw.random() < 0.7:
        said += spoken_cardinal(draw.randrange(1, 6)) + "单元"
    if draw.random() < 0.7:
        said += _digits(draw.choice([3, 3, 4]), draw, False) + draw.choice(["室", "室", "", "户"])
    return said


def house_number(draw: random.Random) -> str:
    """一百二十三号."""
    return spoken_cardinal(draw.randrange(1, 400)) + "号"


def count(draw: random.Random) -> str:
    """A count of things: mostly small, sometimes hundreds or thousands."""
    top = draw.choice([20, 20, 100, 1000, 10000])
    return spoken_quantity(draw.randrange(top // 10, top))


def money(draw: random.Random) -> str:
    """A sum in yuan as spoken, sometimes with jiao or a rounded head."""
    sums = [
        draw.randrange(5, 100),
        draw.randrange(100, 1000),
        draw.randrange(10, 100) * 100,
        draw.randrange(1, 40) * 10000,
        draw.randrange(1000, 30000),
        draw.randrange(10000, 2000000),
    ]
    said = spoken_quantity(draw.choice(sums))
    if draw.random() < 0.1:
        return said + "块" + DIGITS[draw.randrange(1, 10)] + draw.choice(["", "毛"])
    return said + draw.choice(["块", "块钱", "元", "元", "多块", "多块钱", "多元"])


def clock(draw: random.Random) -> str:
    """八点半, 两点四十五, 十点多."""
    said = spoken_quantity(draw.randrange(1, 13)) + "点"
    minutes = draw.choice(["", "", "半", "多", "钟", "整", None, None])
    if minutes is not None:
        return said + minutes
    minute = draw.randrange(5, 60)
    return said + ("零" if minute < 10 else "") + spoken_cardinal(minute) + draw.choice(["", "分"])


def date(draw: random.Random) -> str:
    """十月二十三号."""
    month, day = spoken_cardinal(draw.randrange(1, 13)), spoken_cardinal(draw.randrange(1, 32))
    return f"{month}月{day}{draw.choice(['号', '号', '日'])}"


def year(draw: random.Random) -> str:
    """二零二四年, 一九九八年, 二三年."""
    number = draw.choice([draw.randrange(2010, 2027), draw.randrange(2018, 2027), draw.randrange(1950, 2010)])
    digits = str(number)[2:] if draw.random() < 0.2 else str(number)
    return spoken_digits(digits, False) + "年"


def duration(draw: random.Random) -> str:
    """三天, 两个多月, 好几年."""
    units = ["天", "个月", "年", "个小时", "周", "个星期", "分钟"]
    if draw.random() < 0.15:
        return draw.choice(["好几", "几", "半", "大半"]) + draw.choice(units[:4])
    number, unit = spoken_quantity(draw.randrange(1, 31)), draw.choice(units)
    if draw.random() < 0.15 and unit.startswith("个"):
        return number + "个多" + unit[1:]
    return number + unit


NUMBERS: dict[str, Callable[[random.Random], str]] = {
    "mobile": mobile,
    "landline": landline,
    "id_number": id_number,
    "plate": plate,
    "building": building,
    "house_number": house_number,
    "count": count,
    "money": money,
    "clock": clock,
    "date": date,
    "year": year,
    "duration": duration,
    "digits3": lambda draw: _digits(3, draw),
    "digits4": lambda draw: _digits(4, draw),
    "order": lambda draw: _digits(draw.choice([6, 8, 10, 12]), draw),
    "age": lambda draw: spoken_cardinal(draw.randrange(3, 100)),
    "temperature": lambda draw: spoken_cardinal(draw.randrange(5, 40)),
    "bus": lambda draw: spoken_cardinal(draw.randrange(1, 130)) + "路",
    "percent": lambda draw: "百分之" + spoken_cardinal(draw.randrange(1, 101)),
}
"""What fills a slot that is a number; digits stand for themselves, a single 1 may be 幺."""

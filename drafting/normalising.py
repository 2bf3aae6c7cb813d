"""Spoken numbers as they are written: telephones, addresses, plates, money, times, dates; names are left alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from drafting.amounts import AMOUNT, NUMERAL, P, amount, spread
from drafting.numerals import DIGITS, value_of
from drafting.words import longest_first

_MEASURE = longest_first("measures")
_NAMES = re.compile(longest_first("no_number"))
_DIGIT = f"{P}幺洞拐勾柒"
_NUMBER = rf"(?:负)?{AMOUNT}(?:点[{P}]+)?"
_TO = "[到至]"


MOST_PASSES = 8
"A bound: digits written in one pass may stand beside others in the next, and each pass leaves fewer to write."


def written(text: str) -> str:
    """Return the text with spoken numbers written in digits; doing it twice changes nothing more."""
    for _ in range(MOST_PASSES):
        before, text = text, _pass(text)
        if text == before:
            break
    return text


def _pass(text: str) -> str:
    out: list[str] = []
    position = 0
    while position < len(text):
        if text[position] not in _STARTS:
            out.append(text[position])
            position += 1
            continue
        said, end = _at(text, position)
        out.append(said)
        position = end
    return "".join(out)


def _at(text: str, position: int) -> tuple[str, int]:
    """Return what is written for the words at a position, and where they end."""
    name = _NAMES.match(text, position)
    for pattern, write in _FORMS:
        match = pattern.match(text, position)
        if match and match.end() > position and not (name and name.end() >= match.end()):
            form = write(match)
            if form is not None:
                return form, match.end()
    if name:
        return name[0], name.end()
    numeral = re.compile(f"第?[{_DIGIT}十百千万亿兆]+几?{NUMERAL}*|几{NUMERAL}+").match(text, position)
    end = numeral.end() if numeral else position + 1
    return text[position:end], end


def _digits(text: str) -> str:
    return "".join(DIGITS.get(character, character) for character in text)


def _plate(match: re.Match[str]) -> str:
    return match[1] + match[2].upper() + _digits(match[3]).upper()


def _date(match: re.Match[str]) -> str | None:
    month, day = value_of(match["m"]), value_of(match["d"]) if match["d"] else None
    if month is None or not 1 <= month <= 12 or (match["d"] and (day is None or not 1 <= day <= 31)):
        return None
    year = f"{_year_of(match['y'])}年" if match["y"] else ""
    return f"{year}{month}月" + (f"{day}{match['unit']}" if day else "")


def _year_of(said: str) -> str:
    return str(value_of(said)) if "千" in said else _digits(said)


def _year(match: re.Match[str]) -> str:
    return f"{_year_of(match['y'])}年"


def _clock(match: re.Match[str]) -> str | None:
    hour = value_of(match["h"])
    minute = 30 if match["half"] else value_of((match["m"] or match["m2"]).lstrip("零〇") or "零")
    if hour is None or minute is None or hour > 24 or minute > 59:
        return None
    second = value_of(match["s"].lstrip("零〇") or "零") if match["s"] else None
    return f"{hour}:{minute:02d}" + (f":{second:02d}" if second is not None else "")


def _number(said: str) -> str | None:
    sign = "-" if said.startswith("负") else ""
    whole, point, rest = said.removeprefix("负").partition("点")
    digits = _whole(whole) if point else amount(whole)
    return None if digits is None else sign + digits + ("." + _digits(rest) if point else "")


def _whole(said: str) -> str | None:
    value = value_of(said)
    return None if value is None else str(value)


def _percent(match: re.Match[str]) -> str | None:
    if match["n"] == "百":
        return "100%"
    number = _number(match["n"])
    if not match["to"]:
        return None if number is None else f"{number}%"
    other = "100" if match["to"].endswith("百分之百") else _number(match["to"][1:].removeprefix("百分之"))
    return None if number is None or other is None else f"{number}~{other}%"


def _fraction(match: re.Match[str]) -> str | None:
    below, above = _whole(match["d"]), _whole(match["n"])
    return None if below is None or above is None else f"{'-' if match['sign'] else ''}{above}/{below}"


def _decimal(match: re.Match[str]) -> str | None:
    number = _number(match["n"])
    return None if number is None else number + (match["u"] or "")


def _money(match: re.Match[str]) -> str | None:
    yuan = amount(match["y"])
    if yuan is None:
        return None
    return f"{yuan}{match['k']}{_digits(match['j'])}{match['mao'] or ''}{_digits(match['f'] or '')}{match['fen'] or ''}"


def _measured(match: re.Match[str]) -> str | None:
    said = match["n"]
    return spread(said) or (_number(said) if len(said) > 1 or said != "两" or match["m"] != "两" else "2")


def _ordinal(match: re.Match[str]) -> str | None:
    number = amount(match["n"])
    return None if number is None else f"第{number}"


def _alone(match: re.Match[str]) -> str | None:
    return spread(match["n"]) or _number(match["n"])


Writer = Callable[[re.Match[str]], str | None]
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_NOT_MORE = f"(?!{NUMERAL}|几)"
_FORMS: tuple[tuple[re.Pattern[str], Writer], ...] = (
    (re.compile(rf"([{_PROVINCES}])([a-zA-Z])((?:[a-zA-Z0-9{_DIGIT}]){{5,6}})(?![{_DIGIT}0-9])"), _plate),
    (re.compile(rf"[{_DIGIT}]{{2,}}(?: [{_DIGIT}]{{2,}})+"), lambda match: _digits(match[0].replace(" ", ""))),
    (re.compile(rf"[{_DIGIT}]{{1,3}}(?:点[{_DIGIT}]{{1,3}}){{3}}"), lambda match: _digits(match[0].replace("点", "."))),
    (
        re.compile(
            rf"(?:(?P<y>[{P}]{{2,4}}|{AMOUNT})年)?(?P<m>[{P}十]{{1,3}})月(?:份)?(?:(?P<d>[{P}十]{{1,3}})(?P<unit>[日号]))?"
            r"(?!色|季|饼|亮|嫂|薪)"
        ),
        _date,
    ),
    (re.compile(rf"(?P<y>[{P}]{{3,4}}|[一二两]千(?:零[{P}])?[{P}]?)年(?!前|后|了|级|多)"), _year),
    (re.compile(rf"百分之?(?P<n>百|{_NUMBER})(?P<to>{_TO}(?:百分之百|(?:百分之)?{_NUMBER}))?"), _percent),
    (re.compile(rf"(?P<sign>负)?(?P<d>{AMOUNT})分之(?P<n>{AMOUNT})"), _fraction),
    (
        re.compile(
            rf"(?P<h>[{P}十]{{1,3}})点(?:(?P<half>半)|(?P<m>[{P}十]{{1,3}})分(?:(?P<s>[{P}十]{{1,3}})秒)?"
            rf"|(?P<m2>零[{P}]|[二三四五]?十[{P}]?)(?!万|亿|个|块|元))"
        ),
        _clock,
    ),
    (re.compile(rf"(?P<n>负?{AMOUNT}点[{P}]+)(?P<u>万|亿)?"), _decimal),
    (re.compile(rf"[{_DIGIT}]{{3,}}(?:[xX])?(?![十百千万亿几])"), lambda match: _digits(match[0])),
    (
        re.compile(
            rf"(?P<y>{AMOUNT})(?P<k>块|元)(?P<j>[{P}])(?P<mao>毛|角)?(?P<f>[{P}](?=分))?(?P<fen>分)?"
            rf"(?![{P}十百千万]|[个台件条家户张份次趟天年月])"
        ),
        _money,
    ),
    (re.compile(rf"第(?P<n>{AMOUNT}){_NOT_MORE}(?!人民|中学|小学|医院|实验|幼儿园|中心|高中|初级)"), _ordinal),
    (re.compile(rf"(?P<n>负?{AMOUNT})(?!几)(?=(?P<m>{_MEASURE}))(?!点[{P}])"), _measured),
    (
        re.compile(
            rf"(?P<n>负?[{P}]?[十百千万亿兆]{NUMERAL}+|负{AMOUNT}|{NUMERAL}[十百千万亿兆]{NUMERAL}*){_NOT_MORE}"
        ),
        _alone,
    ),
)
_STARTS = frozenset(f"{_DIGIT}十百千万亿兆负第几一三{_PROVINCES}") | {name[0] for name in _NAMES.pattern.split("|")}

"""When a matter happened: dates and clock times as they are said, counted from the call's own time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from drafting.clock_times import CLOCK, PART, PART_OF_DAY, PARTS, TIME, N, minute_of
from drafting.numerals import DIGITS, value_of

_DAYS = {
    "今天": 0,
    "今日": 0,
    "今儿个": 0,
    "今儿": 0,
    "今早": 0,
    "今晚": 0,
    "昨天": 1,
    "昨日": 1,
    "昨晚": 1,
    "昨儿个": 1,
    "昨儿": 1,
}
_DAYS |= {"昨夜": 1, "夜来": 1, "前天": 2, "前儿": 2, "前日": 2, "前晚": 2, "大前天": 3}
_DAY = "|".join(sorted(_DAYS, key=len, reverse=True))
_WEEKDAYS = "一二三四五六日天"
_NOT_THIS = re.compile(
    r"[^\n，]{0,10}?(?:打过|反映过|报过|投诉过|打了.{0,4}电话|打的电话|登记|说过|问过|出生|"
    r"毕业|入职|结婚|退休|缴费|缴的)"
)
_FUTURE = re.compile(r"(?:到|截止|截至|之前|以前|预约|打算|准备|计划|要在|等到|明年|通知.{0,4})$")


@dataclass(frozen=True)
class When:
    """A moment, the span of its words, how sure it is, and whether a clock time was said."""

    moment: datetime
    start: int
    end: int
    confidence: float
    has_time: bool


def find_moments(text: str, started_at: datetime) -> list[When]:
    """Return the moments said, the surest first; a moment after the call is not when a matter happened."""
    found = [
        when
        for pattern, read in _FORMS
        for match in pattern.finditer(text)
        if not _FUTURE.search(text[max(0, match.start() - 4) : match.start()])
        and (when := read(match, started_at)) is not None
        and when.moment <= started_at + timedelta(minutes=1)
    ]
    weighed = [_weighed(text, when) for when in _without_inner(found)]
    return sorted(weighed, key=lambda when: (-round(when.confidence, 2), when.start))


def _weighed(text: str, when: When) -> When:
    about_else = _NOT_THIS.match(text, when.end)
    taken_back = re.match(r"[^\n，]{0,3}[，\n]?(?:啊|哦|噢|呃)?(?:不对|错了|说错)", text[when.end : when.end + 8])
    habitual = re.search(r"(?:天天|每天|经常|老是|一到|总是|每周|每月|每年)[^，\n]{0,3}$", text[: when.start][-8:])
    factor = 0.6 if about_else or habitual else 0.5 if taken_back else 1.0
    return When(when.moment, when.start, when.end, when.confidence * factor, when.has_time)


def _without_inner(found: list[When]) -> list[When]:
    kept: list[When] = []
    for when in sorted(found, key=lambda one: -(one.end - one.start)):
        if not any(one.start < when.end and when.start < one.end for one in kept):
            kept.append(when)
    return kept


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _with_time(day: datetime, match: re.Match[str], confidence: float, word: str = "") -> When | None:
    part = match["part"] or PART_OF_DAY.get(word)
    minute = 0
    if match["digital"]:
        hour, minute = (int(number) for number in match["digital"].split(":"))
    elif match["hour"]:
        said = value_of(match["hour"])
        if said is None or said > 24:
            return None
        hour = said
        minute = minute_of(match)
    elif part:
        return When(day.replace(hour=PARTS[part]), match.start(), match.end(), confidence - 0.1, False)
    else:
        return When(day, match.start(), match.end(), confidence, False)
    if (
        part
        and PARTS[part] >= 12
        and hour < 12
        and not (part in ("半夜", "夜里", "深夜", "夜间") and hour <= 5)
        and not (PARTS[part] == 12 and hour in (11, 10))
    ):
        hour += 12
    if hour >= 24 or minute > 59:
        day, hour = day + timedelta(days=1), 0
        minute = min(minute, 59)
    return When(day.replace(hour=hour, minute=minute), match.start(), match.end(), confidence, True)


def _relative_day(match: re.Match[str], now: datetime) -> When | None:
    day = _midnight(now) - timedelta(days=_DAYS[match["day"]])
    return _with_time(day, match, 0.92, match["day"])


def _weekday(match: re.Match[str], now: datetime) -> When | None:
    wanted = min(_WEEKDAYS.index(match["weekday"]), 6)
    monday = _midnight(now) - timedelta(days=now.weekday())
    if "上" in match["which"]:
        day = monday + timedelta(days=wanted - 7 * match["which"].count("上"))
    else:
        day = monday + timedelta(days=wanted)
        if day > now:
            if match["which"]:
                return None
            day -= timedelta(days=7)
    return _with_time(day, match, 0.88)


def _month_day(match: re.Match[str], now: datetime) -> When | None:
    month = value_of(match["month"]) if match["month"] else now.month
    date = value_of(match["date"])
    year = _year(match["year"], now)
    if not month or not date or year is None:
        return None
    try:
        day = _midnight(now).replace(year=year, month=month, day=date)
        if day > now and not match["year"]:
            day = _earlier(day, bool(match["month"]))
    except ValueError:
        return None
    return _with_time(day, match, 0.9 if match["month"] else 0.7)


def _last_month(match: re.Match[str], now: datetime) -> When | None:
    date = value_of(match["date"])
    before = _midnight(now).replace(day=1) - timedelta(days=1)
    if not date or date > before.day:
        return None
    return _with_time(before.replace(day=date), match, 0.88)


def _earlier(day: datetime, by_year: bool) -> datetime:
    if by_year:
        return day.replace(year=day.year - 1)
    return day.replace(year=day.year - 1, month=12) if day.month == 1 else day.replace(month=day.month - 1)


def _year(said: str | None, now: datetime) -> int | None:
    if not said or said == "今年":
        return now.year
    if said in ("去年", "前年"):
        return now.year - (1 if said == "去年" else 2)
    digits = "".join(DIGITS.get(character, "") for character in said)
    number = int(digits) if digits else 0
    number += 2000 if len(digits) == 2 else 0
    return number if now.year - 60 <= number <= now.year else None


_AGO = {"天": 1, "日": 1, "周": 7, "个星期": 7, "星期": 7, "个礼拜": 7, "个月": 30, "月": 30, "年": 365}


def _ago(match: re.Match[str], now: datetime) -> When | None:
    count = {"半": 0.5, "好几": None, "几": None}.get(match["count"], value_of(match["count"]))
    if count is None or count > 400:
        return None
    unit = match["unit"]
    if unit in ("小时", "个小时", "个钟头", "分钟"):
        moment = now - timedelta(minutes=count * (1 if unit == "分钟" else 60))
        return When(moment.replace(second=0, microsecond=0), match.start(), match.end(), 0.75, True)
    moment = _midnight(now) - timedelta(days=round(count * _AGO[unit]))
    confidence = 0.75 if _AGO[unit] <= 7 else 0.4
    return When(moment, match.start(), match.end(), confidence, False)


def _just_now(match: re.Match[str], now: datetime) -> When:
    return When(now.replace(second=0, microsecond=0), match.start(), match.end(), 0.65, True)


def _vague(match: re.Match[str], now: datetime) -> When:
    days = {
        "上周": 7,
        "上星期": 7,
        "上个星期": 7,
        "上礼拜": 7,
        "上个月": 30,
        "前几天": 3,
        "前两天": 2,
        "前一阵": 10,
        "去年": 365,
    }
    moment = _midnight(now) - timedelta(days=days[match[0]])
    return When(moment, match.start(), match.end(), 0.3, False)


def _time_only(match: re.Match[str], now: datetime) -> When | None:
    return _with_time(_midnight(now), match, 0.62 if match["part"] else 0.45)


Reader = Callable[[re.Match[str], datetime], When | None]
_LAST_MONTH = r"(?P<year>(?!))?(?P<month>上个?月)(?:的)?"
_YEAR = r"(?P<year>今年|去年|前年|(?:二零|二〇|20|两千零)[零〇一二三四五六七八九0-9]{2}(?=年))?年?的?"
_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(rf"(?P<day>{_DAY})(?:呢|那天|，)?{TIME}"), _relative_day),
    (
        re.compile(rf"(?P<which>(?:上上?|这|本)?)个?(?:周|星期|礼拜)(?P<weekday>[{_WEEKDAYS}])(?!次|个|年|天){TIME}"),
        _weekday,
    ),
    (
        re.compile(
            rf"{_YEAR}(?P<month>{N}{{1,3}})月份?(?:的)?(?P<date>{N}{{1,3}})[号日](?!楼|院|线|门|店|房|机){TIME}"
        ),
        _month_day,
    ),
    (re.compile(rf"{_LAST_MONTH}(?P<date>{N}{{1,3}})[号日]{TIME}"), _last_month),
    (
        re.compile(
            rf"(?P<year>(?!))?(?P<month>(?!))?(?:这个月|本月)?(?P<date>(?:[一二]?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九]|\d{{1,2}}))号(?!楼|院|线|门|店|房|机|桌|位|单|码|地|路|车|库|坑|棚)(?=早|上午|中午|下午|晚|那天|凌晨|夜|就|开始|的?时候){TIME}"
        ),
        _month_day,
    ),
    (
        re.compile(
            rf"(?P<count>半|{N}{{1,4}})(?:多|来)?(?P<unit>个?小时|个钟头|分钟|天|日|周|个星期|星期|个礼拜|个月|年)(?:多)?(?:以|之)?前"
        ),
        _ago,
    ),
    (
        re.compile(
            rf"(?:都|已经|有|快|断断续续|连续|得有)?(?P<count>半|{N}{{1,3}})(?:多|来)?(?P<unit>个?小时|个钟头|天|个星期|星期|个礼拜|周|个月|年)(?:多)?了"
        ),
        _ago,
    ),
    (re.compile(r"刚才|刚刚|方才|这会儿|就在刚"), _just_now),
    (
        re.compile(
            r"上周(?![一二三四五六日天])|上星期(?![一二三四五六日天])|上个星期(?![一二三四五六日天])|"
            r"上礼拜(?![一二三四五六日天])|上个月|前几天|前两天|前一阵|去年"
        ),
        _vague,
    ),
    (re.compile(rf"(?P<part>{PART})(?:大概|大约|差不多)?(?:{CLOCK})"), _time_only),
)

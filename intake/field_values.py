"""Which values a person may put into a draft's fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.city import City
from drafting.draft import FIELD_NAMES, Value
from intake.errors import Invalid

BOOLEANS = ("is_confidential", "wants_reply")
TIMES = ("occurred_at", "deadline_at")
CHOICES = {
    "type": ("consult", "help", "complaint", "report", "suggestion", "praise", "other"),
    "urgency": ("emergency", "urgent", "normal"),
    "not_accept_code": tuple(f"NA{number}" for number in range(1, 9)),
}
LONGEST = {"content": 10_000, "title": 200, "address_text": 500}
LONGEST_OTHER = 200
"Characters: more than any name, unit or category has; a wrong paste is told rather than kept."
YEARS = range(1950, 2100)
"Matters that callers speak of; the ends of the calendar overflow in another zone."
EMERGENCY = re.compile(r"[0-9]{3,5}", re.ASCII)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


Lists = Mapping[str, frozenset[str]]
"For each field that holds a name of the city's, which names there are."
IN_WORDS = {
    "county": ("county or district", "县区"),
    "category_level_1": ("category", "一级分类"),
    "category_level_2": ("subcategory", "二级分类"),
}


def lists_of(city: City) -> Lists:
    """Return the names that a person's value is checked against; towns and villages may be newer than the lists."""
    return {
        "county": frozenset(county.name for county in city.counties),
        "category_level_1": frozenset(category.level_1 for category in city.categories),
        "category_level_2": frozenset(category.name for category in city.categories),
    }


def checked_fields(fields: Mapping[str, Any], lists: Lists | None = None) -> dict[str, Value]:
    """Return the values as they are kept: trimmed, an empty text as None; raises `Invalid` for the first bad one."""
    if not fields:
        raise Invalid("fields", "Name at least one field.", "请至少填写一个字段。")
    values = {name: _checked(name, value) for name, value in fields.items()}
    for name, value in values.items():
        if lists and name in lists and value is not None and value not in lists[name]:
            what, what_zh = IN_WORDS[name]
            raise Invalid(name, f"The city's list has no {what} “{value}”.", f"本市名录中没有{what_zh}“{value}”。")
    return values


def _checked(name: str, value: Any) -> Value:
    if name not in FIELD_NAMES:
        raise Invalid(name, f"There is no field {name!r}.", f"没有字段“{name}”。")
    if value is None:
        return None
    if name in BOOLEANS:
        if not isinstance(value, bool):
            raise Invalid(name, f"{name} is true, false or null.", f"{name} 只能为 true、false 或 null。")
        return value
    if not isinstance(value, str):
        raise Invalid(name, f"{name} is text or null.", f"{name} 只能为文字或 null。")
    return _checked_text(name, CONTROLS.sub("", value).strip())


def _checked_text(name: str, text: str) -> Value:
    longest = LONGEST.get(name, LONGEST_OTHER)
    if len(text) > longest:
        raise Invalid(name, f"{name} has more than {longest} characters.", f"{name} 超过 {longest} 字。")
    if not text:
        return None
    if name in CHOICES and text not in CHOICES[name]:
        allowed = ", ".join(CHOICES[name])
        raise Invalid(name, f"{name} is one of {allowed}.", f"{name} 只能为 {allowed}。")
    if name == "emergency" and not EMERGENCY.fullmatch(text):
        raise Invalid(name, "emergency is a number of 3 to 5 digits.", "应急号码应为 3 到 5 位数字。")
    if name in TIMES:
        return _checked_time(name, text)
    return _checked_phone(text) if name == "phone" else text


def _checked_time(name: str, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        good = moment.tzinfo is not None and moment.year in YEARS
    except ValueError:
        good = False
    if not good:
        raise Invalid(
            name,
            f"{name} is a time with its zone, for example 2026-11-23T09:30:00+08:00.",
            f"{name} 应为带时区的时间，例如 2026-11-23T09:30:00+08:00。",
        )
    return text


def _checked_phone(text: str) -> str:
    number = re.sub(r"[\s()（）-]", "", text)
    if not re.fullmatch(r"\+?[0-9*#]{3,20}", number, re.ASCII):
        raise Invalid("phone", "phone is 3 to 20 digits.", "电话号码应为 3 到 20 位数字。")
    return number

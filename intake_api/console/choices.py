"""What a field may be chosen from: our own lists by name, the city's lists from its data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from config.city import City
from intake_api.console.field_forms import named_choices
from intake_api.console.labels import label
from intake_api.console.language import Language, translations


@dataclass(frozen=True)
class Choice:
    """A value with its name in the reader's language; `of` is the value of the level above."""

    value: str
    name: str
    of: str = ""


@lru_cache(maxsize=32)
def choices(city: City, list_name: str, language: Language) -> tuple[Choice, ...]:
    """Return the choices of a list, in the city's order."""
    if named := named_choices(list_name):
        say = translations(language).gettext
        return tuple(Choice(value, say(name)) for value, name in named.items())
    return tuple(_city_choices(city, list_name, language == "en"))


def _city_choices(city: City, list_name: str, in_english: bool) -> Iterable[Choice]:
    def named(value: str, name: str, english: str, of: str = "") -> Choice:
        return Choice(value, f"{name} {english}" if in_english and english else name, of)

    if list_name == "category_level_1":
        first = dict.fromkeys(category.level_1 for category in city.categories)
        return [named(value, value, _level_1_en(city, value)) for value in first]
    if list_name == "category_level_2":
        return [named(c.name, c.name, c.en, c.level_1) for c in city.categories]
    if list_name == "county":
        return [named(county.name, county.name, county.en) for county in city.counties]
    if list_name == "emergency":
        return [named(e.number, f"{e.number} {e.name}", e.en) for e in city.emergencies]
    if list_name == "not_accept_code":
        return [named(rule.code, f"{rule.code} {rule.name}", rule.en) for rule in city.not_accept]
    return []


def _level_1_en(city: City, level_1: str) -> str:
    return next((c.level_1_en for c in city.categories if c.level_1 == level_1 and c.level_1_en), "")


def who_decides(city: City, code: str, language: Language) -> str:
    """Return who may decide a not-accept proposal, in words."""
    rule = next((rule for rule in city.not_accept if rule.code == code), None)
    if rule is None:
        return ""
    return rule.decide_en if language == "en" else translations(language).gettext(label("decide", rule.decide))

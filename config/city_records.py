"""What a city's data files hold, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class County:
    """A county or district, or a zone with a management of its own (`kind` managing) inside `legal_county`."""

    code: str
    name: str
    short_name: str
    en: str
    other_names: tuple[str, ...]
    kind: str
    legal_county: str


@dataclass(frozen=True)
class Town:
    """A town, township or street with its statistical code; `managing_unit` is a zone that runs it, or empty."""

    code: str
    county_code: str
    name: str
    other_names: tuple[str, ...]
    managing_unit: str


@dataclass(frozen=True)
class Village:
    """A village or community: the committee's full name, and the name people say."""

    town_code: str
    name: str
    short_name: str


@dataclass(frozen=True)
class Category:
    """A level-2 category: its words, the unit in charge, whose duty it is, and whether two hours are the limit."""

    level_1: str
    level_1_en: str
    name: str
    en: str
    unit: str
    duty: str
    strong: tuple[str, ...]
    words: tuple[str, ...]
    is_utility: bool

    @property
    def key(self) -> tuple[str, str]:
        """Return level 1 and 2: level-2 names repeat (养老)."""
        return self.level_1, self.name


@dataclass(frozen=True)
class Unit:
    """A unit that may be in charge: a department, a township, or the hotline itself."""

    name: str
    en: str
    level: str


@dataclass(frozen=True)
class Emergency:
    """A number to transfer to at once, or to tell the caller, with the words that call for it."""

    number: str
    mode: str
    name: str
    en: str
    say: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Circumstances:
    """Words that say whether an emergency is settled, past, present, denied, feared, long past or only spoken about."""

    settled: tuple[str, ...]
    past: tuple[str, ...]
    now: tuple[str, ...]
    denied: tuple[str, ...]
    feared: tuple[str, ...]
    aftermath: tuple[str, ...]
    about: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """The channel to be told for a matter that the hotline may not take (NA2)."""

    name: str
    en: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class NotAccept:
    """A not-accept rule; `when` is `call` (proposed at once) or `after` (needs handling first)."""

    code: str
    name: str
    en: str
    decide: str
    decide_en: str
    when: str
    say: str
    terms: tuple[str, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class SetAside:
    """A kind of call set aside in the list, never unheard."""

    name: str
    zh: str
    en: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """A direct answer: the forms its question takes, the answer, where it is from and until when it holds."""

    id: str
    title: str
    title_en: str
    category: str
    questions: tuple[str, ...]
    answer: str
    answer_en: str
    source: str
    valid_until: str
    is_sample: bool


@dataclass(frozen=True)
class Limits:
    """Time limits: working days, and hours for power, water, gas and heat."""

    sign_days: int
    return_days: int
    consult_days: int
    other_days: int
    longest_extension_days: int
    utility_hours: int


@dataclass(frozen=True)
class AppealType:
    """A type of appeal with the words that show it; `declared` words are the caller's own name for the call."""

    code: str
    zh: str
    en: str
    declared: tuple[str, ...]
    strong: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class OtherPlace:
    """A place outside the city (NA1)."""

    name: str
    en: str

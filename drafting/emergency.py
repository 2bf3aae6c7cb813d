"""Emergencies in a call's words: at once, but not for what is past, settled, feared or denied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from config.city import City
from config.city_records import Emergency
from drafting.linear_model import LinearModel, model_at
from drafting.transcript import BREAK, Transcript, utterances_of
from drafting.wording import any_of, spans_of

_AGAIN = re.compile(r"又(?:着|烧|漏|打|犯|晕|冒|起)|复燃|还在(?:烧|漏|打|冒)|没灭|没有灭")
_FOR_LONG = re.compile(
    r".{0,12}(?:都|已经|有|快|得有)?[一二两三四五六七八九十好几半0-9]+个?(?:多|来)?"
    r"(?:天|个?月|年|个?星期|个?礼拜|周)(?:多)?了"
)
_NEVER = re.compile(r"(?!)")
NONE = "none"
"The model's label of what is no emergency."
SURE_ALONE = 0.6
"""What the model must say of an utterance without any of the rules' words; of 1,994 sentences that are none it then
took 6 for one (five parts, each judged by a model of the other four)."""


@dataclass(frozen=True)
class Alarm:
    """A number with the words that call for it; `why` says what makes it not live; no rule knows what is learnt."""

    emergency: Emergency
    start: int
    end: int
    is_live: bool
    why: str = ""
    is_learnt: bool = False


@dataclass(frozen=True)
class _Patterns:
    terms: tuple[tuple[Emergency, re.Pattern[str]], ...]
    settled: re.Pattern[str]
    past: re.Pattern[str]
    now: re.Pattern[str]
    denied: re.Pattern[str]
    feared: re.Pattern[str]
    aftermath: re.Pattern[str]
    about: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(city: City) -> _Patterns:
    said = city.circumstances
    denied = any_of(said.denied) or _NEVER
    return _Patterns(
        terms=tuple((one, any_of(one.terms) or _NEVER) for one in city.emergencies),
        settled=any_of(said.settled) or _NEVER,
        past=any_of(said.past) or _NEVER,
        now=any_of(said.now) or _NEVER,
        denied=re.compile(f"(?:{denied.pattern})(?:再|又|会|发生|出现|有|有人)?$"),
        aftermath=any_of(said.aftermath) or _NEVER,
        feared=any_of(said.feared) or _NEVER,
        about=any_of(said.about) or _NEVER,
    )


def find_alarms(transcript: Transcript, city: City) -> list[Alarm]:
    """Return every emergency term heard; those that are live first, in the city's order of precedence."""
    patterns = _patterns(city)
    alarms = list(_alarms(transcript, patterns))
    alarms.extend(_learnt_alarms(transcript, city, patterns, alarms))
    order = {one: place for place, one in enumerate(city.emergencies)}
    return sorted(alarms, key=lambda alarm: (not alarm.is_live, alarm.is_learnt, order[alarm.emergency], alarm.start))


def _alarms(transcript: Transcript, patterns: _Patterns) -> Iterator[Alarm]:
    for emergency, terms in patterns.terms:
        for start, end in _spans(terms, transcript.text):
            why = "" if emergency.mode == "inform" else _why_not(transcript.text, start, end, patterns)
            yield Alarm(emergency, start, end, not why, why)


def _spans(terms: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for offset, words in utterances_of(text):
        for start, end in _spans_in(terms, words):
            yield start + offset, end + offset


@lru_cache(maxsize=16_384)
def _spans_in(terms: re.Pattern[str], words: str) -> list[tuple[int, int]]:
    """What was found in a call's earlier utterances is remembered, for every number's terms."""
    return spans_of(terms, words)


def _learnt_alarms(transcript: Transcript, city: City, patterns: _Patterns, found: list[Alarm]) -> Iterator[Alarm]:
    """Yield what the model alone hears, in utterances where no rule found a word."""
    model = model_at(city.emergency_model_path)
    if model is None:
        return
    by_number = {one.number: one for one in reversed(city.emergencies) if one.mode == "transfer"}
    for start, words in utterances_of(transcript.text):
        end = start + len(words)
        if any(alarm.start < end and start < alarm.end for alarm in found if alarm.emergency.mode == "transfer"):
            continue
        number = _learnt_number(model, words)
        if number in by_number and not patterns.past.search(words):
            why = _why_not(transcript.text, start, end, patterns)
            yield Alarm(by_number[number], start, end, not why, why, is_learnt=True)


@lru_cache(maxsize=2048)
def _learnt_number(model: LinearModel, words: str) -> str:
    """The number that the model is sure of, or nothing."""
    said = model.probabilities(words) if words else {}
    if said.get(NONE, 1.0) > 1 - SURE_ALONE:
        return ""
    return max((label for label in said if label != NONE), key=said.__getitem__)


def _why_not(text: str, start: int, end: int, patterns: _Patterns) -> str:
    """Return what makes a term not live, or nothing; signs of the present overrule only what is past."""
    before = _clause_before(text, start)
    after = text[end : end + 26].replace(BREAK, "，")
    is_settled = patterns.settled.search(text[max(0, start - 20) : end + 40])
    never_live = (
        ("spoken about", patterns.about.match(after)),
        ("denied", patterns.denied.search(before[-8:])),
        ("feared", patterns.feared.search(before + text[start : end - 1])),
        ("settled", is_settled and not _AGAIN.search(text[end : end + 40])),
    )
    past = (
        ("its aftermath", patterns.aftermath.search(text[max(0, start - 24) : end + 40])),
        ("past", _FOR_LONG.match(after) or patterns.past.search(_said_before(text, start))),
    )
    is_present = patterns.now.search(text[max(0, start - 40) : end + 40])
    grounds = never_live if is_present else (*never_live, *past)
    return next((why for why, found in grounds if found), "")


def _clause_before(text: str, start: int) -> str:
    begin = max(text.rfind("，", 0, start), text.rfind(BREAK, 0, start)) + 1
    return text[max(begin, start - 24) : start]


def _said_before(text: str, start: int) -> str:
    """The utterance up to a term: a time said at its beginning holds to its end."""
    begin = text.rfind(BREAK, 0, start) + 1
    return text[max(begin, start - 30) : start + 3]

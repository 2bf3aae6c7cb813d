"""Scores drafts against a corpus of calls: what was right, what was wrong, what was left blank."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.city import City
from drafting.drafting import draft_ticket
from drafting.jsonl import read_call

CORPUS = Path(__file__).parent / "corpus"
SCORED = (
    *("name", "phone", "type", "category_level_1", "category_level_2", "county", "town", "community"),
    *("emergency", "not_accept_code", "is_confidential", "wants_reply", "urgency", "occurred_at", "address_text"),
)
BLANK_WHEN_UNSAID = frozenset(
    ("name", "phone", "county", "town", "community", "emergency", "not_accept_code", "is_confidential", "wants_reply")
)
"Fields that a corpus need not name: unnamed, they are expected to be blank."


@dataclass
class Tally:
    """Counts of one field over a corpus."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    invented: int = 0
    rightly_blank: int = 0
    in_top: Counter[int] = field(default_factory=Counter)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of values."""
        said = self.right + self.wrong + self.invented
        expected = self.right + self.wrong + self.missed
        return 2 * self.right / (said + expected) if said + expected else 1.0

    def recall_in_top(self, places: int) -> float:
        """Share of expected values among the first candidates."""
        expected = self.right + self.wrong + self.missed
        return sum(count for place, count in self.in_top.items() if place < places) / expected if expected else 1.0

    def summary(self) -> dict[str, float]:
        """Return the figures that are reported."""
        return {
            **{"right": self.right, "wrong": self.wrong, "missed": self.missed, "invented": self.invented},
            **{"rightly_blank": self.rightly_blank, "f1": round(self.f1, 4)},
            **{f"top_{places}": round(self.recall_in_top(places), 4) for places in (1, 3, 4)},
        }


@dataclass
class Score:
    """Tallies by field, errors as lines, and the share of drafts with a wrong value."""

    fields: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    errors: list[str] = field(default_factory=list)
    calls: int = 0
    drafts_with_wrong_value: int = 0


def read_corpus(name: str) -> list[dict[str, Any]]:
    """Return the calls of a corpus file; an expected list names values of which any is right."""
    lines = (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def score_calls(calls: list[dict[str, Any]], city: City) -> Score:
    """Draft every call and compare it with what was expected."""
    score = Score()
    for call in calls:
        _, heard, facts = read_call(call, city)
        drafted = draft_ticket(heard, facts, city)
        wrong = False
        for name in SCORED:
            expected = call["expected"].get(name)
            if expected is None and name not in BLANK_WHEN_UNSAID:
                continue
            field_ = drafted.fields[name]
            candidates = [candidate.value for candidate in field_.candidates]
            shown = list(dict.fromkeys(([field_.value] if field_.value is not None else []) + candidates))
            verdict = _count(score.fields[name], name, expected, field_.value, shown)
            if verdict in ("wrong", "invented"):
                wrong = True
            if verdict not in ("right", "rightly_blank"):
                said = "/".join(call["utterances"])
                score.errors.append(f"{call['id']} {name} {verdict}: {expected} / {field_.value} {shown[:3]} | {said}")
        score.calls += 1
        score.drafts_with_wrong_value += wrong
    return score


def _count(tally: Tally, name: str, expected: Any, value: Any, shown: list[Any]) -> str:
    if expected is None:
        verdict = "rightly_blank" if value is None else "invented"
    elif value is None:
        verdict = "missed"
    else:
        verdict = "right" if _same(name, expected, value) else "wrong"
    setattr(tally, verdict, getattr(tally, verdict) + 1)
    if expected is not None:
        places = [place for place, one in enumerate(shown) if _same(name, expected, one)]
        if places:
            tally.in_top[places[0]] += 1
    return verdict


def _same(name: str, expected: Any, value: Any) -> bool:
    if isinstance(expected, list):
        return any(_same(name, one, value) for one in expected)
    if name == "occurred_at":
        return str(value).startswith(str(expected))
    if name == "address_text":
        return str(expected) in str(value)
    return bool(expected == value)

"""Sentences of the hotline, drawn from templates whose slots are places, names, numbers and things."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from training.language import slots
from training.language.places import Places, short_town

_FOLDER = Path(__file__).parent.parent / "text"
_SLOT = re.compile(r"(\{\w+\})")


_NO_PROBLEMS = ("who", "phone", "place", "time", "services", "about", "greeting", "farewell", "reply")
_LONGEST_SAID_NAME = 5
"""Nobody says 临沂高新技术产业开发区 on the telephone."""


class Templates:
    """Draws clauses and whole calls' sentences; the same seed draws the same sentences."""

    def __init__(self, places: Places, seed: int, folder: Path = _FOLDER) -> None:
        self.random = random.Random(seed)
        groups = tomllib.loads((folder / "templates.toml").read_text(encoding="utf-8"))
        lists = tomllib.loads((folder / "slots.toml").read_text(encoding="utf-8"))
        self._lines = {name: group["lines"] for name, group in groups.items()}
        self._problems = [name for name in groups if name not in _NO_PROBLEMS]
        self._weights = {name: group["weight"] for name, group in groups.items()}
        self._lists = {name: words.split() for name, words in lists.items()}
        self._places = places
        self._counties = list(places.county_names)
        self._villages = [village for names in places.villages.values() for village in names]
        self._county = self._town = ""
        self._made: dict[str, Callable[[random.Random], str]] = dict(slots.NUMBERS)

    def clause(self, group: str | None = None) -> str:
        """One clause of a group, or of a group drawn by weight."""
        group = group or self.random.choices(list(self._weights), list(self._weights.values()))[0]
        return self._fill(self.random.choice(self._lines[group]))

    def call(self) -> list[str]:
        """The clauses of one turn of a caller: who, where, when, what, and what is wished."""
        draw = self.random.random
        self._county = self._town = ""
        if draw() < 0.75:
            return [self.clause()]
        parts = [
            ("greeting", 0.35),
            ("who", 0.3),
            ("place", 0.6),
            ("time", 0.35),
            (self.random.choice([*self._problems, "services"]), 1.0),
            ("about", 0.5),
            ("phone", 0.15),
        ]
        return [self.clause(group) for group, chance in parts if draw() < chance]

    def _fill(self, line: str) -> str:
        pieces = _SLOT.split(line)
        return "".join(self._slot(piece[1:-1]) if piece.startswith("{") else piece for piece in pieces)

    def _slot(self, name: str) -> str:
        if name in self._lists:
            return self.random.choice(self._lists[name])
        if name in self._made:
            return self._made[name](self.random)
        made: Callable[[], str] = getattr(self, f"_{name}_slot")
        return made()

    def _problem_slot(self) -> str:
        return self.clause(self.random.choice(self._problems))

    def _name_slot(self) -> str:
        given = 2 if self.random.random() < 0.7 else 1
        return self._slot("surname") + "".join(self._slot("given") for _ in range(given))

    def _estate_slot(self) -> str:
        return self._slot("estate_a") + self._slot("estate_b")

    def _county_slot(self) -> str:
        """A county by its full name, or in one of three by a shorter or older one."""
        county = self.random.choice(self._counties)
        self._county, self._town = county if county in self._places.towns else "", ""
        names = self._places.county_names[county]
        if len(names[0]) > _LONGEST_SAID_NAME or self.random.random() < 0.33:
            return self.random.choice(names[1:])
        return names[0]

    def _town_slot(self) -> str:
        """A town, mostly of the county just named; one in five loses its 镇 or 街道."""
        same = self._county and self.random.random() < 0.85
        county = self._county if same else self.random.choice(list(self._places.towns))
        self._town = self.random.choice(self._places.towns[county])
        short = short_town(self._town)
        return short if len(short) > 1 and self.random.random() < 0.2 else self._town

    def _village_slot(self) -> str:
        """A village, mostly of the town just named; bare names often gain 村."""
        near = self._places.villages.get(self._town) if self.random.random() < 0.85 else None
        village = self.random.choice(near or self._villages)
        if not re.search("(村|社区|居)$", village) and self.random.random() < 0.6:
            return village + "村"
        return village

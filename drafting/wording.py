"""Counts the words of rules in a call, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from drafting.transcript import utterances_of

STRONG, WEAK = 3.0, 1.0
_LITERAL = re.compile(r"[^\\\[\](){}|.*+?^$]+")


@dataclass(frozen=True, eq=False)
class WordSet:
    """The words of one rule as two patterns: those that almost decide and those that hint."""

    strong_terms: tuple[str, ...]
    weak_terms: tuple[str, ...]

    @cached_property
    def strong(self) -> re.Pattern[str] | None:
        """Any of the strong words, the longest first."""
        return any_of(self.strong_terms)

    @cached_property
    def weak(self) -> re.Pattern[str] | None:
        """Any of the hints."""
        return any_of(self.weak_terms)


Spans = list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The word sets of all rules, looked for in one go."""

    sets: tuple[WordSet, ...]

    def scores(self, text: str) -> list[tuple[float, Spans]]:
        """Return for every set the weight of its words, each counted once, and the spans of the strong, else hints."""
        strong: list[Spans] = [[] for _ in self.sets]
        weak: list[Spans] = [[] for _ in self.sets]
        for offset, words in utterances_of(text):
            for place, strong_here, weak_here in self._found(words):
                strong[place].extend((start + offset, end + offset) for start, end in strong_here)
                weak[place].extend((start + offset, end + offset) for start, end in weak_here)
        return [(_weight(text, *found), found[0] or found[1]) for found in zip(strong, weak, strict=True)]

    @cached_property
    def _found(self) -> Callable[[str], list[tuple[int, Spans, Spans]]]:
        """Find the sets with words in an utterance; what was found in a call's earlier utterances is remembered."""

        @lru_cache(maxsize=2048)
        def found(words: str) -> list[tuple[int, Spans, Spans]]:
            pairs = ((spans_of(one.strong, words), spans_of(one.weak, words)) for one in self.sets)
            return [(place, strong, weak) for place, (strong, weak) in enumerate(pairs) if strong or weak]

        return found


def _weight(text: str, strong: Spans, weak: Spans) -> float:
    total = sum(STRONG + 0.3 * len(word) for word in {text[start:end] for start, end in strong})
    return total + WEAK * len({text[start:end] for start, end in weak})


@lru_cache(maxsize=512)
def _compiled(terms: tuple[str, ...]) -> re.Pattern[str] | None:
    ordered = sorted(terms, key=len, reverse=True)
    return re.compile("|".join(f"(?:{term})" for term in ordered)) if ordered else None


def any_of(terms: Iterable[str]) -> re.Pattern[str] | None:
    """Return one pattern for any of the terms, or None for no terms."""
    return _compiled(tuple(terms))


def spans_of(pattern: re.Pattern[str] | None, text: str) -> Spans:
    """Return where a pattern is found in a text."""
    if pattern is None:
        return []
    return [match.span() for match in pattern.finditer(text) if match.end() > match.start()]

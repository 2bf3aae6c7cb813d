"""The words that can be recognised, and the cutting of text into them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from training.language.general_trigram import LONGEST_WORD, GeneralTrigram
from training.language.letters import LETTERS

_UNKNOWN_CHARACTER = -25.0
_PLACE_CHANCE = 1e-4
"""Places and the hotline's own words cut as if they were this frequent, so that they stay whole."""


def gb2312_level_1() -> list[str]:
    """The 3,755 characters of everyday writing."""
    rows = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return [character for pair in rows if (character := bytes(pair).decode("gb2312", "ignore"))]


def choose_vocabulary(general: GeneralTrigram, size: int, own_words: Iterable[str]) -> list[str]:
    """The general model's `size` most frequent words, our own words, every character of either, and letters; sorted."""
    ranked = [general.words[i] for i in np.argsort(-general.p1, kind="stable")]
    common = [word for word in ranked if len(word) > 1][:size]
    frequent = {word for word, p in zip(general.words, general.p1, strict=True) if len(word) == 1 and p > 3e-7}
    own = set(own_words)
    characters = {character for word in [*common, *own] for character in word}
    return sorted(set(common) | own | characters | frequent | set(gb2312_level_1()) | {"幺"} | set(LETTERS))


class Segmenter:
    """Cuts text into vocabulary words so that the product of their unigrams is greatest."""

    def __init__(self, vocabulary: list[str], p1: np.ndarray, own_words: Iterable[str]) -> None:
        self._numbers = {word: number for number, word in enumerate(vocabulary)}
        logs = np.log(np.maximum(p1, 1e-8))
        for word in own_words:
            number = self._numbers.get(word)
            if number is not None and len(word) > 1:
                logs[number] = max(logs[number], math.log(_PLACE_CHANCE))
        self._logs = logs.tolist()
        self.cut = lru_cache(maxsize=200_000)(self._cut)

    def _cut(self, text: str) -> tuple[int, ...] | None:
        """Word numbers, or None when a character is not in the vocabulary."""
        length = len(text)
        best = [0.0] + [-1e9] * length
        came_from: list[tuple[int, int | None]] = [(0, None)] * (length + 1)
        for start in range(length):
            for end in range(start + 1, min(start + LONGEST_WORD + 2, length) + 1):
                number = self._numbers.get(text[start:end])
                if number is None:
                    if end > start + 1:
                        continue
                    score = best[start] + _UNKNOWN_CHARACTER
                else:
                    score = best[start] + self._logs[number]
                if score > best[end]:
                    best[end], came_from[end] = score, (start, number)
        words: list[int] = []
        while length:
            length, number = came_from[length]
            if number is None:
                return None
            words.append(number)
        return tuple(reversed(words))

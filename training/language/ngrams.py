"""Back-off trigrams over numbered words, their n-grams packed into sorted arrays of keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.language.general_trigram import SHIFT

MASK = (1 << SHIFT) - 1
_LEAST_MASS = 1e-3
"""Probability always left for the lower order, so that a back-off weight stays finite."""


def find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The position of each wanted key in sorted `keys`, or -1."""
    if len(keys) == 0:
        return np.full(len(wanted), -1)
    place = np.searchsorted(keys, wanted)
    place[place >= len(keys)] = 0
    return np.where(keys[place] == wanted, place, -1)


class BackOffTrigram:
    """p(w), p(w|v), p(w|u,v): stored where they are worth it, else the lower order times a back-off weight.

    The last two words of the vocabulary are the sentence start and end.
    """

    def __init__(self, p1: np.ndarray, keys2: np.ndarray, p2: np.ndarray, keys3: np.ndarray, p3: np.ndarray) -> None:
        self.p1, self.keys2, self.p2, self.keys3, self.p3 = p1, keys2, p2, keys3, p3
        self.size = len(p1)
        self.start, self.end = self.size - 2, self.size - 1
        self._weigh_pairs()
        self._weigh_triples()

    def _weigh_pairs(self) -> None:
        history = self.keys2 >> SHIFT
        self.left1 = np.maximum(1 - np.bincount(history, self.p2, self.size), _LEAST_MASS)
        self.lower1 = np.maximum(1 - np.bincount(history, self.p1[self.keys2 & MASK], self.size), _LEAST_MASS)
        self.back_off1 = self.left1 / self.lower1

    def _weigh_triples(self) -> None:
        self.histories, self.history_of = np.unique(self.keys3 >> SHIFT, return_inverse=True)
        count = len(self.histories)
        self.lower3 = self.pair(self.keys3 >> SHIFT & MASK, self.keys3 & MASK)
        self.left2 = np.maximum(1 - np.bincount(self.history_of, self.p3, count), _LEAST_MASS)
        self.lower2 = np.maximum(1 - np.bincount(self.history_of, self.lower3, count), _LEAST_MASS)
        self.back_off2 = self.left2 / self.lower2

    def pair(self, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        """p(w|v)."""
        lower = self.back_off1[v] * self.p1[w]
        if len(self.keys2) == 0:
            return lower
        place = find(self.keys2, v << SHIFT | w)
        return np.where(place >= 0, self.p2[place], lower)

    def triple(self, u: np.ndarray, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        """p(w|u,v)."""
        history = u << SHIFT | v
        lower = self.pair(v, w)
        if len(self.keys3) == 0:
            return lower
        place, known = find(self.keys3, history << SHIFT | w), find(self.histories, history)
        return np.where(place >= 0, self.p3[place], np.where(known >= 0, self.back_off2[known], 1.0) * lower)

    def save(self, path: Path, vocabulary: list[str]) -> None:
        """Write the model with its vocabulary (without the sentence marks)."""
        np.savez(
            path,
            vocabulary=np.array(vocabulary),
            **{name: getattr(self, name) for name in ("p1", "keys2", "p2", "keys3", "p3")},
        )

    @classmethod
    def load(cls, path: Path) -> tuple[BackOffTrigram, list[str]]:
        """Read what `save` wrote."""
        arrays = np.load(path)
        model = cls(*(arrays[name] for name in ("p1", "keys2", "p2", "keys3", "p3")))
        return model, arrays["vocabulary"].tolist()

"""The hotline's own trigram: counts of its sentences, smoothed by interpolated absolute discounting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from training.language.general_trigram import SHIFT
from training.language.ngrams import find
from training.language.vocabulary import Segmenter

_DISCOUNT2, _DISCOUNT3 = 0.75, 0.85
_ALWAYS_LOWER = 0.02
"""Mass every history gives to the lower order even when its counts are large: callers say new things."""


class SentenceCounts:
    """Counts of words, pairs and triples over sentences with marks at both ends."""

    def __init__(self, size: int, segmenter: Segmenter) -> None:
        self.size = size
        self._segmenter = segmenter
        self._counts: tuple[Counter[int], Counter[int], Counter[int]] = (Counter(), Counter(), Counter())

    def add(self, sentences: Iterable[str], weight: float) -> None:
        """Count sentences; those with a character outside the vocabulary are left out."""
        ones, twos, threes = self._counts
        for sentence in sentences:
            words = self._segmenter.cut(sentence)
            if words is None or not words:
                continue
            u, v = -1, self.size - 2
            for w in (*words, self.size - 1):
                ones[w] += weight
                twos[v << SHIFT | w] += weight
                if u >= 0:
                    threes[(u << SHIFT | v) << SHIFT | w] += weight
                u, v = v, w

    def unigrams(self) -> np.ndarray:
        """Counts by word number."""
        counts = np.zeros(self.size)
        for word, count in self._counts[0].items():
            counts[word] = count
        return counts

    def sorted_counts(self, order: int) -> tuple[np.ndarray, np.ndarray]:
        """Sorted keys of one order and their counts."""
        counted = self._counts[order - 1]
        keys = np.array(sorted(counted), np.int64)
        return keys, np.array([counted[key] for key in keys.tolist()], float)


class DomainTrigram:
    """p(w|v) and p(w|u,v) of the counts, over a given unigram distribution."""

    def __init__(self, counts: SentenceCounts, p1: np.ndarray) -> None:
        self.p1 = p1
        self.keys2, self.counts2 = counts.sorted_counts(2)
        self.keys3, self.counts3 = counts.sorted_counts(3)
        histories = self.keys2 >> SHIFT
        self._seen1 = np.bincount(histories, self.counts2, len(p1))
        self._taken1 = np.bincount(histories, np.minimum(self.counts2, _DISCOUNT2), len(p1))
        self._histories2, inverse = np.unique(self.keys3 >> SHIFT, return_inverse=True)
        self._seen2 = np.bincount(inverse, self.counts3)
        self._taken2 = np.bincount(inverse, np.minimum(self.counts3, _DISCOUNT3))

    def pair(self, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        """p(w|v)."""
        place = find(self.keys2, v << SHIFT | w)
        count = np.where(place >= 0, self.counts2[place], 0.0)
        return _interpolated(count, _DISCOUNT2, self._seen1[v], self._taken1[v], self.p1[w])

    def triple(self, u: np.ndarray, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        """p(w|u,v)."""
        history = u << SHIFT | v
        known, place = find(self._histories2, history), find(self.keys3, history << SHIFT | w)
        count = np.where(place >= 0, self.counts3[place], 0.0)
        seen = np.where(known >= 0, self._seen2[known], 0.0)
        taken = np.where(known >= 0, self._taken2[known], 0.0)
        return _interpolated(count, _DISCOUNT3, seen, taken, self.pair(v, w))


def _interpolated(
    count: np.ndarray, discount: float, seen: np.ndarray, taken: np.ndarray, lower: np.ndarray
) -> np.ndarray:
    total = np.maximum(seen, 1e-9)
    own = (1 - _ALWAYS_LOWER) * np.maximum(count - discount, 0) / total
    share = _ALWAYS_LOWER + (1 - _ALWAYS_LOWER) * taken / total
    return np.where(seen > 0, own + share * lower, lower)

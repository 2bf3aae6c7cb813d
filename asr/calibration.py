"""Confidence that means something: of words given 0.8, about 80 % are right.

A recogniser's own confidence is a posterior under its own model and too sure of itself. `points` in the model's card
(`[calibration]`) map it to the share of characters that were right on recordings of people (bench/asr_calibration.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """A rising, piecewise linear map from stated to true confidence."""

    points: tuple[Point, ...] = ((0.0, 0.0), (1.0, 1.0))

    @classmethod
    def of(cls, points: Sequence[Sequence[float]]) -> Calibration:
        """From a card; an empty table changes nothing."""
        pairs = sorted((float(stated), float(true)) for stated, true in points)
        return cls(tuple(pairs)) if pairs else cls()

    def __call__(self, stated: float) -> float:
        """The probability that a word with this stated confidence is right."""
        after = bisect_right(self.points, (stated, 2.0))
        if after == 0:
            return self.points[0][1]
        if after == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[after - 1], self.points[after]
        return round(y0 + (y1 - y0) * (stated - x0) / (x1 - x0), 3)


def fit(observed: Iterable[tuple[float, bool]], points: int = 12) -> Calibration:
    """Fit by isotonic regression (pool adjacent violators) on about `points` groups of equal size."""
    pooled: list[Group] = []
    for fresh in _groups(sorted(observed), points):
        group = fresh
        while pooled and pooled[-1].true >= group.true:
            group = group.with_(pooled.pop())
        pooled.append(group)
    return Calibration.of([(round(group.stated, 3), round(group.true, 3)) for group in pooled])


@dataclass(frozen=True)
class Group:
    """Words of like confidence: their mean, the share that was right, how many."""

    stated: float
    true: float
    count: int

    def with_(self, other: Group) -> Group:
        """Both as one."""
        count = self.count + other.count
        stated = (self.stated * self.count + other.stated * other.count) / count
        return Group(stated, (self.true * self.count + other.true * other.count) / count, count)


def _groups(pairs: Sequence[tuple[float, bool]], points: int) -> Iterator[Group]:
    """Words of one confidence stay together: many are given exactly 1."""
    size = max(1, len(pairs) // points)
    start = 0
    while start < len(pairs):
        end = min(start + size, len(pairs))
        while end < len(pairs) and pairs[end][0] == pairs[end - 1][0]:
            end += 1
        group = pairs[start:end]
        yield Group(_mean(stated for stated, _ in group), _mean(float(right) for _, right in group), len(group))
        start = end


def expected_error(observed: Iterable[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: the mean distance of confidence and truth over equal bins, weighted by their size."""
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, right in observed:
        groups[min(bins - 1, int(confidence * bins))].append((confidence, right))
    count = sum(map(len, groups))
    distances = (
        abs(_mean(c for c, _ in group) - _mean(float(r) for _, r in group)) * len(group) for group in groups if group
    )
    return sum(distances) / count if count else 0.0


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)

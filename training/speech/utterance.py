"""Speech with the times of its phones, and the labels a network is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.phones import PhoneSet
from training.speech.features import STRIDE

_HALF_WINDOW_MS = 12.5
_LABEL_MS = 30.0

Timed = tuple[str | None, float]
"""A phone (None is silence) and the millisecond it begins."""


@dataclass(frozen=True)
class Utterance:
    """Samples at a rate, 16-bit scale, and the phones said in them; the last entry is usually silence."""

    samples: np.ndarray
    rate: int
    phones: tuple[Timed, ...]

    def stretched(self, samples: np.ndarray, rate: int, factor: float) -> Utterance:
        """The same phones over changed samples, each time multiplied."""
        return Utterance(samples, rate, tuple((phone, time * factor) for phone, time in self.phones))

    def padded(self, before: int, after: int) -> Utterance:
        """Silence added at both ends, in samples."""
        shift = 1000 * before / self.rate
        phones = ((None, 0.0), *((phone, time + shift) for phone, time in self.phones))
        return Utterance(np.pad(self.samples, (before, after)), self.rate, phones)


def labels(phones: tuple[Timed, ...], frames: int, phone_set: PhoneSet) -> np.ndarray:
    """A pdf for every third frame: 2p where phone p begins, 2p + 1 while it lasts; every phone gets a frame."""
    count = (frames + STRIDE - 1) // STRIDE
    merged: list[tuple[int, int]] = []
    for phone, time in phones:
        number = 0 if phone is None else phone_set.index[phone]
        if number == 0 and merged and merged[-1][0] == 0:
            continue
        begins = max(0, int(np.ceil((time - _HALF_WINDOW_MS) / _LABEL_MS)))
        merged.append((number, max(begins, merged[-1][1] + 1) if merged else 0))
    found = np.ones(count, np.int16)
    for (number, begins), (_, ends) in zip(merged, [*merged[1:], (0, count)], strict=True):
        if begins < count:
            found[begins:ends] = 2 * number + 1
            found[begins] = 2 * number
    return found

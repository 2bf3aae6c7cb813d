"""Forced alignment: when each phone of a known text begins, by Viterbi over the network's scores.

Every phone has a first-frame state and a state for the rest; silence may stand before, after and between syllables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from training.network.tdnn import Tdnn
from training.phones import PhoneSet
from training.speech.features import STRIDE
from training.speech.utterance import Timed

_PRIOR_SCALE = 0.6
_SILENCE_COST = 4.0
"""Against silence between syllables where there is none: people's stops look like it."""
_NEVER = -1e9
_LABEL_MS = 30.0


@dataclass(frozen=True)
class Alignment:
    """Phones with times, and the mean score of their frames: low where text and sound do not fit."""

    phones: tuple[Timed, ...]
    score: float


class Aligner:
    """Aligns mean-normalised frames with syllables."""

    def __init__(self, network: Tdnn, priors: np.ndarray, phones: PhoneSet) -> None:
        self._network = network.eval()
        self._priors = _PRIOR_SCALE * np.log(np.maximum(priors, 1e-5))
        self._phones = phones

    def align(self, frames: np.ndarray, syllables: list[tuple[str, ...]]) -> Alignment | None:
        """None when the speech is too short for its text."""
        scores = self._scores(frames)
        units, optional = self._units(syllables)
        path = _best_path(scores, units, optional)
        if path is None:
            return None
        timed: list[Timed] = []
        spoken = []
        for time, state in enumerate(path):
            unit = state // 2
            if time == 0 or unit != path[time - 1] // 2:
                phone = None if units[unit] == 0 else self._phones.names[units[unit] - 1]
                timed.append((phone, max(0.0, time * _LABEL_MS - 1.0)))
            if units[unit]:
                spoken.append(scores[time, 2 * units[unit] + state % 2])
        return Alignment(tuple(timed), float(np.mean(spoken)))

    def _scores(self, frames: np.ndarray) -> np.ndarray:
        shape = self._network.shape
        count = (len(frames) + STRIDE - 1) // STRIDE
        wanted = np.clip(np.arange(-shape.left, STRIDE * (count - 1) + 1 + shape.right), 0, len(frames) - 1)
        with torch.no_grad():
            scores = self._network(torch.from_numpy(frames[wanted])[:, None])[:, 0]
        return torch.log_softmax(scores, -1).numpy() - self._priors

    def _units(self, syllables: list[tuple[str, ...]]) -> tuple[list[int], list[bool]]:
        units, optional = [0], [True]
        for syllable in syllables:
            units += [*(self._phones.index[phone] for phone in syllable), 0]
            optional += [*(False for _ in syllable), True]
        return units, optional


def _best_path(scores: np.ndarray, units: list[int], optional: list[bool]) -> list[int] | None:
    """The state of every frame; state 2u is unit u's first frame and 2u + 1 the rest."""
    states = 2 * len(units)
    pdfs = np.array([2 * unit + rest for unit in units for rest in (0, 1)])
    emitted = scores[:, pdfs]
    between = np.array([flag and 0 < number < len(units) - 1 for number, flag in enumerate(optional)])
    emitted[:, 0::2] -= _SILENCE_COST * between
    allowed = _moves(optional, states)
    best = np.full(states, _NEVER)
    best[: 3 if optional[0] else 1] = emitted[0, : 3 if optional[0] else 1]
    best[1] = _NEVER
    back = np.zeros((len(scores), states), np.int8)
    for time in range(1, len(scores)):
        padded = np.concatenate([np.full(4, _NEVER), best])
        choices = np.stack([padded[4 - step : 4 - step + states] for step in range(5)]) + allowed
        back[time] = choices.argmax(axis=0)
        best = choices.max(axis=0) + emitted[time]
    ends = [states - 1, states - 2, states - 3, states - 4] if optional[-1] else [states - 1, states - 2]
    state = max(ends, key=lambda end: best[end])
    if best[state] < _NEVER / 2:
        return None
    path = [state]
    for time in range(len(scores) - 1, 0, -1):
        state -= int(back[time, state])
        path.append(state)
    return path[::-1]


def _moves(optional: list[bool], states: int) -> np.ndarray:
    """0 where a state may be reached from so many states before it, else never."""
    allowed = np.full((5, states), _NEVER)
    for unit in range(len(optional)):
        first, rest = 2 * unit, 2 * unit + 1
        allowed[0, rest] = allowed[1, rest] = 0
        if unit:
            allowed[1, first] = allowed[2, first] = 0
            if optional[unit - 1] and unit > 1:
                allowed[3, first] = allowed[4, first] = 0
    return allowed

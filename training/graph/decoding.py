"""From lexicon and grammar to the decoding graph: composed, determinised, minimised, and given phone states.

A phone has one emitting state with two pdfs: its first frame (transition-id 2p) and the frames that follow (the
self-loop, 2p - 1). That keeps 二二 and 一一 apart at 30 ms frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import kaldifst

from training.graph.fst_file import Arc, Transducer, read_vector

_INFINITY = float("inf")
_LONGEST_CHAIN = 50


def compose(lexicon: kaldifst.StdVectorFst, grammar: kaldifst.StdVectorFst) -> Transducer:
    """L o G, determinised in the log semiring and minimised."""
    kaldifst.arcsort(lexicon, "olabel")
    kaldifst.arcsort(grammar, "ilabel")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "LG.fst"
        kaldifst.compose(lexicon, grammar).write(str(path))
        composed = kaldifst.StdVectorFst.read(str(path))
        kaldifst.determinize_star(composed, use_log=True)
        kaldifst.minimize_encoded(composed)
        composed.write(str(path))
        return read_vector(path)


def decoding_graph(composed: Transducer, phone_count: int, stay: Sequence[float]) -> Transducer:
    """HCLG: `stay[p]` is the chance that phone p (silence is 1) lasts another frame."""
    _drop_auxiliary_labels(composed, phone_count)
    _skip_empty_states(composed)
    return _PhoneStates(composed, stay).expanded()


def stay_by_position(stay: Sequence[float]) -> list[float]:
    """Self-loop chances of silence and every phone, spread over the four positions; index 0 is unused."""
    return [0.5, stay[0], *(chance for chance in stay[1:] for _ in range(4))]


def _drop_auxiliary_labels(fst: Transducer, phone_count: int) -> None:
    for arcs in fst.arcs:
        arcs[:] = [(0 if i > phone_count else i, o, cost, target) for i, o, cost, target in arcs]


def _skip_empty_states(fst: Transducer) -> None:
    """Arcs pass over states that only one silent arc leaves."""
    empty = {
        state: (arcs[0][2], arcs[0][3])
        for state, arcs in enumerate(fst.arcs)
        if fst.final[state] == _INFINITY and len(arcs) == 1 and arcs[0][0] == 0 and arcs[0][1] == 0
    }
    for arcs in fst.arcs:
        for place, (i, o, cost, target) in enumerate(arcs):
            steps, total, end = 0, cost, target
            while end in empty and steps < _LONGEST_CHAIN:
                total, end, steps = total + empty[end][0], empty[end][1], steps + 1
            arcs[place] = (i, o, total, end)


class _PhoneStates:
    """Every state that one phone alone enters carries that phone's self-loop; others get a state per entering phone."""

    def __init__(self, fst: Transducer, stay: Sequence[float]) -> None:
        self._fst = fst
        self._again = [0.0] + [-math.log(chance) for chance in stay[1:]]
        self._onward = [0.0] + [-math.log(1 - chance) for chance in stay[1:]]
        self._reached = self._reachable()
        self._entered: list[set[int]] = [set() for _ in fst.arcs]
        for state in self._reached:
            for phone, _, _, target in fst.arcs[state]:
                self._entered[target].add(phone)
        self._numbers: dict[tuple[int, int], int] = {}
        self._order: list[tuple[int, int]] = []

    def _reachable(self) -> list[int]:
        seen, stack = {self._fst.start}, [self._fst.start]
        while stack:
            for *_, target in self._fst.arcs[stack.pop()]:
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return sorted(seen)

    def _number(self, state: int, phone: int) -> int:
        key = (state, phone)
        if key not in self._numbers:
            self._numbers[key] = len(self._order)
            self._order.append(key)
        return self._numbers[key]

    def _own_phone(self, state: int) -> int:
        """The one phone that enters the state, or 0."""
        entered = self._entered[state]
        return next(iter(entered)) if len(entered) == 1 and state != self._fst.start else 0

    def _target(self, state: int, phone: int) -> int:
        return self._number(state, 0 if phone == 0 or self._own_phone(state) == phone else phone)

    def expanded(self) -> Transducer:
        self._number(self._fst.start, 0)
        for state in self._reached:
            self._number(state, 0)
        arcs: list[list[Arc]] = []
        final: list[float] = []
        while len(arcs) < len(self._order):
            here = len(arcs)
            state, phone = self._order[here]
            if phone:
                leaving = [(2 * phone - 1, 0, self._again[phone], here), (0, 0, 0.0, self._number(state, 0))]
                final.append(_INFINITY)
            else:
                leaving = self._leaving(state, here)
                final.append(self._fst.final[state])
            arcs.append(sorted(leaving))
        return Transducer(self._numbers[self._fst.start, 0], arcs, final)

    def _leaving(self, state: int, here: int) -> list[Arc]:
        own = self._own_phone(state)
        leaving: list[Arc] = [(2 * own - 1, 0, self._again[own], here)] if own else []
        for phone, word, cost, target in self._fst.arcs[state]:
            leaving.append((2 * phone, word, cost + self._onward[phone], self._target(target, phone)))
        return leaving

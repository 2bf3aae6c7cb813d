"""The word trigram as an acceptor, with two loops of its own: given names after surnames, and strings of digits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import kaldifst
import numpy as np

from training.graph.symbols import Symbols
from training.language.general_trigram import SHIFT
from training.language.ngrams import MASK, BackOffTrigram

_Arc = kaldifst.StdArc


@dataclass(frozen=True)
class Loops:
    """Chances of the loops: a name after a surname, a second given character, a digit string, one digit more."""

    surnames: tuple[str, ...]
    given: tuple[str, ...]
    name: float = 0.3
    second_given: float = 0.65
    digits: str = "零一二三四五六七八九幺"
    digit_string: float = 0.02
    digit_string_first: float = 0.1
    another_digit: float = 0.95
    digit_share: float = 0.2
    """What a digit costs, of the fair price log 11. Below 1 because digits were lost far oftener than invented: of 239
    errors in 1,664 digits 98 were deletions and 5 insertions at 1; 14.4 % errors became 9.9 % at 0.1. Strings have at
    least three digits: shorter numbers are left to the trigram, which knows 三天 and 八点."""


def grammar(model: BackOffTrigram, symbols: Symbols, loops: Loops) -> kaldifst.StdVectorFst:
    """Word number w has label w + 1; a back-off arc costs its weight."""
    fst = kaldifst.StdVectorFst()
    states = _States(fst, model)
    _add_words(fst, model, states, symbols)
    numbers = {word: number for number, word in enumerate(symbols.vocabulary)}
    _add_names(fst, states, symbols, loops, numbers)
    _add_digits(fst, states, symbols, loops, numbers)
    kaldifst.connect(fst)
    return fst


class _States:
    """The states of the empty history, of one word, and of two words, where such histories have n-grams."""

    def __init__(self, fst: kaldifst.StdVectorFst, model: BackOffTrigram) -> None:
        self.empty = fst.add_state()
        self.one = [-1] * model.size
        for word in np.unique(model.keys2 >> SHIFT).tolist():
            self.one[word] = fst.add_state()
        self.two = {history: fst.add_state() for history in model.histories.tolist()}
        self.start = self.one[model.start] if self.one[model.start] >= 0 else self.empty
        fst.start = self.start

    def after(self, word: int, history: int | None = None) -> int:
        """Where a word leads: the longest history that has n-grams."""
        if history is not None and history in self.two:
            return self.two[history]
        return self.one[word] if self.one[word] >= 0 else self.empty


def _add_words(fst: kaldifst.StdVectorFst, model: BackOffTrigram, states: _States, symbols: Symbols) -> None:
    cost1 = -np.log(np.maximum(model.p1, 1e-12))
    for word in range(model.size - 2):
        fst.add_arc(states.empty, _Arc(word + 1, word + 1, float(cost1[word]), states.after(word)))
    fst.set_final(states.empty, float(cost1[model.end]))
    for key, cost in zip(model.keys2.tolist(), (-np.log(model.p2)).tolist(), strict=True):
        _add_word(fst, model, states, states.one[key >> SHIFT], key, cost)
    for word, cost in enumerate((-np.log(model.back_off1)).tolist()):
        if states.one[word] >= 0:
            fst.add_arc(states.one[word], _Arc(symbols.back_off, 0, cost, states.empty))
    pair_mask = (1 << 2 * SHIFT) - 1
    for key, cost in zip(model.keys3.tolist(), (-np.log(model.p3)).tolist(), strict=True):
        _add_word(fst, model, states, states.two[key >> SHIFT], key & pair_mask, cost)
    for history, cost in zip(model.histories.tolist(), (-np.log(model.back_off2)).tolist(), strict=True):
        fst.add_arc(states.two[history], _Arc(symbols.back_off, 0, cost, states.after(history & MASK)))


def _add_word(
    fst: kaldifst.StdVectorFst, model: BackOffTrigram, states: _States, source: int, history: int, cost: float
) -> None:
    word = history & MASK
    if word == model.end:
        fst.set_final(source, cost)
    elif word != model.start:
        fst.add_arc(source, _Arc(word + 1, word + 1, cost, states.after(word, history)))


def _add_names(
    fst: kaldifst.StdVectorFst, states: _States, symbols: Symbols, loops: Loops, numbers: dict[str, int]
) -> None:
    """Surname, then one or two given-name characters. Two arcs of one label would make determinisation run away, so
    names are entered by a label of their own."""
    given = [numbers[character] for character in loops.given if character in numbers]
    first, second = fst.add_state(), fst.add_state()
    each = math.log(len(given))
    for surname in loops.surnames:
        number = numbers.get(surname, -1)
        if number >= 0 and states.one[number] >= 0:
            fst.add_arc(states.one[number], _Arc(symbols.names, 0, -math.log(loops.name), first))
    fst.add_arc(second, _Arc(symbols.back_off, 0, -math.log(1 - loops.second_given), states.empty))
    for word in given:
        fst.add_arc(first, _Arc(word + 1, word + 1, each, second))
        fst.add_arc(second, _Arc(word + 1, word + 1, each - math.log(loops.second_given), states.empty))


def _add_digits(
    fst: kaldifst.StdVectorFst, states: _States, symbols: Symbols, loops: Loops, numbers: dict[str, int]
) -> None:
    """Three or more digits, each as likely as any other: a number may be any number."""
    if loops.digit_string <= 0:
        return
    words = [numbers[digit] for digit in loops.digits]
    each = loops.digit_share * math.log(len(words))
    chain = [fst.add_state() for _ in range(4)]
    fst.add_arc(states.empty, _Arc(symbols.digits, 0, -math.log(loops.digit_string), chain[0]))
    if states.start != states.empty:
        fst.add_arc(states.start, _Arc(symbols.digits, 0, -math.log(loops.digit_string_first), chain[0]))
    for source, target in pairwise(chain):
        for word in words:
            fst.add_arc(source, _Arc(word + 1, word + 1, each, target))
    for word in words:
        fst.add_arc(chain[3], _Arc(word + 1, word + 1, each - math.log(loops.another_digit), chain[3]))
    leave = (1 - loops.another_digit) / 2
    fst.add_arc(chain[3], _Arc(symbols.back_off, 0, -math.log(leave), states.empty))
    fst.set_final(chain[3], -math.log(leave))

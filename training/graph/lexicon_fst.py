"""The lexicon as a transducer from positioned phones to words, silence optional after every word."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import kaldifst

from training.graph.symbols import SILENCE, Symbols
from training.language.lexicon import Reading

_Arc = kaldifst.StdArc
_SILENCE_AFTER_WORD = 0.25
_SILENCE_FIRST = 0.5

Entry = tuple[int, tuple[int, ...], float]
"""A word's label, its phones, and the cost of this reading."""


def entries(lexicon: Mapping[str, Mapping[Reading, float]], symbols: Symbols) -> list[Entry]:
    """Every reading that the phone set can spell, in the order of the vocabulary."""
    found: dict[tuple[int, tuple[int, ...]], float] = {}
    for number, word in enumerate(symbols.vocabulary):
        for reading, weight in lexicon[word].items():
            spelled = symbols.phones.spell(reading)
            if spelled:
                key = (number + 1, symbols.positioned(spelled))
                found[key] = max(found.get(key, 0.0), weight)
    return [(word, phones, -math.log(weight)) for (word, phones), weight in found.items()]


def lexicon_fst(found: list[Entry], symbols: Symbols) -> kaldifst.StdVectorFst:
    """Homophones, and words that begin other words, end in a label that tells them apart."""
    spelled = Counter(phones for _, phones, _ in found)
    beginnings = {phones[:length] for _, phones, _ in found for length in range(1, len(phones))}
    told_apart: Counter[tuple[int, ...]] = Counter()
    fst = kaldifst.StdVectorFst()
    start, loop, silent = (fst.add_state() for _ in range(3))
    fst.start = start
    fst.set_final(loop, 0.0)
    fst.add_arc(start, _Arc(0, 0, -math.log(1 - _SILENCE_FIRST), loop))
    fst.add_arc(start, _Arc(SILENCE, 0, -math.log(_SILENCE_FIRST), loop))
    fst.add_arc(silent, _Arc(SILENCE, 0, 0.0, loop))
    for word, phones, cost in found:
        labels = list(phones)
        if spelled[phones] > 1 or phones in beginnings:
            told_apart[phones] += 1
            labels.append(symbols.disambiguation(2 + told_apart[phones]))
        _add_entry(fst, labels, word, cost, (loop, silent))
    for number, label in enumerate((symbols.back_off, symbols.names, symbols.digits)):
        fst.add_arc(loop, _Arc(symbols.disambiguation(number), label, 0.0, loop))
    return fst


def _add_entry(fst: kaldifst.StdVectorFst, labels: list[int], word: int, cost: float, ends: tuple[int, int]) -> None:
    loop, silent = ends
    state = loop
    for place, label in enumerate(labels):
        output, here = (word, cost) if place == 0 else (0, 0.0)
        if place == len(labels) - 1:
            fst.add_arc(state, _Arc(label, output, here - math.log(1 - _SILENCE_AFTER_WORD), loop))
            fst.add_arc(state, _Arc(label, output, here - math.log(_SILENCE_AFTER_WORD), silent))
        else:
            following = fst.add_state()
            fst.add_arc(state, _Arc(label, output, here, following))
            state = following

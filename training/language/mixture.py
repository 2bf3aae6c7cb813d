"""The general trigram and the hotline's mixed into one, on the union of their n-grams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.language.domain import DomainTrigram, SentenceCounts
from training.language.general_trigram import SHIFT, GeneralTrigram
from training.language.ngrams import MASK, BackOffTrigram

_SENTENCE_END = 0.03
"""Share of sentence ends among the general model's words: it has none of its own."""
_START_SHARE = 0.3
"""The general model knows nothing of sentence starts either, so it says less there."""
_LEAST = 1e-9


@dataclass(frozen=True)
class Shares:
    """How much of the mixture is general, and how the hotline's unigrams are softened."""

    general: float = 0.6
    unigram: float = 0.5
    free_word: float = 0.01
    """Counts of digits, surnames and given-name characters are scaled by this: or 九 is heard for 就, 八 for 把."""


def restricted(general: GeneralTrigram, numbers: dict[str, int], size: int) -> BackOffTrigram:
    """The general model over our vocabulary, its unigrams summing to one with a sentence end."""
    ours = np.array([numbers.get(word, -1) for word in general.words], np.int64)
    p1 = np.full(size, _LEAST)
    p1[ours[ours >= 0]] = general.p1[ours >= 0]
    p1[-2:] = 0
    p1 *= (1 - _SENTENCE_END) / p1.sum()
    p1[-1] = _SENTENCE_END
    v, w = ours[general.keys2 >> SHIFT], ours[general.keys2 & MASK]
    keys2, p2 = _sorted_pairs(v << SHIFT | w, general.p2, (v >= 0) & (w >= 0))
    u, v, w = (ours[general.keys3 >> shift & MASK] for shift in (2 * SHIFT, SHIFT, 0))
    keys3, p3 = _sorted_pairs((u << SHIFT | v) << SHIFT | w, general.p3, (u >= 0) & (v >= 0) & (w >= 0))
    return BackOffTrigram(p1, keys2, p2, keys3, p3)


def _sorted_pairs(keys: np.ndarray, p: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    keys, p = keys[kept], p[kept]
    order = np.argsort(keys)
    return keys[order], p[order]


def domain_trigram(
    counts: SentenceCounts, general: BackOffTrigram, free_words: list[int], shares: Shares
) -> DomainTrigram:
    """The hotline's trigram over unigrams that are half its own and half the general model's."""
    own = counts.unigrams()
    own[free_words] *= shares.free_word
    p1 = (1 - shares.unigram) * own / own.sum() + shares.unigram * general.p1
    p1[general.start] = 0
    return DomainTrigram(counts, p1 / p1.sum())


def mixed(general: BackOffTrigram, domain: DomainTrigram, shares: Shares) -> BackOffTrigram:
    """Linear mixture; hotline triples seen once are left to the pairs."""
    keys3 = np.unique(np.concatenate([general.keys3, domain.keys3[domain.counts3 >= 2]]))
    pairs = [general.keys2, domain.keys2, keys3 >> SHIFT, keys3 & ((1 << 2 * SHIFT) - 1)]
    keys2 = np.unique(np.concatenate(pairs))
    v, w = keys2 >> SHIFT, keys2 & MASK
    share = np.where(v == general.start, min(shares.general, _START_SHARE), shares.general)
    p2 = share * general.pair(v, w) + (1 - share) * domain.pair(v, w)
    u, v, w = keys3 >> 2 * SHIFT, keys3 >> SHIFT & MASK, keys3 & MASK
    p3 = shares.general * general.triple(u, v, w) + (1 - shares.general) * domain.triple(u, v, w)
    p1 = shares.general * general.p1 + (1 - shares.general) * domain.p1
    return BackOffTrigram(p1, keys2, p2, keys3, p3)

"""Entropy pruning of a back-off trigram (Stolcke 1998), with the model's own stationary word frequencies.

Kneser-Ney unigrams are no marginals, so the frequency of a history is found by iterating the model itself.
"""

from __future__ import annotations

import math

import numpy as np

from training.language.general_trigram import SHIFT
from training.language.ngrams import MASK, BackOffTrigram

_ITERATIONS = 4
_BISECTIONS = 24
_MOST_KEPT, _NONE_KEPT = -30.0, 5.0
"""Logarithms of thresholds between which every model's lies."""


def stationary(model: BackOffTrigram) -> np.ndarray:
    """How often each word stands as a history, by the pairs; the sentence start is as frequent as the end."""
    frequency = model.p1.copy()
    frequency[model.start] = model.p1[model.end]
    v, w = model.keys2 >> SHIFT, model.keys2 & MASK
    for _ in range(_ITERATIONS):
        gain = np.bincount(w, frequency[v] * (model.p2 - model.back_off1[v] * model.p1[w]), model.size)
        following = gain + (frequency * model.back_off1).sum() * model.p1
        following[model.start] = following[model.end]
        frequency = np.maximum(following, 1e-12)
        frequency /= frequency.sum()
    return frequency


def _loss(history: np.ndarray, left: np.ndarray, lower: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Relative entropy that removing each n-gram costs; q is what its history's back-off would give it."""
    before = left / lower
    after = (left + p) / np.maximum(lower + q, 1e-9)
    change = np.log(after) + np.log(q) - np.log(p)
    return -history * (p * change + left * (np.log(after) - np.log(before)))


def pruned(model: BackOffTrigram, size: int) -> BackOffTrigram:
    """The model with about `size` n-grams of all orders, pairs and triples judged by one threshold."""
    frequency = stationary(model)
    u, v = model.histories >> SHIFT, model.histories & MASK
    history2 = (frequency[u] * model.pair(u, v))[model.history_of]
    of = model.history_of
    loss3 = _loss(history2, model.left2[of], model.lower2[of], model.p3, model.lower3)
    v = model.keys2 >> SHIFT
    loss2 = _loss(frequency[v], model.left1[v], model.lower1[v], model.p2, model.p1[model.keys2 & MASK])
    low, high = _MOST_KEPT, _NONE_KEPT
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        keep2, keep3 = _kept(model, loss2, loss3, math.exp(middle))
        if keep3.sum() + keep2.sum() + model.size > size:
            low = middle
        else:
            high = middle
    keep2, keep3 = _kept(model, loss2, loss3, math.exp(high))
    return BackOffTrigram(model.p1, model.keys2[keep2], model.p2[keep2], model.keys3[keep3], model.p3[keep3])


def _kept(
    model: BackOffTrigram, loss2: np.ndarray, loss3: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs and triples worth more than the threshold, and the pairs that kept triples stand on."""
    keep3 = loss3 > threshold
    return (loss2 > threshold) | np.isin(model.keys2, np.unique(model.keys3[keep3] >> SHIFT)), keep3

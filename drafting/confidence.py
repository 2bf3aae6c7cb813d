"""From a score to a confidence: the share of such scores that were right on calls nobody had tuned for."""

from __future__ import annotations

import math

NEAR = 1e-6
"As near to 0 or 1 as a score counts."


def calibrated(score: float, slope: float, shift: float) -> float:
    """Return Platt's logistic of the score's log-odds."""
    kept = min(1 - NEAR, max(NEAR, score))
    return 1 / (1 + math.exp(-(slope * math.log(kept / (1 - kept)) + shift)))


def shared_out(confidence: float, probabilities: list[float]) -> list[float]:
    """Return the first probability as the confidence, and the others sharing in the rest as they did."""
    rest = 1 - probabilities[0]
    return [confidence, *(one / rest * (1 - confidence) if rest > NEAR else 0.0 for one in probabilities[1:])]

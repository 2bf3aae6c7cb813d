"""How the line sounds, by the E-model: ITU-T G.107 with the defaults of G.113 for G.711 and G.722."""

from __future__ import annotations

from typing import Final

BEST_RATING: Final = 93.2
"G.107 table 3, all parameters at their defaults."
LOSS_ROBUSTNESS: Final = 25.1
"Bpl of G.711 with concealment, G.113 table I.2."
ONE_WAY_DELAY_MS: Final = 40.0
"Packet time and jitter buffer; the network's own delay is known only when the peer sends RTCP."


def mean_opinion_score(loss: float, jitter: float, round_trip: float | None = None) -> float:
    """Return the MOS, 1.0 to 4.5, from the share of packets lost, and jitter and round trip in seconds."""
    delay = ONE_WAY_DELAY_MS + 2000 * jitter + 500 * (round_trip or 0.0)
    percent = 100 * min(1.0, max(0.0, loss))
    rating = BEST_RATING - _delay_impairment(delay) - 95 * percent / (percent + LOSS_ROBUSTNESS)
    if rating <= 0:
        return 1.0
    score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6  # G.107 annex B
    return round(min(4.5, max(1.0, score)), 2)


def _delay_impairment(delay_ms: float) -> float:
    """Id in its usual simplified form (Cole and Rosenbluth 2001): a knee at 177.3 ms."""
    return 0.024 * delay_ms + max(0.0, 0.11 * (delay_ms - 177.3))

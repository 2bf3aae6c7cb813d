"""What is written where a packet was lost: the last pitch period again, fading, after ITU-T G.711 appendix I."""

from __future__ import annotations

from typing import Final

import numpy as np

from telephony.media.g711 import Pcm

LONGEST_MS: Final = 60
"G.711 appendix I fades to silence in 60 ms: longer repetition sounds like a machine and is heard as words."
HISTORY_MS: Final = 45
SHORTEST_PITCH_MS: Final = 5
"200 Hz; a higher voice repeats two periods at once, which sounds the same."
LONGEST_PITCH_MS: Final = 15
"66 Hz."


def conceal(history: Pcm, samples: int, sample_rate: int) -> Pcm:
    """Return `samples` samples that continue `history` (the last `HISTORY_MS` are looked at) and fade to silence."""
    recent = history[-sample_rate * HISTORY_MS // 1000 :]
    result = np.zeros(samples, np.int16)
    if len(recent) < 2 * sample_rate * LONGEST_PITCH_MS // 1000 or not recent.any():
        return result
    filled = min(samples, sample_rate * LONGEST_MS // 1000)
    period = _pitch_period(recent.astype(np.float32), sample_rate)
    repeated = np.resize(recent[-period:], filled)
    fade = np.linspace(1.0, 1.0 - filled / (sample_rate * LONGEST_MS / 1000), filled, dtype=np.float32)
    result[:filled] = (repeated * fade).astype(np.int16)
    return result


def _pitch_period(recent: np.typing.NDArray[np.float32], sample_rate: int) -> int:
    """Return the lag in samples at which the newest part is most like what was before it."""
    shortest, longest = sample_rate * SHORTEST_PITCH_MS // 1000, sample_rate * LONGEST_PITCH_MS // 1000
    newest = recent[-longest:]
    likeness = np.correlate(recent[:-shortest], newest, mode="valid")  # index i: lag is len - longest - i
    energy = np.convolve(recent[:-shortest] ** 2, np.ones(longest, np.float32), mode="valid")
    likeness = likeness / np.sqrt(energy + 1.0)
    lags = len(recent) - longest - np.arange(len(likeness))
    wanted = lags <= longest
    return int(lags[wanted][np.argmax(likeness[wanted])])

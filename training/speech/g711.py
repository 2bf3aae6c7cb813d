"""G.711 there and back: what a telephone line does to samples (ITU-T G.711)."""

from __future__ import annotations

import numpy as np

_A = 87.6
_MU = 255.0
_CLIP = 32635


def through_a_law(samples: np.ndarray) -> np.ndarray:
    """16-bit samples after one A-law coding, by the companding curve at 8 bits; silence comes back as 8."""
    level = np.minimum(np.abs(samples), _CLIP) / 32768.0
    knee, top = 1 / _A, 1 + np.log(_A)
    companded = np.where(level < knee, _A * level / top, (1 + np.log(np.maximum(_A * level, 1e-9))) / top)
    coded = np.clip(np.floor(companded * 128) + 0.5, 0.5, 127.5) / 128
    decoded = np.where(coded < 1 / top, coded * top / _A, np.exp(coded * top - 1) / _A)
    return (np.where(samples < 0, -decoded, decoded) * 32768).clip(-32768, 32767)


def through_mu_law(samples: np.ndarray) -> np.ndarray:
    """16-bit samples after one mu-law coding."""
    level = np.minimum(np.abs(samples), _CLIP) / 32768.0
    coded = np.floor(np.log1p(_MU * level) / np.log1p(_MU) * 128 + 0.5) / 128
    return (np.sign(samples) * np.expm1(coded * np.log1p(_MU)) / _MU * 32768).clip(-32768, 32767)

"""The shape of a recording for the player, computed here so that no browser downloads audio to draw it."""

from __future__ import annotations

from typing import Final

import numpy as np

COLUMNS: Final = 800
"About as many as the waveform has pixels on the widest pane."


def peaks(pcm: bytes, columns: int = COLUMNS) -> list[float]:
    """Return the loudest sample of each column, 0 to 1, of 16-bit little-endian mono PCM."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")
    if samples.size == 0:
        return [0.0]
    step = max(1, -(-samples.size // columns))
    padded = np.pad(np.abs(samples.astype(np.int32)), (0, -samples.size % step))
    return [round(float(peak), 3) for peak in padded.reshape(-1, step).max(axis=1) / 32768]

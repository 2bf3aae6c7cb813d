"""Notices that the caller speaks over a prompt."""

from __future__ import annotations

from collections import deque

import numpy as np

FRAME_SECONDS = 0.02
SPEECH_DBFS = -35.0
"Speech on a telephone lies at -15 to -30 dBFS (ITU-T P.56 levels); the echo of a prompt comes back below -40."
FRAMES_LOOKED_AT = 30
FRAMES_OF_SPEECH = 18
"360 ms of speech within 600 ms: longer than a cough, shorter than a greeting word."


class BargeIn:
    """Fed with the caller's audio; `speaking` is true once enough of it was loud."""

    def __init__(self, sample_rate: int) -> None:
        self._frame_bytes = int(sample_rate * FRAME_SECONDS) * 2
        self._loud_energy = 10 ** (SPEECH_DBFS / 10) * 32768.0**2 * (self._frame_bytes // 2)
        self._rest = b""
        self._loud: deque[bool] = deque(maxlen=FRAMES_LOOKED_AT)

    def hear(self, pcm: bytes) -> bool:
        """Take 16-bit mono PCM and return whether the caller is speaking."""
        data = self._rest + pcm
        whole = len(data) // self._frame_bytes * self._frame_bytes
        self._rest = data[whole:]
        frames = np.frombuffer(data[:whole], "<i2").reshape(-1, self._frame_bytes // 2).astype(np.float32)
        self._loud.extend((np.einsum("ij,ij->i", frames, frames) > self._loud_energy).tolist())
        return sum(self._loud) >= FRAMES_OF_SPEECH

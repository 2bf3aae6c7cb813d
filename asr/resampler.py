"""Streaming rate conversion between a call's audio and a model's (soxr); nothing at all where they agree."""

from __future__ import annotations

import numpy as np
import soxr


class Resampler:
    """Turns 16-bit mono PCM of one rate into another's; sample n of the output is the same moment as in the input."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._stream = None if from_rate == to_rate else soxr.ResampleStream(from_rate, to_rate, 1, dtype="int16")

    def resample(self, pcm: bytes) -> bytes:
        """Return what is ready; the filter keeps a few milliseconds back."""
        if self._stream is None:
            return pcm
        return bytes(self._stream.resample_chunk(np.frombuffer(pcm, "<i2")))

    def flush(self) -> bytes:
        """Return what was kept back; the stream is at its end."""
        if self._stream is None:
            return b""
        return bytes(self._stream.resample_chunk(np.empty(0, "<i2"), last=True))

"""From one sample rate to another, with soxr."""

from __future__ import annotations

import numpy as np
import soxr

from telephony.media.codecs import Coder
from telephony.media.g711 import Pcm


def resample(samples: Pcm, rate: int, wanted: int) -> Pcm:
    """Return the samples at another rate; a whole prompt at a time."""
    if rate == wanted:
        return samples
    return np.asarray(soxr.resample(samples, rate, wanted), np.int16)


class RateConverter:
    """A decoder whose call changed its codec: the recording keeps the rate it began with."""

    def __init__(self, decoder: Coder, rate: int, wanted: int) -> None:
        self._decoder, self._rate, self._wanted = decoder, rate, wanted

    @classmethod
    def wrap(cls, decoder: Coder, rate: int, wanted: int) -> Coder:
        """Return the decoder itself when nothing is to be converted."""
        return decoder if rate == wanted else cls(decoder, rate, wanted)

    def decode(self, data: bytes) -> Pcm:
        """Return exactly as many samples as the time takes at the wanted rate; blocks are converted one by one."""
        samples = self._decoder.decode(data)
        converted = resample(samples, self._rate, self._wanted)
        return np.resize(converted, len(samples) * self._wanted // self._rate)

    def encode(self, samples: Pcm) -> bytes:
        """Return the payload for samples at the wanted rate."""
        return self._decoder.encode(resample(samples, self._wanted, self._rate))

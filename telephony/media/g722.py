"""G.722 wideband audio at 64 kbit/s, ITU-T G.722 (09/12): two sub-bands, each an adaptive differential coder.

Names in comments are the standard's. Adaptation runs from sample to sample and cannot be vectorised; what can is: the
band-splitting filters, and of a decoder most else (`g722_rebuilding.py`). A call still costs about twenty times as much
as one with G.711 (`bench/results`): it is for a few calls at once, and stands last in `telephony.codecs`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from telephony.media.g711 import Pcm
from telephony.media.g722_band import HIGH_INVERSE, LOW_INVERSE, LOW_INVERSE_6, Band, high_band, low_band
from telephony.media.g722_rebuilding import Rebuilding

_MIRROR: Final = np.array([3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11], np.int64)
"Every other coefficient of the 24-tap quadrature mirror filter, table 11; the rest are these backwards."

_LOW_DECISIONS: Final = (
    *(0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714),
    *(786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919),
)
"Q6, table 14."
_LOW_NEGATIVE: Final = (0, 63, 62, *range(31, 3, -1))
_LOW_POSITIVE: Final = (0, *range(61, 31, -1))
_HIGH_DECISION: Final = 564
"Q2, table 17."
_LOW_VALUES: Final = np.array(LOW_INVERSE_6, np.int64)
_HIGH_VALUES: Final = np.array(HIGH_INVERSE, np.int64)


class G722:
    """Encodes and decodes; one object for each direction, because both remember the stream."""

    def __init__(self) -> None:
        self._low, self._high = low_band(), high_band()
        self._low_rebuilt = Rebuilding(self._low, LOW_INVERSE)
        self._high_rebuilt = Rebuilding(self._high, HIGH_INVERSE)
        self._even = self._odd = np.zeros(11, np.int64)
        "The filter's memory."

    def decode(self, data: bytes) -> Pcm:
        """Return two samples at 16 kHz for each byte."""
        if not data:
            return np.zeros(0, np.int16)
        codes = np.frombuffer(data, np.uint8).astype(np.int64)
        low, scales = self._low_rebuilt.rebuild((codes & 63) >> 2)
        low = (low + (scales * _LOW_VALUES[codes & 63] >> 15)).clip(-16384, 16383)
        high, scales = self._high_rebuilt.rebuild(codes >> 6)
        high = (high + (scales * _HIGH_VALUES[codes >> 6] >> 15)).clip(-16384, 16383)
        sums = np.concatenate((self._even, low + high))
        differences = np.concatenate((self._odd, low - high))
        self._even, self._odd = sums[len(codes) :], differences[len(codes) :]
        samples = np.empty(2 * len(codes), np.int64)
        samples[0::2] = np.convolve(differences, _MIRROR, "valid") >> 11
        samples[1::2] = np.convolve(sums, _MIRROR[::-1], "valid") >> 11
        return samples.clip(-32768, 32767).astype(np.int16)

    def encode(self, samples: Pcm) -> bytes:
        """Return one byte for two samples at 16 kHz; an odd last sample is left out."""
        pairs = samples[: len(samples) // 2 * 2].reshape(-1, 2).astype(np.int64)
        first, second = np.concatenate((self._even, pairs[:, 0])), np.concatenate((self._odd, pairs[:, 1]))
        self._even, self._odd = first[len(pairs) :], second[len(pairs) :]
        odd, even = np.convolve(first, _MIRROR[::-1], "valid"), np.convolve(second, _MIRROR, "valid")
        low = _encode_low(self._low, (even + odd >> 14).tolist())
        high = _encode_high(self._high, (even - odd >> 14).tolist())
        return bytes(two << 6 | six for two, six in zip(high, low, strict=True))


def _encode_low(band: Band, values: list[int]) -> list[int]:
    codes = []
    for value in values:
        error = value - band.estimate
        level = _low_level(error if error >= 0 else ~error, band.scale)
        code = (_LOW_POSITIVE if error >= 0 else _LOW_NEGATIVE)[level]
        codes.append(code)
        band.adapt(code >> 2, band.scale * LOW_INVERSE[code >> 2] >> 15)
    return codes


def _low_level(magnitude: int, scale: int) -> int:
    """Return the first decision level above the magnitude, by halving: 1 to 30."""
    below, above = 0, 30
    while above - below > 1:
        middle = (below + above) // 2
        if magnitude < _LOW_DECISIONS[middle] * scale >> 12:
            above = middle
        else:
            below = middle
    return above


def _encode_high(band: Band, values: list[int]) -> list[int]:
    codes = []
    for value in values:
        error = value - band.estimate
        outer = (error if error >= 0 else ~error) >= _HIGH_DECISION * band.scale >> 12
        code = (2 if outer else 3) if error >= 0 else (0 if outer else 1)
        codes.append(code)
        band.adapt(code, band.scale * HIGH_INVERSE[code] >> 15)
    return codes

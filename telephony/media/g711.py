"""G.711 A-law and mu-law, ITU-T G.711 (11/88) tables 1a to 2b, scaled to 16 bits.

Decoding is one table of 256 values, encoding one of 65536, both made from the standard's segments.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]
Table = npt.NDArray[np.uint8]

MU_LAW_BIAS: Final = 33
"Added to a 14-bit magnitude so that each segment starts at a power of two."


def _mu_law_values() -> Pcm:
    codes = ~np.arange(256, dtype=np.uint8)  # all bits are inverted on the wire
    exponent, mantissa = (codes >> 4 & 7).astype(np.int32), (codes & 15).astype(np.int32)
    magnitude = ((2 * mantissa + MU_LAW_BIAS) << exponent) - MU_LAW_BIAS
    return (np.where(codes & 0x80, -magnitude, magnitude) * 4).astype(np.int16)


def _a_law_values() -> Pcm:
    codes = np.arange(256, dtype=np.uint8) ^ 0x55  # even bits are inverted on the wire
    exponent, mantissa = (codes >> 4 & 7).astype(np.int32), (codes & 15).astype(np.int32)
    linear = 2 * mantissa + 1
    magnitude = np.where(exponent == 0, linear, (linear + 32) << np.maximum(exponent - 1, 0))
    return (np.where(codes & 0x80, magnitude, -magnitude) * 8).astype(np.int16)


A_LAW_VALUES: Final = _a_law_values()
MU_LAW_VALUES: Final = _mu_law_values()


@cache
def _a_law_codes() -> Table:
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.where(samples < 0, ~samples, samples) >> 3
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = magnitude >> np.maximum(exponent, 1) & 15
    codes = exponent << 4 | mantissa | np.where(samples < 0, 0, 0x80)
    return np.asarray(codes ^ 0x55, np.uint8)


@cache
def _mu_law_codes() -> Table:
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.where(samples < 0, ~samples, samples) >> 2, 8158) + MU_LAW_BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    mantissa = magnitude >> (exponent + 1) & 15
    codes = exponent << 4 | mantissa | np.where(samples < 0, 0x80, 0)
    return np.asarray(~codes & 0xFF, np.uint8)


class ALaw:
    """Encodes and decodes A-law; keeps no state."""

    silence: Final = b"\xd5"

    def decode(self, data: bytes) -> Pcm:
        """Return one sample for each byte."""
        return A_LAW_VALUES.take(np.frombuffer(data, np.uint8))

    def encode(self, samples: Pcm) -> bytes:
        """Return one byte for each sample."""
        return _a_law_codes().take(samples.view(np.uint16)).tobytes()


class MuLaw:
    """Encodes and decodes mu-law; keeps no state."""

    silence: Final = b"\xff"

    def decode(self, data: bytes) -> Pcm:
        """Return one sample for each byte."""
        return MU_LAW_VALUES.take(np.frombuffer(data, np.uint8))

    def encode(self, samples: Pcm) -> bytes:
        """Return one byte for each sample."""
        return _mu_law_codes().take(samples.view(np.uint16)).tobytes()

"""Kaldi's binary notation: tokens, numbers, vectors and matrices (kaldi/src/base/io-funcs, matrix/)."""

from __future__ import annotations

import struct

import numpy as np


class KaldiWriter:
    """Builds one binary file in memory."""

    def __init__(self) -> None:
        self._content = bytearray(b"\0B")

    def __bytes__(self) -> bytes:
        return bytes(self._content)

    def raw(self, content: bytes) -> None:
        """Bytes as they are."""
        self._content += content

    def token(self, *names: str) -> None:
        """Tokens, each followed by a space."""
        for name in names:
            self._content += name.encode() + b" "

    def integer(self, number: int) -> None:
        """A 32-bit integer with its size."""
        self._content += b"\4" + struct.pack("<i", number)

    def single(self, number: float) -> None:
        """A float with its size."""
        self._content += b"\4" + struct.pack("<f", number)

    def double(self, number: float) -> None:
        """A double with its size."""
        self._content += b"\10" + struct.pack("<d", number)

    def integers(self, numbers: list[int]) -> None:
        """A vector of 32-bit integers."""
        self.integer_size(len(numbers))
        self._content += np.asarray(numbers, "<i4").tobytes()

    def integer_size(self, count: int) -> None:
        """The head of a vector of integers."""
        self._content += b"\4" + struct.pack("<i", count)

    def vector(self, numbers: np.ndarray) -> None:
        """A vector of floats."""
        self.token("FV")
        self.integer(len(numbers))
        self._content += np.asarray(numbers, "<f4").tobytes()

    def doubles(self, matrix: np.ndarray) -> None:
        """A matrix of doubles."""
        self.token("DM")
        self.integer(matrix.shape[0])
        self.integer(matrix.shape[1])
        self._content += np.asarray(matrix, "<f8").tobytes()

    def compressed(self, matrix: np.ndarray, bits: int) -> None:
        """A matrix of floats in 16 bits (CM2) or 8 bits (CM3) between its least and greatest."""
        name, top, kind = ("CM2", 65535.0, "<u2") if bits == 16 else ("CM3", 255.0, "<u1")
        least = float(matrix.min())
        extent = max(float(matrix.max()) - least, 1e-9)
        self.token(name)
        self._content += struct.pack("<ffii", least, extent, *matrix.shape)
        self._content += np.round((matrix - least) / extent * top).astype(kind).tobytes()

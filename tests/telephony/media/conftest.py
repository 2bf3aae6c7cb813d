"""A sink that keeps what it is given."""

from __future__ import annotations

import numpy as np
import pytest

from telephony.media.g711 import Pcm


class ListSink:
    """An `AudioSink` in memory."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.writes = 0

    def write(self, pcm: bytes) -> None:
        self.data += pcm
        self.writes += 1

    @property
    def samples(self) -> Pcm:
        return np.frombuffer(bytes(self.data), np.int16)


@pytest.fixture
def sink() -> ListSink:
    return ListSink()


def tone(seconds: float, rate: int = 8000, hertz: float = 440.0, level: int = 8000) -> Pcm:
    """A sine."""
    at = np.arange(int(seconds * rate)) / rate
    return np.asarray(level * np.sin(2 * np.pi * hertz * at), np.int16)

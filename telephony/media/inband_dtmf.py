"""Keys as tones in the audio, ITU-T Q.23 and Q.24, found by Goertzel filters; speech must not sound like one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from telephony.media.g711 import Pcm

ROWS: Final = (697.0, 770.0, 852.0, 941.0)
COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = ("123A", "456B", "789C", "*0#D")
HOP_MS: Final = 6.5
"Blocks of two hops, 104 samples at 8 kHz, overlap by half."
BLOCKS_TO_BEGIN: Final = 4
"32 ms: tones of 40 ms, the shortest that Q.24 wants heard, fill four whole blocks wherever they begin."
BLOCKS_TO_END: Final = 4
"26 ms: Q.24 lets a tone be interrupted for 10 ms, and digits be 40 ms apart."
QUIETEST: Final = 100.0
"RMS: -39 dBm0 below the loudest A-law sine; Q.24 wants -29 dBm0 a tone heard."
TONE_SHARE: Final = 0.65
"Of the block's energy in the two tones, when they are 1.8 % off (Q.24) in 20 dB of noise; vowels spread theirs."
TWIST: Final = 10 ** (8 / 10)
"Q.24: the column tone may be up to 4 dB louder than the row tone, or 8 dB softer; both allow 8 here."
OTHER_TONES: Final = 10 ** (-5 / 10)
"The next strongest row or column tone is at least 5 dB below: 104 samples part neighbours by 5 to 20 dB."


class InbandDetector:
    """Listens to the audio as it is recorded; tells each key once when its tone has lasted two blocks."""

    def __init__(self, sample_rate: int, on_key: Callable[[str, float], None], heard: int = 0) -> None:
        self._rate = sample_rate
        self._on_key = on_key
        self._hop = int(sample_rate * HOP_MS / 1000)
        self._length = 2 * self._hop
        turns = np.outer(np.arange(self._length), np.array(ROWS + COLUMNS)) / sample_rate
        window = np.exp(-2j * np.pi * turns)
        self._filters = np.hstack((window.real, window.imag)).astype(np.float32)
        self._rest: Pcm = np.zeros(0, np.int16)
        self._heard = heard
        "Samples of the recording before the detector's first, and those looked at since."
        self._candidate: str | None = None
        self._run = self._missed = 0
        self._pressed: str | None = None

    def listen(self, block: Pcm) -> None:
        """Take the next samples of the recording."""
        samples = np.concatenate((self._rest, block))
        count = len(samples) // self._hop - 1
        if count <= 0:
            self._rest = samples
            return
        hops = samples[: (count + 1) * self._hop].reshape(-1, self._hop).astype(np.float32)
        self._rest = samples[count * self._hop :]
        for key in self._keys(np.hstack((hops[:-1], hops[1:]))):
            self._heard += self._hop
            self._follow(key)

    def _keys(self, rows: np.typing.NDArray[np.float32]) -> list[str | None]:
        """Return the key that each row of samples sounds like."""
        energy = np.einsum("ij,ij->i", rows, rows)
        parts = rows @ self._filters
        powers = parts[:, :8] ** 2 + parts[:, 8:] ** 2
        # A tone alone of energy E has the power E * length / 2 in its filter.
        share = (powers[:, :4].max(axis=1) + powers[:, 4:].max(axis=1)) * 2 / self._length
        likely = (share > TONE_SHARE * energy) & (energy > QUIETEST**2 * self._length)
        if not likely.any():
            return [None] * len(rows)
        return [_key(power) if sounds else None for power, sounds in zip(powers, likely, strict=True)]

    def _follow(self, key: str | None) -> None:
        if self._pressed is not None:
            self._missed = 0 if key == self._pressed else self._missed + 1
            if self._missed >= BLOCKS_TO_END:
                self._pressed, self._missed = None, 0
        self._run = self._run + 1 if key is not None and key == self._candidate else 1
        self._candidate = key
        if key is not None and self._pressed is None and self._run >= BLOCKS_TO_BEGIN:
            self._pressed = key
            self._on_key(key, (self._heard - self._run * self._hop) / self._rate)


def _key(power: np.typing.NDArray[np.float32]) -> str | None:
    """Return the key whose two tones stand out, from the power of the four row and the four column tones."""
    row, column = int(power[:4].argmax()), int(power[4:].argmax())
    low, high = float(power[row]), float(power[4 + column])
    if not low / TWIST < high < low * TWIST:
        return None
    for tones, best in ((power[:4], low), (power[4:], high)):
        if np.partition(tones, 2)[2] > best * OTHER_TONES:
            return None
    return KEYS[row][column]

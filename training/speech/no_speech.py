"""What a line carries when nobody speaks: tones, DTMF, music on hold, noise, clicks: learned as silence."""

from __future__ import annotations

import numpy as np

from training.speech.features import RATE
from training.speech.line import coloured_noise

_TONES_HZ = (450, 425, 440, 480, 350, 400, 620)
_CADENCES = ((1, 4), (0.35, 0.35), (0.7, 0.7), (0.1, 0.1), (1, 0), (2, 4))
_DTMF_LOW, _DTMF_HIGH = (697, 770, 852, 941), (1209, 1336, 1477)


def no_speech(draw: np.random.Generator) -> np.ndarray:
    """Two to seven seconds at 8 kHz, anywhere between very quiet and loud."""
    count = int(draw.uniform(2, 7) * RATE)
    makers = (_tone, _dtmf, _music, _swelling_noise, _clicks)
    sound = makers[int(draw.choice(len(makers), p=[0.3, 0.15, 0.25, 0.2, 0.1]))](count, draw)
    level = 10 ** (draw.uniform(-60, -12) / 20) * 32768
    return sound / (np.std(sound) + 1e-9) * level + draw.standard_normal(count) * draw.uniform(0, 30)


def _tone(count: int, draw: np.random.Generator) -> np.ndarray:
    time = np.arange(count) / RATE
    on, off = _CADENCES[int(draw.integers(len(_CADENCES)))]
    pitches = draw.choice(_TONES_HZ, int(draw.integers(1, 3)), replace=False) * draw.uniform(0.97, 1.03)
    return sum(np.sin(2 * np.pi * pitch * time) for pitch in pitches) * ((time % (on + off)) < on)


def _dtmf(count: int, draw: np.random.Generator) -> np.ndarray:
    sound = np.zeros(count)
    place = 0
    while place < count - RATE // 4:
        time = np.arange(min(int(draw.uniform(0.06, 0.2) * RATE), count - place)) / RATE
        pair = (draw.choice(_DTMF_LOW), draw.choice(_DTMF_HIGH))
        sound[place : place + len(time)] = sum(np.sin(2 * np.pi * pitch * time) for pitch in pair)
        place += len(time) + int(draw.uniform(0.05, 0.6) * RATE)
    return sound


def _music(count: int, draw: np.random.Generator) -> np.ndarray:
    """Decaying notes with harmonics on a scale."""
    sound = np.zeros(count)
    place, key = 0, draw.uniform(150, 400)
    while place < count - 400:
        time = np.arange(min(int(draw.uniform(0.1, 0.6) * RATE), count - place)) / RATE
        fade = np.exp(-time * draw.uniform(2, 12))
        for _ in range(int(draw.integers(1, 4))):
            pitch = key * 2 ** (draw.integers(0, 20) / 12)
            for harmonic in range(1, 5):
                if pitch * harmonic < RATE / 2 - 200:
                    note = fade * np.sin(2 * np.pi * pitch * harmonic * time)
                    sound[place : place + len(time)] += note / harmonic ** draw.uniform(0.7, 2)
        place += int(len(time) * draw.uniform(0.7, 1.1)) + 1
    return sound


def _swelling_noise(count: int, draw: np.random.Generator) -> np.ndarray:
    swell = 1 + 0.8 * np.sin(2 * np.pi * draw.uniform(0.1, 3) * np.arange(count) / RATE)
    return coloured_noise(count, draw.uniform(0, 1.5), draw) * swell


def _clicks(count: int, draw: np.random.Generator) -> np.ndarray:
    sound = np.zeros(count)
    for place in draw.integers(0, count - 50, int(draw.integers(1, 30))):
        sound[place : place + int(draw.integers(3, 50))] += draw.standard_normal()
    return sound

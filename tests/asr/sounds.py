"""What is on a telephone line and is not speech, 8 kHz, full scale 1.0."""

from __future__ import annotations

from typing import Any

import numpy as np

Samples = np.ndarray[Any, np.dtype[np.float64]]
RATE = 8000
KEYS = dict(zip("123456789*0#", ((r, c) for r in (697, 770, 852, 941) for c in (1209, 1336, 1477)), strict=True))


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE))


def tone(seconds: float, *frequencies: float, level: float = 0.2) -> Samples:
    moments = np.arange(int(seconds * RATE)) / RATE
    return np.asarray(sum(level * np.sin(2 * np.pi * f * moments) for f in frequencies))


def cadence(times: int, on: float, off: float, *frequencies: float) -> Samples:
    return np.concatenate([np.concatenate([tone(on, *frequencies), silence(off)]) for _ in range(times)])


def dtmf(keys: str, on: float, off: float) -> Samples:
    return np.concatenate([np.concatenate([tone(on, *KEYS[key]), silence(off)]) for key in keys])


def noise(seconds: float, level: float) -> Samples:
    return np.random.default_rng(1).normal(0, level, int(seconds * RATE))


def music(seed: int, seconds: float, voices: int, decay: float, harmonics: int, beat: float) -> Samples:
    """Notes of a pentatonic scale with harmonics that die away: music on hold."""
    chance = np.random.default_rng(seed)
    sound = np.zeros(int((seconds + 3) * RATE))
    scale = [261.6, 293.7, 329.6, 392.0, 440.0, 523.3, 587.3, 659.3, 784.0, 880.0]
    for step in range(int(seconds / beat)):
        for _ in range(voices):
            frequency, length = chance.choice(scale), beat * chance.choice([1, 2, 3])
            moments = np.arange(int(length * RATE)) / RATE
            partials = (np.sin(2 * np.pi * frequency * k * moments) / k for k in range(1, harmonics))
            start = int(step * beat * RATE)
            sound[start : start + len(moments)] += 0.15 * sum(partials) * np.exp(-decay * moments)
    return sound[: int(seconds * RATE)]


def vibrato(seconds: float) -> Samples:
    moments = np.arange(int(seconds * RATE)) / RATE
    wave = (np.sin(2 * np.pi * 440 * k * moments + 2 * k * np.sin(34.6 * moments)) / k for k in range(1, 5))
    return np.asarray(0.2 * sum(wave))


def clicks(seconds: float) -> Samples:
    chance, sound = np.random.default_rng(2), silence(seconds)
    sound[chance.integers(0, len(sound), 60)] = chance.uniform(-0.9, 0.9, 60)
    return sound


SOUNDS: dict[str, Samples] = {
    "silence": silence(30),
    "idle noise": noise(20, 0.0015),
    "noise": noise(10, 0.1),
    "dial tone": tone(8, 450),
    "ring-back, China": cadence(4, 1, 4, 450),
    "ring-back, America": cadence(3, 2, 4, 440, 480),
    "busy": cadence(20, 0.35, 0.35, 450),
    "keys": dtmf("13905391234*0#", 0.1, 0.1),
    "quick keys": dtmf("0123456789" * 2, 0.05, 0.05),
    "slow keys": dtmf("1234567890", 0.4, 0.3),
    "special information tone": np.concatenate([tone(0.33, f) for f in (950, 1400, 1800)] * 3),
    "fax": np.concatenate([cadence(3, 0.5, 3, 1100), tone(3, 2100)]),
    "beeps": cadence(10, 0.2, 0.8, 1000),
    "hum": tone(10, 50, 150, level=0.04) + noise(10, 0.003),
    "clicks": clicks(10),
    "organ": vibrato(10),
    "piano": music(0, 20, 2, 3, 6, 0.3),
    "slow piano": music(1, 20, 3, 1, 6, 0.3),
    "quick piano": music(2, 20, 1, 6, 8, 0.2),
    "strings": music(3, 20, 4, 0.5, 10, 0.5),
    "soft piano": 0.2 * music(4, 20, 2, 4, 6, 0.3),
}


def pcm(sound: Samples) -> bytes:
    """16-bit little-endian PCM."""
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()

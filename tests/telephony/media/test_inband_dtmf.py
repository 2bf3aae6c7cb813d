"""Tones in the audio, and everything that only sounds like them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from telephony.media.g711 import ALaw, Pcm
from telephony.media.inband_dtmf import COLUMNS, KEYS, ROWS, InbandDetector

SPEECH = Path(os.environ.get("HOTLINE_SPEECH", Path(__file__).parents[4] / "shared" / "human-speech-dev"))


def dual_tone(key: str, ms: int, level: float = 4000.0, twist_db: float = 0.0, off: float = 0.0) -> Pcm:
    row = next(index for index, keys in enumerate(KEYS) if key in keys)
    at = np.arange(8 * ms) / 8000 * (1 + off)
    low = np.sin(2 * np.pi * ROWS[row] * at)
    high = np.sin(2 * np.pi * COLUMNS[KEYS[row].index(key)] * at) * 10 ** (twist_db / 20)
    return np.asarray(level * (low + high), np.int16)


def keys_in(samples: Pcm, block: int = 640) -> list[tuple[str, float]]:
    heard: list[tuple[str, float]] = []
    detector = InbandDetector(8000, lambda key, position: heard.append((key, position)))
    for start in range(0, len(samples), block):
        detector.listen(samples[start : start + block])
    return heard


def through_line(samples: Pcm, noise: float = 20.0) -> Pcm:
    noisy = samples + np.random.default_rng(1).normal(0, noise, len(samples))
    return ALaw().decode(ALaw().encode(noisy.clip(-32768, 32767).astype(np.int16)))


@pytest.mark.parametrize("ms", [45, 60, 100, 400])
@pytest.mark.parametrize("level", [400.0, 4000.0, 14000.0])
@pytest.mark.parametrize(("twist_db", "off"), [(0, 0), (4, 0.015), (-6, -0.015)])
def test_every_key_is_heard_once_and_in_place(ms: int, level: float, twist_db: float, off: float) -> None:
    keys = "1234567890*#ABCD11"
    gap = np.zeros(8 * 60, np.int16)
    level /= 10 ** (max(0.0, twist_db) / 20)
    parts = [part for key in keys for part in (dual_tone(key, ms, level, twist_db, off), gap)]
    heard = keys_in(through_line(np.concatenate(parts), noise=level / 20))
    assert "".join(key for key, _ in heard) == keys
    assert [at for _, at in heard] == pytest.approx([n * (ms + 60) / 1000 for n in range(len(keys))], abs=0.03)


@pytest.mark.parametrize("block", [1, 53, 160, 8000])
def test_the_size_of_blocks_does_not_matter(block: int) -> None:
    samples = np.concatenate([np.zeros(400, np.int16), dual_tone("5", 80), np.zeros(800, np.int16)])
    assert [key for key, _ in keys_in(samples, block)] == ["5"]


@pytest.mark.parametrize(
    "sound",
    [
        lambda: np.zeros(80_000, np.int16),
        lambda: np.random.default_rng(2).normal(0, 6000, 80_000).astype(np.int16),
        lambda: (8000 * np.sin(2 * np.pi * 440 * np.arange(80_000) / 8000)).astype(np.int16),
        lambda: dual_tone("1", 2000) + dual_tone("5", 2000),
        lambda: np.concatenate([dual_tone("9", 20), np.zeros(400, np.int16)] * 20),
        lambda: (9000 * np.sign(np.sin(2 * np.pi * 697 * np.arange(80_000) / 8000))).astype(np.int16),
        lambda: (8000 * np.sin(2 * np.pi * np.cumsum(np.linspace(300, 3000, 80_000)) / 8000)).astype(np.int16),
    ],
    ids=["silence", "noise", "dial tone", "two keys", "clicks", "square", "sweep"],
)
def test_other_sounds_are_no_keys(sound: Callable[[], Pcm]) -> None:
    assert keys_in(sound()) == []


def test_synthetic_speech_is_no_key(speech: Callable[[str], bytes]) -> None:
    text = "你好，我是临沂市民，我家住在兰山区金雀山路一百二十三号，小区里已经停水两天了，请尽快派人来处理，谢谢。"
    assert keys_in(through_line(np.frombuffer(speech(text * 3), "<i2"))) == []


@pytest.mark.skipif(not SPEECH.is_dir(), reason="absent: recordings of people (HOTLINE_SPEECH)")
def test_speech_of_people_is_no_key() -> None:
    soundfile, soxr = pytest.importorskip("soundfile"), pytest.importorskip("soxr")
    files = sorted(SPEECH.glob("**/*.flac"))[:60]
    for file in files:
        samples, rate = soundfile.read(file, dtype="int16")
        assert keys_in(through_line(np.asarray(soxr.resample(samples, rate, 8000)))) == [], file.name

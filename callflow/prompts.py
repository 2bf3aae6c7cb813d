"""The prompts a caller hears: WAV files read once."""

from __future__ import annotations

import logging
import warnings
import wave
from dataclasses import dataclass
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub asks for ffmpeg, which reading WAV does not need
    from pydub import AudioSegment

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prompt:
    """16-bit mono PCM and its rate."""

    name: str
    pcm: bytes
    sample_rate: int


class Prompts:
    """Every prompt in `<folder>/<language>/<name>.wav`, whatever its rate, width and channels."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[tuple[str, str], Prompt | None] = {}

    def get(self, name: str, language: str) -> Prompt | None:
        """Return a prompt, or None (and a log line) where its file is missing or broken."""
        key = name, language
        if key not in self._read:
            self._read[key] = self._load(name, language)
        return self._read[key]

    def _load(self, name: str, language: str) -> Prompt | None:
        path = self._folder / language / f"{name}.wav"
        try:
            sound = AudioSegment.from_wav(path).set_channels(1).set_sample_width(2)
        except (OSError, EOFError, wave.Error, ValueError) as error:
            logger.error("prompt %s cannot be read and is not played: %s", path, error)
            return None
        return Prompt(f"{language}/{name}", sound.raw_data, sound.frame_rate)

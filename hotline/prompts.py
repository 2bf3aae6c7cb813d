"""Renders the city's prompt texts into WAV files that a site may replace with recordings of a person."""

from __future__ import annotations

import hashlib
import logging
import os
import tomllib
import wave
from pathlib import Path

from hotline.voice import say

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16000
"Rendered for wideband; media resamples to the codec's own rate."
VOICE_VERSION = "espeak-ng 1.52 cmn 1"
"Part of the mark beside each file: a better voice renders the files anew."


def render_prompts(texts: Path, folder: Path) -> None:
    """Write `<folder>/<language>/<name>.wav` for every text that has no file yet or whose own file is out of date.

    Beside each file stands a mark with a digest of its text and of its bytes: bytes that differ are a site's recording.
    """
    with texts.open("rb") as stream:
        prompts: dict[str, dict[str, str]] = tomllib.load(stream)
    for name, by_language in prompts.items():
        for language, text in by_language.items():
            _render(folder / language / f"{name}.wav", text, language)


def _render(path: Path, text: str, language: str) -> None:
    mark = path.with_suffix(".rendered")
    wanted = hashlib.sha256(f"{VOICE_VERSION}\n{text}".encode()).hexdigest()
    if path.exists():
        marks = mark.read_text().split() if mark.exists() else []
        if len(marks) != 2 or marks[1] != _digest(path) or marks[0] == wanted:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    rendering = path.with_suffix(".part")
    with wave.open(str(rendering), "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        out.writeframes(say(text, SAMPLE_RATE, language))
    os.replace(rendering, path)
    mark.write_text(f"{wanted} {_digest(path)}\n")
    logger.debug("rendered prompt %s/%s", language, path.stem)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""Lets ttskit's voices read sentences into a folder of recordings, as one more source.

    python -m training.speak_ttskit WHEELS RECORDINGS [--hours 2]

`WHEELS` is a folder with `pip download --no-deps ttskit==0.3.8 phkit` unpacked in it. Two hours take one core about an
hour; a broken run goes on where it stopped. The same arguments give the same sentences and voices.
"""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path

import numpy as np
import soundfile
import torch

from training.language.build import written_sentences
from training.language.places import read_places
from training.language.templates import Templates
from training.sources import spoken_syllables
from training.speech.ttskit_voices import RATE, VOICES, TtskitVoices

_SEED = 31
_LONGEST = 40
_WRITTEN_SHARE = 0.6
_CLAUSES = re.compile("[，。？！；、]")


def main() -> None:
    """Write RECORDINGS/ttskit."""
    parser = argparse.ArgumentParser(prog="python -m training.speak_ttskit")
    parser.add_argument("wheels", type=Path)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    speak(TtskitVoices(chosen.wheels), chosen.recordings / "ttskit", chosen.hours)


def speak(voices: TtskitVoices, folder: Path, hours: float) -> None:
    """Write Ogg files and index.tsv (file, transcript) until there are so many hours."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(_SEED)
    written, templates = written_sentences(), Templates(read_places(), _SEED)
    seconds, number = 0.0, 0
    with (folder / "index.tsv").open("w", encoding="utf-8", newline="") as file:
        index = csv.writer(file, delimiter="\t")
        index.writerow(["file", "transcript"])
        while seconds < 3600 * hours:
            from_text = draw.random() < _WRITTEN_SHARE
            text = written[int(draw.integers(len(written)))] if from_text else "，".join(templates.call())
            voice = VOICES[int(draw.integers(len(VOICES)))]
            number += 1
            path = folder / f"{number:05}-{voice}.ogg"
            if not path.exists():
                _say(voices, text, voice, path)
            if path.exists():
                index.writerow([path.name, text])
                seconds += soundfile.info(path).duration


def _say(voices: TtskitVoices, text: str, voice: str, path: Path) -> None:
    clauses = [spoken_syllables(clause) for clause in _CLAUSES.split(text) if clause]
    if len(text) > _LONGEST or not clauses or not all(clauses):
        return
    samples = voices.say(clauses, voice)
    if samples is not None:
        part = path.with_suffix(".part")
        soundfile.write(part, samples, RATE, format="OGG")
        part.rename(path)


if __name__ == "__main__":
    main()

"""Character errors of a model, heard by stock vosk through A-law in packets of 100 ms.

python -m training.measure MODEL --clips FOLDER        recordings with an index.tsv (file, transcript)
python -m training.measure MODEL --speak FILE          sentences said by synthesised voices never trained on
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import soxr
import vosk

from training.speech.espeak import UNHEARD_VARIANTS, Espeak, Manner
from training.speech.g711 import through_a_law

RATE = 8000
_PACKET_BYTES = 1600
_NOT_SPOKEN = re.compile("[^\u4e00-\u9fffA-Z]")
_QUIET = 10 ** (-22 / 20) * 32768
_PAUSE = np.zeros(RATE // 4)


@dataclass
class Score:
    """Errors and characters so far, and whether the sought names were heard."""

    clips: int = 0
    characters: int = 0
    errors: int = 0
    right: int = 0
    names: int = 0
    names_heard: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    misheard: list[tuple[str, str]] = field(default_factory=list)

    def add(self, said: str, heard: str, name: str = "") -> None:
        """Count one clip; 幺 is 一."""
        said, heard = (_NOT_SPOKEN.sub("", text).replace("幺", "一") for text in (said, heard))
        errors = edit_distance(said, heard)
        self.clips += 1
        self.characters += len(said)
        self.errors += errors
        self.right += errors == 0
        if name:
            self.names += 1
            self.names_heard += name in heard
        if errors:
            self.misheard.append((said, heard))

    def __str__(self) -> str:
        parts = [
            f"n {self.clips}",
            f"characters {self.characters}",
            f"CER {100 * self.errors / max(self.characters, 1):.2f} %",
            f"whole {100 * self.right / max(self.clips, 1):.1f} %",
            f"real-time factor {self.cpu_seconds / max(self.seconds, 1e-9):.4f}",
        ]
        if self.names:
            parts.append(f"names {self.names_heard} of {self.names}")
        return ", ".join(parts)


def edit_distance(said: str, heard: str) -> int:
    """Insertions, deletions and substitutions between two texts."""
    row = list(range(len(heard) + 1))
    for i, left in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def hear(model: vosk.Model, samples: np.ndarray) -> str:
    """The whole text vosk hears in 8 kHz samples."""
    recogniser = vosk.KaldiRecognizer(model, RATE)
    pcm = np.round(samples).astype("<i2").tobytes()
    texts = []
    for place in range(0, len(pcm), _PACKET_BYTES):
        if recogniser.AcceptWaveform(pcm[place : place + _PACKET_BYTES]):
            texts.append(json.loads(recogniser.Result())["text"])
    texts.append(json.loads(recogniser.FinalResult())["text"])
    return "".join(texts).replace(" ", "")


def recorded(folder: Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Transcript, no name, and samples of every clip without Latin letters; the level is left as recorded."""
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            if re.search("[A-Za-z]", row["transcript"]):
                continue
            samples, rate = soundfile.read(folder / row["file"], dtype="float64")
            yield row["transcript"], "", soxr.resample(samples * 32768, rate, RATE)


def spoken(path: Path, voices: int) -> Iterator[tuple[str, str, np.ndarray]]:
    """Each line of a file ('sentence' or 'sentence TAB name') in so many unheard voices, in turn."""
    espeak = Espeak()
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    for number, line in enumerate(lines):
        sentence, _, name = line.partition("\t")
        for voice in range(voices):
            variant = UNHEARD_VARIANTS[(number + voice * 3) % len(UNHEARD_VARIANTS)]
            samples, _ = espeak.say(sentence, Manner(variant, 150 + number % 5 * 12, 40 + number % 3 * 10))
            level = soxr.resample(samples.astype(np.float64), espeak.sample_rate, RATE)
            level *= _QUIET / (np.sqrt(np.mean(level**2)) + 1e-9)
            yield sentence, name, np.concatenate([_PAUSE, level, _PAUSE])


def measure(model_path: Path, clips: Iterator[tuple[str, str, np.ndarray]]) -> Score:
    """Score a model on clips of (what is said, a name sought in it, samples)."""
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(model_path))
    score = Score()
    for said, name, samples in clips:
        line = through_a_law(samples)
        began = time.process_time()
        heard = hear(model, line)
        score.cpu_seconds += time.process_time() - began
        score.seconds += len(line) / RATE
        score.add(said, heard, name)
    return score


def main() -> None:
    """Print one line for every set."""
    parser = argparse.ArgumentParser(prog="python -m training.measure")
    parser.add_argument("model", type=Path)
    parser.add_argument("--clips", type=Path, action="append", default=[])
    parser.add_argument("--speak", type=Path, action="append", default=[])
    parser.add_argument("--voices", type=int, default=1)
    parser.add_argument("--only", default="", help="a pattern that transcripts must match")
    parser.add_argument("--show", type=int, default=0, help="print so many misheard clips")
    chosen = parser.parse_args()
    sets = [(path, recorded(path)) for path in chosen.clips]
    sets += [(path, spoken(path, chosen.voices)) for path in chosen.speak]
    for path, clips in sets:
        score = measure(chosen.model, (clip for clip in clips if re.search(chosen.only, clip[0])))
        print(f"{path.stem}: {score}", flush=True)
        for said, heard in score.misheard[: chosen.show]:
            print(f"    {said} | {heard}")


if __name__ == "__main__":
    main()

"""Recordings with what was said in them: read to measure with, written from corrected calls to train with.

A corpus is a folder with `index.tsv` (tab-separated; a header line; at least the columns `file` and `transcript`) and
its recordings: the form that `hotline export-corpus` writes, `training/sources.toml` names and `evaluate` reads.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from spool.call_folder import SAMPLE_WIDTH

COLUMNS = ("file", "seconds", "transcript", "speaker", "source", "licence", "note")
MARGIN_SECONDS = 0.2
"Kept before the first word and behind the last, so that no sound of theirs is cut off."


class CorpusUnusable(Exception):
    """A folder is no corpus; the message is one plain sentence."""


@dataclass(frozen=True)
class Sample:
    """A recording and what was said in it."""

    path: Path
    transcript: str


def read_corpus(folder: Path) -> list[Sample]:
    """Return a corpus's samples; raises `CorpusUnusable`."""
    try:
        with (folder / "index.tsv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError:
        raise CorpusUnusable(f"{folder} is no corpus: it has no index.tsv") from None
    if not rows or not {"file", "transcript"} <= rows[0].keys():
        raise CorpusUnusable(f"{folder}/index.tsv has no columns `file` and `transcript`, or no line")
    return [Sample(folder / row["file"], row["transcript"]) for row in rows]


class CorpusWriter:
    """Adds utterances of calls to a new corpus; whoever calls it has looked at consent and retention."""

    def __init__(self, folder: Path, source: str, licence: str) -> None:
        """Make the folder; raises `FileExistsError` when there is one, so that no two exports mix."""
        folder.mkdir(parents=True)
        self.folder = folder
        self._source = source
        self._licence = licence
        self.utterances = 0
        self.seconds = 0.0
        self._write(COLUMNS)

    def add(
        self, pcm: bytes, sample_rate: int, start_time: float, end_time: float, transcript: str, speaker: str
    ) -> None:
        """Cut one utterance out of a call's PCM and keep it as FLAC. `speaker` is a pseudonym, never a number."""
        samples = np.frombuffer(pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH], "<i2")
        first = max(0, int((start_time - MARGIN_SECONDS) * sample_rate))
        cut = samples[first : int((end_time + MARGIN_SECONDS) * sample_rate)]
        text = " ".join(transcript.split())
        if cut.size == 0 or not text:
            return
        name = f"{self.utterances:06}.flac"
        soundfile.write(self.folder / name, cut, sample_rate, format="FLAC")
        seconds = cut.size / sample_rate
        self._write((name, f"{seconds:.3f}", text, speaker, self._source, self._licence, ""))
        self.utterances += 1
        self.seconds += seconds

    def _write(self, row: tuple[str, ...]) -> None:
        with (self.folder / "index.tsv").open("a", encoding="utf-8") as index:
            index.write("\t".join(value.replace("\t", " ") for value in row) + "\n")

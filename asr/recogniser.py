"""The seams `Recogniser` and `RecognitionStream`: PCM in, words with times and confidences out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Word:
    """A word with its place in the stream (seconds) and the probability that it is right (0 to 1)."""

    word: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True)
class Transcript:
    """What has been heard: a final utterance, or words that may still change."""

    text: str
    start_time: float
    end_time: float
    confidence: float
    words: tuple[Word, ...] = ()
    is_final: bool = False
    alternatives: tuple[str, ...] = ()
    raw_text: str = ""
    "The recogniser's own text before marked words were left out."
    audio_bytes: int = 0
    """Of a final utterance: the bytes accepted before which nothing matters any more. A fresh stream that is given the
    audio from there on says exactly what this one will say; utterances up to this one may come again."""


class RecognitionStream(Protocol):
    """One speaker's audio, fed in order."""

    def accept(self, pcm: bytes) -> list[Transcript]:
        """Decode 16-bit mono PCM at the stream's sample rate and return the utterances this has finished (usually
        none)."""

    def partial(self) -> Transcript | None:
        """Return the words of the unfinished utterance, or None when there are none."""

    def finish(self) -> list[Transcript]:
        """Decode what is left and return the last utterances; the stream is at its end."""


class Recogniser(Protocol):
    """A loaded model; streams of it may be used from several threads, each stream from one at a time."""

    name: str

    def stream(self, sample_rate: int, offset: float = 0.0) -> RecognitionStream:
        """Open a stream for audio of that rate, resampled when the model's differs; times begin at `offset` seconds."""

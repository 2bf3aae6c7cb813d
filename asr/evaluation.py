"""How good a recogniser is on a corpus: character errors, and whether its confidence means something."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import soundfile
from rapidfuzz.distance import Levenshtein

from asr.calibration import expected_error
from asr.corpus import Sample
from asr.recogniser import Recogniser
from asr.transcribe import transcribe_file

Progress = Callable[[int, int], None]
"Told recordings done and recordings in all."


@dataclass
class Evaluation:
    """Counts over a corpus."""

    recordings: int = 0
    characters: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    whole: int = 0
    "Recordings without an error."
    audio_seconds: float = 0.0
    processor_seconds: float = 0.0
    observed: list[tuple[float, bool]] = field(default_factory=list)
    "Each character heard: its word's confidence, and whether it was right."

    @property
    def errors(self) -> int:
        """Characters wrong, missing or too many."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def character_error_rate(self) -> float:
        """Errors for each character said, 0 when nothing was said."""
        return self.errors / self.characters if self.characters else 0.0

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the words' confidence."""
        return expected_error(self.observed)

    @property
    def real_time_factor(self) -> float:
        """Processor seconds for each second of audio."""
        return self.processor_seconds / self.audio_seconds if self.audio_seconds else 0.0

    def add(self, said: str, words: list[tuple[str, float]]) -> None:
        """Count one recording: what was said against the words heard with their confidences."""
        said = spoken_characters(said)
        heard = [(c, confidence) for word, confidence in words for c in spoken_characters(word)]
        steps = Levenshtein.editops([c for c, _ in heard], list(said))
        wrong = {step.src_pos for step in steps if step.tag != "insert"}
        self.recordings += 1
        self.characters += len(said)
        self.substitutions += sum(step.tag == "replace" for step in steps)
        self.insertions += sum(step.tag == "delete" for step in steps)
        self.deletions += sum(step.tag == "insert" for step in steps)
        self.whole += not steps
        self.observed += [(confidence, index not in wrong) for index, (_, confidence) in enumerate(heard)]


def spoken_characters(text: str) -> str:
    """The text as characters that can be heard: no punctuation, no spaces, Latin letters small."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in plain if unicodedata.category(character)[0] in "LN")


def character_errors(heard: str, corrected: str) -> tuple[int, int]:
    """Errors of a transcript against a person's correction, and the correction's characters."""
    one, other = spoken_characters(heard), spoken_characters(corrected)
    return Levenshtein.distance(one, other), len(other)


def evaluate(recogniser: Recogniser, samples: list[Sample], progress: Progress | None = None) -> Evaluation:
    """Transcribe every recording as a call would be, and count."""
    evaluation = Evaluation()
    for number, sample in enumerate(samples, start=1):
        begun = time.process_time()
        utterances = transcribe_file(sample.path, recogniser)["utterances"]
        evaluation.processor_seconds += time.process_time() - begun
        evaluation.audio_seconds += soundfile.info(str(sample.path)).duration
        words = [(word["word"], word["confidence"]) for utterance in utterances for word in utterance["words"]]
        evaluation.add(sample.transcript, words)
        if progress:
            progress(number, len(samples))
    return evaluation

"""Any `Recogniser` with its words checked against their audio and its confidence calibrated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from asr.calibration import Calibration
from asr.recogniser import Recogniser, RecognitionStream, Transcript, Word
from asr.speech_evidence import AFTER_SECONDS, CONTEXT_SECONDS, Samples, is_held, spoken_words, syllables
from asr.text import joined

KEPT_SECONDS = 60.0
"Audio kept of an unfinished utterance: more than the longest one and its context."
RECENT_SECONDS = 0.3
"Sound that tells a note from a syllable."


class CheckedRecogniser:
    """Hides nothing: what was left out of `text` is in `raw_text`."""

    def __init__(self, recogniser: Recogniser, calibration: Calibration | None = None) -> None:
        self.name = recogniser.name
        self._recogniser = recogniser
        self._calibration = calibration or Calibration()

    def stream(self, sample_rate: int, offset: float = 0.0) -> RecognitionStream:
        """Open a stream."""
        return CheckedStream(self._recogniser.stream(sample_rate, offset), self._calibration, sample_rate, offset)


class CheckedStream:
    """Looks, for every utterance, only at audio that a restarted stream would have too."""

    def __init__(self, stream: RecognitionStream, calibration: Calibration, rate: int, offset: float) -> None:
        self._stream = stream
        self._calibration = calibration
        self._rate = rate
        self._offset = offset
        self._audio = bytearray()
        self._audio_from = 0
        self._utterance_from = 0
        self._recent = 2 * int(RECENT_SECONDS * rate)

    def accept(self, pcm: bytes) -> list[Transcript]:
        """Pass audio on and check what comes back."""
        self._audio += pcm
        heard = self._checked(self._stream.accept(pcm))
        self._forget()
        return heard

    def partial(self) -> Transcript | None:
        """The unfinished words; a lone syllable on a held sound is withheld until more is said."""
        partial = self._stream.partial()
        if (
            partial
            and syllables(partial.text) == 1
            and is_held(self._samples(self._audio[-self._recent :]), self._rate)
        ):
            return None
        return partial

    def finish(self) -> list[Transcript]:
        """The last utterances, checked."""
        return self._checked(self._stream.finish())

    def _checked(self, transcripts: list[Transcript]) -> list[Transcript]:
        heard = []
        for transcript in transcripts:
            words = spoken_words(transcript.words, *self._surroundings(transcript))
            self._utterance_from = transcript.audio_bytes
            if words:
                heard.append(self._with_words(transcript, words))
        return heard

    def _surroundings(self, transcript: Transcript) -> tuple[Samples, int, float]:
        first = max(self._utterance_from, self._position(transcript.start_time - CONTEXT_SECONDS), self._audio_from)
        last = self._position(transcript.end_time + AFTER_SECONDS)
        pcm = self._audio[first - self._audio_from : max(0, last - self._audio_from)]
        return self._samples(pcm), self._rate, self._offset + first / 2 / self._rate

    @staticmethod
    def _samples(pcm: bytearray) -> Samples:
        return np.frombuffer(bytes(pcm), "<i2").astype(np.float32) / np.float32(32768)

    def _with_words(self, transcript: Transcript, words: list[Word]) -> Transcript:
        calibrated = tuple(replace(word, confidence=self._calibration(word.confidence)) for word in words)
        weight = sum(syllables(word.word) for word in calibrated)
        return replace(
            transcript,
            text=joined(word.word for word in words),
            raw_text=transcript.raw_text or transcript.text,
            words=calibrated,
            start_time=words[0].start,
            end_time=words[-1].end,
            confidence=round(sum(word.confidence * syllables(word.word) for word in calibrated) / weight, 3),
        )

    def _forget(self) -> None:
        longest = 2 * int(KEPT_SECONDS * self._rate)
        keep = max(self._utterance_from, self._audio_from + len(self._audio) - longest)
        del self._audio[: keep - self._audio_from]
        self._audio_from = keep

    def _position(self, seconds: float) -> int:
        return max(0, 2 * int((seconds - self._offset) * self._rate))

"""`Recogniser` on Vosk: the only file that imports vosk."""

from __future__ import annotations

import json

import vosk

from asr.model_folder import ModelFolder, ModelUnusable
from asr.n_best import PATHS, Reading, read_n_best
from asr.recogniser import Transcript
from asr.resampler import Resampler
from asr.text import joined

BLOCK_SECONDS = 0.05
"""Audio goes to Kaldi in blocks of this length, cut from the stream's beginning: the words depend on where the blocks
begin, so live and offline decoding, whatever sizes they read, say the same."""
STEP_BACK_SECONDS = 0.2
"""An utterance ends after at least 0.5 s of silence; the next decoder begins this long before the end was noticed, so
that a word which began in the network's look-ahead is whole."""
ADAPTED_SECONDS = 60.0
"""A model that adapts to the voice keeps its decoder from utterance to utterance, but at most so long: a restarted
recogniser has to decode as much again."""
CUT_WINDOW_SECONDS = 8.0
"A monologue is cut in its longest pause within so many seconds before its limit."
CUT_MARGIN_SECONDS = 0.5
"Words nearer to the limit are not final: what follows could still change them."
SHORTEST_SILENCE = 0.3
"""An utterance that ends with less silence was not ended by the speaker: Kaldi's own limit was reached
(`--endpoint.rule5.min-utterance-length`, 20 s where a model's conf/model.conf does not say)."""

vosk.SetLogLevel(-1)  # Kaldi writes decoding statistics of every utterance to standard error


class VoskRecogniser:
    """A loaded Vosk model."""

    def __init__(self, folder: ModelFolder, longest_utterance_seconds: float = 30.0) -> None:
        """Load the model; raises `ModelUnusable` when its files are missing or Vosk refuses them."""
        folder.check()
        self.name = folder.card().name
        self.sample_rate = folder.sample_rate()
        self.fresh_after_seconds = ADAPTED_SECONDS if folder.is_adaptive() else 0.0
        self.longest_utterance_seconds = longest_utterance_seconds
        try:
            self.model = vosk.Model(str(folder.path))
        except Exception as error:
            raise ModelUnusable(f"Vosk cannot load the model in {folder.path}") from error

    def stream(self, sample_rate: int, offset: float = 0.0) -> VoskStream:
        """Open a stream; times begin at `offset` seconds."""
        return VoskStream(self, sample_rate, offset)

    def decoder(self) -> vosk.KaldiRecognizer:
        """A new decoder at the model's own rate; it takes 0.1 ms to make."""
        decoder = vosk.KaldiRecognizer(self.model, self.sample_rate)
        decoder.SetWords(True)
        decoder.SetMaxAlternatives(PATHS)
        return decoder


class VoskStream:
    """One speaker's audio through a sequence of decoders.

    After an utterance a fresh decoder goes on (at once, or after a minute for a model that adapts), so what is said
    next depends on nothing before the utterance's `audio_bytes`, and a restart there changes no word.
    """

    def __init__(self, recogniser: VoskRecogniser, sample_rate: int, offset: float) -> None:
        self._recogniser = recogniser
        self._rate = sample_rate
        self._offset = offset
        self._block = 2 * int(sample_rate * BLOCK_SECONDS)
        self._begin_at(0)
        self._audio = bytearray()
        self._audio_from = 0

    def _begin_at(self, position: int) -> None:
        self._decoder = self._recogniser.decoder()
        self._resampler = Resampler(self._rate, self._recogniser.sample_rate)
        self._decoder_from = self._decoded = self._utterance_from = position

    def accept(self, pcm: bytes) -> list[Transcript]:
        """Decode every whole block and return the utterances that ended in them."""
        self._audio += pcm
        heard: list[Transcript] = []
        while self._audio_from + len(self._audio) - self._decoded >= self._block:
            if self._decode(self._block):
                heard += self._end_utterance()
            elif self._seconds(self._decoded - self._utterance_from) >= self._recogniser.longest_utterance_seconds:
                heard += self._cut_monologue(self._read(self._decoder.Result()))
        return heard

    def partial(self) -> Transcript | None:
        """The unfinished utterance's words, as Kaldi's best path has them now."""
        text = joined(json.loads(self._decoder.PartialResult()).get("partial", "").split())
        if not text:
            return None
        start, end = self._time(self._utterance_from), self._time(self._decoded)
        return Transcript(text=text, start_time=start, end_time=end, confidence=0.0, raw_text=text)

    def finish(self) -> list[Transcript]:
        """Decode what is left and return the last utterance."""
        self._decode(self._audio_from + len(self._audio) - self._decoded)
        self._decoder.AcceptWaveform(self._resampler.flush())
        reading = self._read(self._decoder.FinalResult())
        self._decoder_from = self._decoded
        return self._transcripts(reading)

    def _decode(self, size: int) -> bool:
        begin = self._decoded - self._audio_from
        pcm = self._resampler.resample(bytes(self._audio[begin : begin + size]))
        self._decoded += size
        return bool(self._decoder.AcceptWaveform(pcm))

    def _end_utterance(self) -> list[Transcript]:
        reading = self._read(self._decoder.Result())
        if reading.words and self._time(self._decoded) - reading.words[-1].end < SHORTEST_SILENCE:
            return self._cut_monologue(reading)
        self._go_on_from(self._decoded - self._bytes(STEP_BACK_SECONDS))
        return self._transcripts(reading)

    def _cut_monologue(self, reading: Reading) -> list[Transcript]:
        """Return the words before the longest pause near the limit; those behind it are decoded again with what
        follows."""
        now = self._time(self._decoded)
        ends = [word.end for word in reading.words]
        starts = [word.start for word in reading.words[1:]] + [now]
        pauses = [
            (start - end, end, (start + end) / 2)
            for end, start in zip(ends, starts, strict=True)
            if now - CUT_WINDOW_SECONDS <= end <= now - CUT_MARGIN_SECONDS
        ]
        if not pauses:
            self._go_on_from(self._decoded - self._bytes(STEP_BACK_SECONDS))
            return self._transcripts(reading)
        _, last, middle = max(pauses)
        self._go_on_from(self._bytes(middle - self._offset), fresh=True)
        return self._transcripts(Reading(tuple(word for word in reading.words if word.end <= last)))

    def _go_on_from(self, position: int, fresh: bool = False) -> None:
        """Begin the next utterance, with a fresh decoder and the audio from there on, or with this one as it stands."""
        age = self._seconds(self._decoded - self._decoder_from)
        if fresh or age >= self._recogniser.fresh_after_seconds:
            self._begin_at(max(position, self._audio_from))
            del self._audio[: self._decoder_from - self._audio_from]
            self._audio_from = self._decoder_from
        else:
            self._utterance_from = self._decoded
            keep = max(self._audio_from, self._decoded - self._bytes(CUT_WINDOW_SECONDS))
            del self._audio[: keep - self._audio_from]
            self._audio_from = keep

    def _read(self, result: str) -> Reading:
        return read_n_best(json.loads(result), self._time(self._decoder_from))

    def _transcripts(self, reading: Reading) -> list[Transcript]:
        words = reading.words
        if not words:
            return []
        text = joined(word.word for word in words)
        return [
            Transcript(
                text=text,
                start_time=words[0].start,
                end_time=words[-1].end,
                confidence=round(sum(word.confidence for word in words) / len(words), 3),
                words=words,
                is_final=True,
                alternatives=reading.alternatives,
                raw_text=text,
                audio_bytes=self._decoder_from,
            )
        ]

    def _bytes(self, seconds: float) -> int:
        return 2 * int(seconds * self._rate)

    def _seconds(self, size: int) -> float:
        return size / 2 / self._rate

    def _time(self, position: int) -> float:
        return self._offset + self._seconds(position)

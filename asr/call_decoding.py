"""One call being transcribed: its recording read from an offset, its utterances written as facts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from asr.recogniser import Recogniser, RecognitionStream, Transcript
from live_bus.bus import LiveBus
from spool.call_folder import HEADER_SIZE, SAMPLE_WIDTH, CallFolder
from spool.facts import Ended, Fact, Transcribed, UtteranceHeard

STEP_SECONDS = 0.05
"Audio decoded before another call has its turn; about 2 ms of processor time."
EARLIEST_RATE, LATEST_RATE = 4000, 48000
"Rates a recording can have; any other header is damage."


class CallDecoding:
    """A call from its last final utterance to `Transcribed`; used by one thread at a time."""

    def __init__(
        self,
        folder: CallFolder,
        recogniser: Recogniser,
        bus: LiveBus,
        partial_interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.decoded = 0
        "Bytes of PCM given to the recogniser."
        self.recorded = 0
        "Bytes of PCM there were at the last look."
        self.ended = False
        self.transcribed = False
        self._recogniser = recogniser
        self._bus = bus
        self._partial_interval = partial_interval
        self._clock = clock
        self._stream: RecognitionStream | None = None
        self._audio = -1
        self._rate = 0
        self._began_at = 0
        self._facts_read = 0
        self._ended_at = 0.0
        self._utterances = 0
        self._heard_until = -1.0
        self._partial_at = 0.0
        self._partial_text = ""
        self._resume()
        self.look()
        self.is_backlog = self.ended

    def _resume(self) -> None:
        """Take note of what was written before this process."""
        for line in self.folder.facts():
            if isinstance(line.fact, UtteranceHeard):
                self._utterances = line.fact.index + 1
                self._heard_until = line.fact.end_time
                self.decoded = line.fact.audio_bytes
            self.transcribed = self.transcribed or isinstance(line.fact, Transcribed)

    def look(self) -> None:
        """Notice audio and the end of the call from its folder; like `recorded`, only the main thread changes these."""
        ended = self.ended or self._has_ended()
        self.recorded = max(self.recorded, self.folder.audio_bytes())
        if ended and not self.ended:
            self._ended_at = self._clock()
            self.ended = True  # last: a thread that sees it may rely on `recorded`

    def _has_ended(self) -> bool:
        ended = False
        for line in self.folder.facts(self._facts_read):
            self._facts_read = line.end_offset
            ended = ended or isinstance(line.fact, Ended)
        return ended

    @property
    def lag(self) -> float:
        """Seconds recorded and not yet decoded."""
        return (self.recorded - self.decoded) / SAMPLE_WIDTH / (self._rate or 8000)

    @property
    def waiting(self) -> float:
        """Seconds since the oldest audio that is not decoded was spoken, as far as is known here."""
        return self.lag + (self._clock() - self._ended_at if self.ended else 0.0)

    @property
    def is_ready(self) -> bool:
        """Whether a step would do something."""
        return self.ended or self.lag >= STEP_SECONDS

    def step(self) -> float:
        """Decode the next piece, or what is left when the call has ended; return the seconds decoded."""
        stream = self._stream or self._open()
        if stream is None:
            return 0.0
        size = SAMPLE_WIDTH * int(self._rate * STEP_SECONDS)
        pcm = self._read(size)
        self.decoded += len(pcm)
        self._write(stream.accept(pcm))
        if self.ended and len(pcm) < size:
            self._finish(stream)
        else:
            self._publish_partial(stream)
        return self._seconds(len(pcm))

    def _open(self) -> RecognitionStream | None:
        """Begin where the last final utterance left off; None when there is nothing to hear (yet)."""
        if self.recorded == 0:
            if self.ended:
                self._append(Transcribed(at=_now(), utterances=self._utterances, audio_seconds=0.0))
            return None
        self._rate = self.folder.sample_rate()
        if not EARLIEST_RATE <= self._rate <= LATEST_RATE:
            raise ValueError(f"a recording with {self._rate} samples a second")
        self._audio = os.open(self.folder.audio_path, os.O_RDONLY | os.O_CLOEXEC)
        self._stream = self._recogniser.stream(self._rate, self._seconds(self.decoded))
        self._began_at = self.decoded
        return self._stream

    def _read(self, size: int) -> bytes:
        """The file stays open: opening it twenty times a second would cost a tenth of the decoding."""
        pcm = os.pread(self._audio, size, HEADER_SIZE + self.decoded)
        return pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH]

    def close(self) -> None:
        """Let go of the recording; the decoding is at its end."""
        self._stream = None
        if self._audio >= 0:
            os.close(self._audio)
            self._audio = -1

    def _finish(self, stream: RecognitionStream) -> None:
        self._write(stream.finish())
        seconds = self._seconds(self.decoded)
        self._append(Transcribed(at=_now(), utterances=self._utterances, audio_seconds=seconds))

    def set_aside(self, remark: str) -> None:
        """Say that this call is given up."""
        seconds = self._seconds(self.decoded) if self._rate else 0.0
        self._append(
            Transcribed(at=_now(), utterances=self._utterances, audio_seconds=seconds, complete=False, remark=remark)
        )

    def _write(self, transcripts: list[Transcript]) -> None:
        for transcript in transcripts:
            if transcript.end_time <= self._heard_until:
                continue  # decoded again after a restart, written before it
            self._heard_until = transcript.end_time
            audio_bytes = self._began_at + transcript.audio_bytes
            self._append(_heard(transcript, self._utterances, audio_bytes, self._recogniser.name))
            self._utterances += 1
            self._partial_text = ""

    def _append(self, fact: Fact) -> None:
        self.folder.append(fact)
        self.transcribed = self.transcribed or isinstance(fact, Transcribed)
        self._bus.publish("facts", {"call_id": self.folder.call_id})

    def _publish_partial(self, stream: RecognitionStream) -> None:
        now = self._clock()
        if now - self._partial_at < self._partial_interval:
            return
        partial = stream.partial()
        text = partial.text if partial else ""
        if partial is None or text == self._partial_text or partial.end_time <= self._heard_until:
            return
        self._partial_at, self._partial_text = now, text
        self._bus.publish(
            "partial",
            {
                "call_id": self.folder.call_id,
                "index": self._utterances,
                "text": text,
                "start_time": partial.start_time,
                "end_time": partial.end_time,
            },
        )

    def _seconds(self, size: int) -> float:
        return size / SAMPLE_WIDTH / (self._rate or self.folder.sample_rate())


def _heard(transcript: Transcript, index: int, audio_bytes: int, model: str) -> UtteranceHeard:
    return UtteranceHeard(
        at=_now(),
        index=index,
        start_time=transcript.start_time,
        end_time=transcript.end_time,
        text=transcript.text,
        confidence=transcript.confidence,
        words=[asdict(word) for word in transcript.words],
        alternatives=list(transcript.alternatives),
        raw_text=transcript.raw_text,
        audio_bytes=audio_bytes,
        model=model,
    )


def _now() -> datetime:
    return datetime.now(UTC)

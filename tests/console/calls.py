"""Calls of the console's tests: real sound by the machine voice, words with times and doubts."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from math import sin
from pathlib import Path

from spool.call_folder import wav_header
from spool.facts import Ended, UtteranceHeard
from tests.spool_calls import SpokenCall

RATE = 8000
COMPLAINT = (
    ("你好", "我姓王", "我 要 投诉"),
    ("兰山区", "银雀山街道", "小区", "门口", "的", "垃圾"),
    ("三天", "没有人", "来", "清理", "了", "味道", "很", "大"),
)


class ShownCall(SpokenCall):
    """A call whose words have seconds of their own."""

    def __init__(self, spool_dir: Path, caller: str = "13800001234", at: datetime | None = None) -> None:
        super().__init__(spool_dir, caller, at or datetime.now(UTC))
        self.second = 0.5

    def speak(self, *sentences: Sequence[str], confidence: float = 0.93) -> ShownCall:
        """Append sentences, each a sequence of words of a third of a second a syllable; 了 and 大 are doubtful."""
        for sentence in sentences:
            words = []
            start = self.second
            for word in sentence:
                end = self.second + 0.28 * len(word)
                doubt = {"了": 0.71, "大": 0.42}.get(word, confidence)
                words.append({"word": word, "start": self.second, "end": end, "confidence": doubt})
                self.second = end + 0.05
            text = "".join(sentence)
            index, self.heard = self.heard, self.heard + 1
            fact = UtteranceHeard(
                at=self.later(), index=index, start_time=start, end_time=self.second, text=text,
                confidence=confidence, words=words,
            )  # fmt: skip
            self.append(fact)
            self.second += 0.6
        return self

    def record_tone(self) -> ShownCall:
        """Write a recording as long as the words: a tone that swells with each second."""
        count = int(self.second * RATE)
        samples = [int(9000 * abs(sin(i / 5000)) * sin(i / 6)) for i in range(count)]
        pcm = struct.pack(f"<{count}h", *samples)
        self.folder.audio_path.write_bytes(wav_header(RATE, len(pcm)) + pcm)
        return self

    def finish(self) -> ShownCall:
        """Hang up and have every word."""
        self.record_tone()
        over = Ended(at=self.later(), end_reason="caller_hung_up", recorded_seconds=self.second, packets_received=900)
        self.append(over)
        self.transcribed()
        return self


def complaint(spool_dir: Path, caller: str = "13800001234", at: datetime | None = None) -> ShownCall:
    """A whole call about rubbish at a gate."""
    call = ShownCall(spool_dir, caller, at)
    call.answer()
    return call.speak(*COMPLAINT).finish()

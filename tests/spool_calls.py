"""Calls as the left side would have written them into the spool, and a plain drafting, for tests of the right side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from drafting.draft import FIELD_NAMES, CallFacts, DraftField, DraftTicket, Evidence, Heard
from intake.redrafting import Drafting
from spool.call_folder import HEADER_SIZE, CallFolder, create_call_folder, wav_header
from spool.call_id import uuid7
from spool.facts import Answered, Digit, Ended, Fact, Invited, Transcribed, UtteranceHeard

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"Noon in Linyi."


def plain_draft(heard: Sequence[Heard], call: CallFacts) -> DraftTicket:
    """The first utterance is the title, all are the content, the caller's number is the phone."""
    fields = dict.fromkeys(FIELD_NAMES, DraftField())
    if call.caller_number:
        fields["phone"] = DraftField(call.caller_number, 0.5, source="caller_id")
    if heard:
        first = heard[0]
        evidence = (Evidence(first.index, 0, len(first.text), first.text),)
        fields["title"] = DraftField(first.text, first.confidence, evidence, "heard")
        fields["content"] = DraftField("".join(h.text for h in heard), first.confidence, evidence, "heard")
    if any("着火" in h.text for h in heard):
        fields["urgency"] = replace(DraftField("emergency", 0.9), source="heard")
    return DraftTicket(fields)


PLAIN = Drafting(plain_draft, ZoneInfo("Asia/Shanghai"))


class SpokenCall:
    """A call's folder that grows as the test says."""

    def __init__(self, spool_dir: Path, caller: str = "13800001234", at: datetime = NOON) -> None:
        self.at = at
        self.id = uuid7(at.timestamp())
        self.folder: CallFolder = create_call_folder(spool_dir, str(self.id))
        self.heard = 0
        self.append(
            Invited(
                at=at,
                call_id=str(self.id),
                sip_call_id=f"{self.id}@caller",
                caller_number=caller,
                called_number="12345",
                node="n1",
            )
        )

    def append(self, *facts: Fact) -> SpokenCall:
        for fact in facts:
            self.folder.append(fact)
        return self

    def later(self, seconds: float = 1) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at

    def answer(self) -> SpokenCall:
        return self.append(Answered(at=self.later(), codec="PCMA", sample_rate=8000))

    def press(self, digits: str) -> SpokenCall:
        return self.append(*(Digit(at=self.later(), digit=digit, position=1.0) for digit in digits))

    def say(self, *texts: str) -> SpokenCall:
        for text in texts:
            index, self.heard = self.heard, self.heard + 1
            words = [{"word": text, "start": 1.0, "end": 2.0, "confidence": 0.9}]
            self.append(
                UtteranceHeard(
                    at=self.later(), index=index, start_time=1.0, end_time=2.0, text=text, confidence=0.9, words=words
                )
            )
        return self

    def record(self, seconds: float = 1.0) -> SpokenCall:
        """Write a recording of silence."""
        pcm = bytes(int(seconds * 8000) * 2)
        self.folder.audio_path.write_bytes(wav_header(8000, len(pcm)) + pcm)
        assert self.folder.audio_path.stat().st_size == HEADER_SIZE + len(pcm)
        return self

    def end(self, reason: str = "caller_hung_up") -> SpokenCall:
        return self.append(Ended(at=self.later(), end_reason=reason, packets_received=50, packets_lost=1))

    def transcribed(self, complete: bool = True) -> SpokenCall:
        return self.append(Transcribed(at=self.later(), utterances=self.heard, audio_seconds=1.0, complete=complete))

    def whole(self, *texts: str) -> SpokenCall:
        """A call from the first ring to its last word."""
        return self.answer().say(*texts).end().transcribed()

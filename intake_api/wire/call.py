"""Calls and their words on the wire."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.masking import mask_number
from intake_api.wire import examples
from models.tables import Call, Utterance


class CallOut(BaseModel):
    """A telephone call."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [examples.CALL]})

    id: UUID
    sip_call_id: str
    caller_number: str = Field(description="Masked, like 138****1234, for who may only read.", examples=["138****1234"])
    caller_name: str = Field(description="What the telephone network calls the caller; blank when masked.")
    called_number: str
    state: str = Field(description="ringing, answered, ended", examples=["ended"])
    invited_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None = Field(examples=["caller_hung_up"])
    digits: str = Field(description="Keys heard (DTMF), in order.", examples=["1"])
    wishes: list[str] = Field(description="What the caller asked for, for example `person`.")
    codec: str = Field(examples=["PCMA"])
    recorded_seconds: float
    packets_received: int
    packets_lost: int
    transcribed_at: datetime | None
    transcript_complete: bool
    remark: str = Field(description="In words: a restart, no audio, the recogniser gave up.")
    node: str

    @classmethod
    def of(cls, call: Call, *, sees_numbers: bool) -> CallOut:
        """Return a call as it is shown to somebody who does, or does not, see numbers."""
        shown = cls.model_validate(call)
        if not sees_numbers:
            shown.caller_number = mask_number(call.caller_number)
            shown.caller_name = ""
        return shown


class WordOut(BaseModel):
    """A word, its place in the recording in seconds, and the probability that it is right."""

    word: str
    start: float
    end: float
    confidence: float


class UtteranceOut(BaseModel):
    """A finished utterance; `text` is what holds: the correction where there is one."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.UTTERANCE]})

    index: int
    start_time: float
    end_time: float
    text: str
    confidence: float
    words: list[WordOut]
    heard_text: str = Field(description="What the recogniser wrote.")
    corrected_by: str | None = None
    corrected_at: datetime | None = None
    alternatives: list[str] = []

    @classmethod
    def of(cls, utterance: Utterance) -> UtteranceOut:
        """Return an utterance as it is shown."""
        corrected = utterance.corrected_text
        return cls(
            index=utterance.index,
            start_time=utterance.start_time,
            end_time=utterance.end_time,
            text=utterance.text if corrected is None else corrected,
            confidence=utterance.confidence,
            words=[WordOut.model_validate(word) for word in utterance.words],
            heard_text=utterance.text,
            corrected_by=utterance.corrected_by,
            corrected_at=utterance.corrected_at,
            alternatives=utterance.alternatives,
        )


class TranscriptOut(BaseModel):
    """Every finished utterance of a call, in order."""

    utterances: list[UtteranceOut]

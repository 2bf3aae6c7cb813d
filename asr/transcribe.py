"""Offline transcription of recordings: the live path's words, in the transcript's shape, as JSON, subtitles or text."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from asr.recogniser import Recogniser, RecognitionStream, Transcript

Progress = Callable[[float, float], None]
"Told seconds done and seconds in all."
READ_SECONDS = 1.0
MOST_CHANNELS = 8  # a meeting's recorder; more is a damaged header


class UnreadableAudio(Exception):
    """A file is not a recording that can be read; the message is one plain sentence."""


def transcribe_file(path: Path, recogniser: Recogniser, progress: Progress | None = None) -> dict[str, Any]:
    """Return `{"file", "utterances": [...]}`; with several channels each is a speaker and utterances say which.

    Raises `UnreadableAudio`.
    """
    channels: list[list[Transcript]] = [[] for _ in range(_channels(path))]
    streams: list[RecognitionStream] = []
    for rate, block, done, total in _blocks(path):
        streams = streams or [recogniser.stream(rate) for _ in channels]
        for channel, stream, samples in zip(channels, streams, block.T, strict=True):
            channel.extend(stream.accept(samples.tobytes()))
        if progress:
            progress(done, total)
    for channel, stream in zip(channels, streams, strict=False):  # an empty recording has no streams
        channel.extend(stream.finish())
    return {"file": str(path), "utterances": _utterances(channels)}


def _utterances(channels: list[list[Transcript]]) -> list[dict[str, Any]]:
    numbered = [[(heard.start_time, number, heard) for heard in channel] for number, channel in enumerate(channels)]
    merged = heapq.merge(*numbered, key=lambda entry: entry[:2])
    return [
        {
            "index": index,
            **({"channel": number} if len(channels) > 1 else {}),
            "start_time": heard.start_time,
            "end_time": heard.end_time,
            "text": heard.text,
            "confidence": heard.confidence,
            "words": [asdict(word) for word in heard.words],
            "alternatives": list(heard.alternatives),
            "raw_text": heard.raw_text,
        }
        for index, (_, number, heard) in enumerate(merged)
    ]


def _channels(path: Path) -> int:
    try:
        count = int(soundfile.info(str(path)).channels)
    except (OSError, RuntimeError):
        raise UnreadableAudio("this is not a recording that can be read (WAV, FLAC, Opus, Ogg or MP3)") from None
    if count > MOST_CHANNELS:
        raise UnreadableAudio(f"a recording with {count} channels is refused")
    return count


def _blocks(path: Path) -> Iterator[tuple[int, np.ndarray[Any, np.dtype[np.int16]], float, float]]:
    try:
        with soundfile.SoundFile(str(path)) as recording:
            rate = int(recording.samplerate)
            done = 0
            for block in recording.blocks(int(rate * READ_SECONDS), dtype="int16", always_2d=True):
                done += len(block)
                yield rate, np.ascontiguousarray(block), done / rate, recording.frames / rate
    except (OSError, RuntimeError) as error:
        raise UnreadableAudio(f"the recording is damaged: {error}") from error


def as_text(result: dict[str, Any]) -> str:
    """One line an utterance, with its time and, where there are several, its speaker."""
    lines = []
    for utterance in result["utterances"]:
        speaker = f" {utterance['channel'] + 1}:" if "channel" in utterance else ""
        lines.append(f"[{_clock(utterance['start_time'], '.')}]{speaker} {utterance['text']}")
    return "\n".join(lines)


def as_srt(result: dict[str, Any]) -> str:
    """Subtitles (SubRip): number, times, text, empty line."""
    cues = []
    for number, utterance in enumerate(result["utterances"], start=1):
        times = f"{_clock(utterance['start_time'], ',')} --> {_clock(utterance['end_time'], ',')}"
        speaker = f"[{utterance['channel'] + 1}] " if "channel" in utterance else ""
        cues.append(f"{number}\n{times}\n{speaker}{utterance['text']}\n")
    return "\n".join(cues)


def _clock(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{mark}{milliseconds % 1000:03}"

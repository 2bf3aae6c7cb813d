"""A stand-in for the `calls` process: writes recordings into the spool at any speed and tells the news."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from asr.recogniser import Recogniser, Transcript
from config.settings import Settings
from live_bus.bus import LiveBus
from spool.call_folder import CallFolder, create_call_folder, wav_header
from spool.call_id import uuid7
from spool.facts import Ended, Invited, UtteranceHeard

PACKET = 1600  # bytes written at a time: 100 ms


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def begin_call(settings: Settings) -> CallFolder:
    """Make the folder of a call that has just been invited."""
    folder = create_call_folder(settings.spool_dir, str(uuid7()))
    number = "13905391234"
    folder.append(
        Invited(
            at=now(),
            call_id=folder.call_id,
            sip_call_id="x@test",
            caller_number=number,
            called_number="12345",
            node="a",
        )
    )
    return folder


def record(folder: CallFolder, pcm: bytes, sample_rate: int = 8000) -> None:
    """Write a whole recording at once."""
    folder.audio_path.write_bytes(wav_header(sample_rate, None) + pcm)


def end_call(folder: CallFolder) -> None:
    """Write the last fact of the call flow."""
    folder.append(Ended(at=now(), end_reason="caller_hung_up"))
    folder.seal_audio()


class Callers(threading.Thread):
    """Several callers who speak at once, `speed` times as fast as people do; the news is told unless `silent`."""

    def __init__(
        self, settings: Settings, bus: LiveBus, speeches: Sequence[bytes], speed: float, silent: bool = False
    ) -> None:
        super().__init__(daemon=True)
        self.calls = [(begin_call(settings), speech) for speech in speeches]
        self._bus = bus
        self._speed = speed
        self._silent = silent
        self.begun = self.ended_at = 0.0
        for folder, _ in self.calls:
            folder.audio_path.write_bytes(wav_header(8000, None))

    def run(self) -> None:
        """Speak to the end, then hang up."""
        longest = max(len(speech) for _, speech in self.calls)
        self.begun = time.monotonic()
        for position in range(0, longest, PACKET):
            spoken_at = self.begun + (position + PACKET) / 16000 / self._speed
            time.sleep(max(0.0, spoken_at - time.monotonic()))
            for folder, speech in self.calls:
                with folder.audio_path.open("ab") as recording:
                    recording.write(speech[position : position + PACKET])
                self._tell(folder, min(position + PACKET, len(speech)), ended=False)
        self.ended_at = time.monotonic()
        for folder, speech in self.calls:
            end_call(folder)
            self._tell(folder, len(speech), ended=True)

    def _tell(self, folder: CallFolder, size: int, ended: bool) -> None:
        if not self._silent:
            self._bus.publish("audio", {"call_id": folder.call_id, "bytes": size, "ended": ended})


def wait_until_transcribed(folders: Sequence[CallFolder], seconds: float = 90.0) -> float:
    """Return the moment at which every call was transcribed; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    waiting = list(folders)
    while waiting := [folder for folder in waiting if not folder.is_transcribed]:
        assert time.monotonic() < deadline, f"{len(waiting)} calls are not transcribed"
        time.sleep(0.01)
    return time.monotonic()


def utterances(folder: CallFolder) -> list[UtteranceHeard]:
    """The utterances written for a call."""
    return [line.fact for line in folder.facts() if isinstance(line.fact, UtteranceHeard)]


def offline(recogniser: Recogniser, pcm: bytes, rate: int = 8000) -> list[Transcript]:
    """Decode all at once."""
    stream = recogniser.stream(rate)
    return stream.accept(pcm) + stream.finish()


def as_heard(heard: Sequence[Transcript | UtteranceHeard]) -> list[tuple[str, float, float, float, int]]:
    """Everything about utterances that live and offline decoding must agree on."""
    return [(u.text, u.start_time, u.end_time, u.confidence, u.audio_bytes) for u in heard]

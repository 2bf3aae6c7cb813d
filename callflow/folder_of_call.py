"""A call's folder while the call lasts: facts and audio go in, news goes out, and a full disk is survived."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from callflow.recording import Recording
from live_bus.bus import LiveBus
from spool.call_folder import CallFolder, create_call_folder
from spool.facts import Fact, Invited
from telephony.engine import LadderEntry

logger = logging.getLogger(__name__)


class FolderOfCall:
    """The `AudioSink` of a conversation and the place of its facts.

    `is_recorded` is false when nothing could be or should be written: the caller hears an apology then.
    """

    def __init__(self, folder: CallFolder, bus: LiveBus, *, is_recorded: bool) -> None:
        self._folder = folder
        self._bus = bus
        self._opened = False
        self._unwritten: list[Fact] = []  # a full disk; a call has some dozen facts
        self._told_unwritten = False
        self.call_id = folder.call_id
        self.is_recorded = is_recorded
        self.on_failure: Callable[[], None] = _nothing
        self.on_audio: Callable[[bytes], None] = _nothing
        self._recording = Recording(folder, bus, self._fail, self._hear)

    def open_recording(self, sample_rate: int) -> None:
        """Create the recording, once the call's rate is agreed."""
        if not self.is_recorded or self._opened:
            return
        self._opened = True
        try:
            self._recording.open(sample_rate)
        except OSError as error:
            logger.error("call %s: no recording could be made: %s", self.call_id, error)
            self._fail()

    def write(self, pcm: bytes) -> None:
        """Append the caller's audio."""
        self._recording.write(pcm)

    def note(self, fact: Fact) -> None:
        """Append a fact and tell who keeps them; one that cannot be written waits here until it can."""
        self._unwritten.append(fact)
        self.write_again()

    def write_again(self) -> None:
        """Write what waits, in order; the first failure is logged by the fact's kind, the rest wait with it."""
        try:
            while self._unwritten:
                self._folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._folder.append(self._unwritten[0])
                self._unwritten.pop(0)
                self._told_unwritten = False
        except OSError as error:
            if not self._told_unwritten:
                self._told_unwritten = True
                name = self._unwritten[0].name
                logger.error("call %s: fact %s cannot be written yet: %s", self.call_id, name, error)
            return
        self._bus.publish("facts", {"call_id": self.call_id})

    @property
    def is_written(self) -> bool:
        """Whether every fact is in the folder."""
        return not self._unwritten

    def keep_ladder(self, ladder: Sequence[LadderEntry]) -> None:
        """Write the call's SIP messages into `sip.jsonl`, one a line; who reads it meanwhile sees all lines or none."""
        lines = [json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in ladder]
        path = self._folder.path / "sip.jsonl"
        part = path.with_suffix(".part")
        try:
            part.write_text("".join(lines), encoding="utf-8")
            os.replace(part, path)
        except OSError as error:
            logger.error("call %s: the SIP messages could not be kept: %s", self.call_id, error)

    def close_recording(self) -> float:
        """Complete the recording and return its seconds."""
        try:
            self._recording.close()
            return self._recording.seconds_written
        except OSError as error:
            logger.error("call %s: the recording could not be completed: %s", self.call_id, error)
            return 0.0

    def sync(self) -> None:
        """Bring facts and audio to the disk itself (fdatasync may take long: call it from a thread)."""
        for path in (self._folder.events_path, self._folder.audio_path):
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                continue  # nothing was recorded
            try:
                os.fdatasync(descriptor)
            except OSError as error:
                logger.error("call %s: %s may be lost with the power: %s", self.call_id, path.name, error)
            finally:
                os.close(descriptor)

    def tell_end(self) -> None:
        """Tell the recogniser that the call is over."""
        self._recording.tell_end()

    def _hear(self, pcm: bytes) -> None:
        self.on_audio(pcm)

    def _fail(self) -> None:
        self.is_recorded = False
        self.on_failure()


def open_folder(spool_dir: Path, invited: Invited, bus: LiveBus, full_disk_bytes: int) -> FolderOfCall:
    """Make the folder of a new call; below `full_disk_bytes` of free disk its facts are kept and its audio is not."""
    folder = CallFolder(spool_dir / invited.call_id)
    try:
        folder = create_call_folder(spool_dir, invited.call_id)
        recorded = shutil.disk_usage(spool_dir).free >= full_disk_bytes
    except OSError as error:
        logger.error("call %s: no folder could be made: %s", invited.call_id, error)
        recorded = False
    of_call = FolderOfCall(folder, bus, is_recorded=recorded)
    of_call.note(invited)
    return of_call


def _nothing(*_: object) -> None:
    """Before the call is answered nobody listens."""

"""The recording: PCM appended to `audio.wav` as it arrives, and news of its length for the recogniser."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable

from live_bus.bus import LiveBus
from spool.call_folder import HEADER_SIZE, SAMPLE_WIDTH, CallFolder, wav_header

logger = logging.getLogger(__name__)

NEWS_EVERY_SECONDS = 0.05
"How often the recogniser is told of new audio: its own block is as long."


class Recording:
    """An `AudioSink` that writes straight to the file: nothing waits in this process, so nothing dies with it."""

    def __init__(
        self, folder: CallFolder, bus: LiveBus, on_failure: Callable[[], None], on_audio: Callable[[bytes], None]
    ) -> None:
        self._folder = folder
        self._bus = bus
        self._on_failure = on_failure
        self._on_audio = on_audio
        self._descriptor: int | None = None
        self._bytes = 0
        self._told = 0
        self._news_every = 0

    def open(self, sample_rate: int) -> None:
        """Create the file with a header that says "still growing"; raises `OSError`."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self._folder.audio_path, flags, 0o600)
        os.write(self._descriptor, wav_header(sample_rate, None))
        self._news_every = int(sample_rate * NEWS_EVERY_SECONDS) * SAMPLE_WIDTH

    def write(self, pcm: bytes) -> None:
        """Append samples; a disk that takes no more ends the recording and says so, once."""
        if self._descriptor is None:
            return
        try:
            written = os.write(self._descriptor, pcm)
            if written != len(pcm):
                raise OSError(errno.ENOSPC, "the disk is full")
        except OSError as error:
            logger.error("call %s: recording stopped after %d bytes: %s", self._folder.call_id, self._bytes, error)
            self._close_file()
            self._on_failure()
            return
        self._bytes += written
        self._on_audio(pcm)
        if self._bytes - self._told >= self._news_every:
            self._tell(ended=False)

    def close(self) -> None:
        """Write the true size into the header."""
        self._close_file()
        self._folder.seal_audio()

    def tell_end(self) -> None:
        """Tell the recogniser that no more audio follows."""
        self._tell(ended=True)

    @property
    def seconds_written(self) -> float:
        """Length of the recording, by its file."""
        return self._folder.audio_bytes() / SAMPLE_WIDTH / self._folder.sample_rate()

    def _tell(self, *, ended: bool) -> None:
        self._told = self._bytes
        self._bus.publish("audio", {"call_id": self._folder.call_id, "bytes": self._bytes, "ended": ended})

    def _close_file(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def complete_unfinished_recording(folder: CallFolder) -> float:
    """Seal a recording that a crash left open and return its seconds."""
    folder.seal_audio()
    if not folder.audio_path.exists() or folder.audio_path.stat().st_size < HEADER_SIZE:
        return 0.0
    return folder.audio_bytes() / SAMPLE_WIDTH / folder.sample_rate()

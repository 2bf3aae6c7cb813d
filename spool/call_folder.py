"""One call's folder: written by `telephony/` and `asr/`, read by anybody."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spool.facts import Ended, Fact, Transcribed, read_fact

SAMPLE_WIDTH = 2
HEADER_SIZE = 44
UNKNOWN_SIZE = 0xFFFFFFFF


def wav_header(sample_rate: int, data_bytes: int | None) -> bytes:
    """Return a 44-byte RIFF header for mono 16-bit PCM; None while the recording still grows."""
    size = UNKNOWN_SIZE if data_bytes is None else data_bytes
    riff = UNKNOWN_SIZE if data_bytes is None else data_bytes + HEADER_SIZE - 8
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, 1),
        *(sample_rate, sample_rate * SAMPLE_WIDTH, SAMPLE_WIDTH, 16, b"data", size),
    )


@dataclass(frozen=True)
class FactLine:
    """A fact and the offset in bytes just behind its line."""

    fact: Fact | None
    end_offset: int


class CallFolder:
    """`<spool>/<call id>/` with `audio.wav`, `events.jsonl` and, while a call lasts, nothing else that matters."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.call_id = path.name
        self.audio_path = path / "audio.wav"
        self.events_path = path / "events.jsonl"

    def append(self, fact: Fact) -> None:
        """Append one line in one write; several processes may do so at once (O_APPEND). Raises `OSError` when the
        disk is full."""
        line = bytes(fact)
        descriptor = os.open(self.events_path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _ends_with_newline(descriptor):
                line = b"\n" + line
            if os.write(descriptor, line) != len(line):
                raise OSError(28, "the disk is full: a fact could not be written")
        finally:
            os.close(descriptor)

    def facts(self, offset: int = 0) -> Iterator[FactLine]:
        """Yield every whole line from a byte offset on; a line that is broken yields None so that the offset moves
        past it."""
        try:
            stream = self.events_path.open("rb")
        except FileNotFoundError:
            return
        with stream:
            stream.seek(offset)
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                offset += len(line)
                yield FactLine(read_fact(line), offset)

    def has(self, *kinds: type[Fact]) -> bool:
        """Whether a fact of one of these kinds has been written."""
        return any(isinstance(line.fact, kinds) for line in self.facts())

    @property
    def is_ended(self) -> bool:
        """Whether the call is over."""
        return self.has(Ended)

    @property
    def is_transcribed(self) -> bool:
        """Whether the recogniser is done with it."""
        return self.has(Transcribed)

    def audio_bytes(self) -> int:
        """Bytes of PCM recorded so far, whole samples only."""
        try:
            size = self.audio_path.stat().st_size
        except FileNotFoundError:
            return 0
        return max(0, size - HEADER_SIZE) // SAMPLE_WIDTH * SAMPLE_WIDTH

    def sample_rate(self) -> int:
        """Samples a second, from the recording's header; 8000 when there is no recording yet."""
        try:
            with self.audio_path.open("rb") as stream:
                header = stream.read(HEADER_SIZE)
        except FileNotFoundError:
            return 8000
        return int(struct.unpack_from("<I", header, 24)[0]) if len(header) == HEADER_SIZE else 8000

    def read_audio(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes of PCM (16-bit little-endian mono) from an offset into the samples."""
        with self.audio_path.open("rb") as stream:
            stream.seek(HEADER_SIZE + offset)
            data = stream.read(size)
        return data[: len(data) // SAMPLE_WIDTH * SAMPLE_WIDTH]

    def seal_audio(self) -> None:
        """Write the true size into the header; a recording cut short by a crash is sealed the same way."""
        if not self.audio_path.exists():
            return
        size = self.audio_bytes()
        with self.audio_path.open("r+b") as stream:
            stream.truncate(HEADER_SIZE + size)
            stream.seek(4)
            stream.write(struct.pack("<I", size + HEADER_SIZE - 8))
            stream.seek(40)
            stream.write(struct.pack("<I", size))


def _ends_with_newline(descriptor: int) -> bool:
    """A line torn by a full disk or a lost process must not swallow the next one."""
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def create_call_folder(spool_dir: Path, call_id: str) -> CallFolder:
    """Make the folder of a new call, readable by the service's own account only."""
    folder = CallFolder(spool_dir / call_id)
    folder.path.mkdir(mode=0o700, parents=True)
    return folder


def call_folders(spool_dir: Path) -> list[CallFolder]:
    """Return every call's folder, oldest first (their names are UUIDv7)."""
    if not spool_dir.is_dir():
        return []
    return [CallFolder(path) for path in sorted(spool_dir.iterdir()) if path.is_dir()]

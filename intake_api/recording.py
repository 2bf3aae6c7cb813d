"""A call's recording, read in parts: growing in the spool, or finished in the blob store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from config.settings import Settings
from intake.blob_store import BlobStore
from intake_api.byte_range import ByteRange
from models.tables import Call
from spool.call_folder import HEADER_SIZE, CallFolder, wav_header

CHUNK_BYTES = 256 * 1024
"16 s of 8 kHz sound: few turns of a thread for a download, little memory for many."


class Recording(Protocol):
    """`size` bytes of a WAV as they were at one moment."""

    @property
    def size(self) -> int:
        """All bytes, the header's too."""

    def read(self, part: ByteRange) -> Iterator[bytes]:
        """Yield the bytes of a part."""


@dataclass(frozen=True)
class SpoolRecording:
    """A recording in the spool; its header is made here, as the file's does not know its length while it grows."""

    folder: CallFolder
    data_bytes: int

    @property
    def size(self) -> int:
        """All bytes."""
        return HEADER_SIZE + self.data_bytes

    def read(self, part: ByteRange) -> Iterator[bytes]:
        """Yield the bytes of a part."""
        if part.start < HEADER_SIZE:
            yield wav_header(self.folder.sample_rate(), self.data_bytes)[part.start : part.end]
        position = max(part.start, HEADER_SIZE)
        with self.folder.audio_path.open("rb") as stream:
            stream.seek(position)
            while position < part.end and (chunk := stream.read(min(CHUNK_BYTES, part.end - position))):
                position += len(chunk)
                yield chunk


@dataclass(frozen=True)
class StoredRecording:
    """A recording in the blob store."""

    store: BlobStore
    key: str
    size: int

    def read(self, part: ByteRange) -> Iterator[bytes]:
        """Yield the bytes of a part."""
        return self.store.read(self.key, part.start, part.end)


def find_recording(settings: Settings, store: BlobStore, call: Call) -> Recording | None:
    """Return the recording of a call as far as it goes; None when nothing was recorded, or it is no longer kept.

    Raises `BlobUnavailable` when the store is away.
    """
    folder = CallFolder(settings.spool_dir / str(call.id))
    if data_bytes := folder.audio_bytes():
        return SpoolRecording(folder, data_bytes)
    size = store.size(call.recording) if call.recording else None
    return StoredRecording(store, call.recording, size) if call.recording and size is not None else None

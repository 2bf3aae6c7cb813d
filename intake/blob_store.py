"""The seam `BlobStore`: where finished recordings are kept, by key."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 256 * 1024
KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*(?:[./][0-9A-Za-z_-]+)*")
"Names separated by slashes and points, none of them empty: a key can lead nowhere else."


class BlobUnavailable(Exception):
    """The store cannot be reached or is full: try again later."""


class BlobStore(Protocol):
    """Keeps files; a key that was put is there after a loss of power."""

    def put(self, key: str, source: Path) -> None:
        """Keep a file's bytes as they are now; the same key again replaces them. Raises `BlobUnavailable`."""

    def size(self, key: str) -> int | None:
        """Return the number of bytes, or None when there is no such key."""

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`; nothing beyond the blob's own end."""

    def delete(self, key: str) -> None:
        """Forget a key; doing it twice changes nothing."""


def checked_key(key: str) -> str:
    """Return a key that is one; raises `ValueError`."""
    if not KEY.fullmatch(key):
        raise ValueError("a recording's key has letters, digits, - and _ between slashes and points")
    return key


class LocalBlobStore:
    """Files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, source: Path) -> None:
        """Link the file, or copy it when the folder is on another disk; both appear under their name when whole."""
        path = self._path(key)
        part = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            _link_or_copy(source, part)
            _sync(part)
            os.replace(part, path)  # a link onto its own file does nothing and leaves the part
            part.unlink(missing_ok=True)
            _sync(path.parent)
        except OSError as error:
            raise BlobUnavailable(f"a recording cannot be kept: {error.strerror}") from error

    def size(self, key: str) -> int | None:
        """Return the file's size."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield parts of the file."""
        with self._path(key).open("rb") as stream:
            stream.seek(start)
            while start < end and (chunk := stream.read(min(CHUNK_BYTES, end - start))):
                start += len(chunk)
                yield chunk

    def delete(self, key: str) -> None:
        """Remove the file."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / checked_key(key)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
        target.chmod(0o600)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""`BlobStore` in an S3-compatible object store, by obstore (the `s3` extra); the only file that imports it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import from_url

from intake.blob_store import CHUNK_BYTES, BlobUnavailable, checked_key


class ObjectBlobStore:
    """Objects below a URL such as `s3://bucket/prefix`; credentials and region come from `AWS_...` variables."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def put(self, key: str, source: Path) -> None:
        """Upload the file, in parts when it is large; the store answers when it is durable."""
        try:
            obstore.put(self._store, checked_key(key), source)
        except BaseError as error:
            raise BlobUnavailable(f"a recording cannot be kept: {type(error).__name__}") from error

    def size(self, key: str) -> int | None:
        """Return the object's size."""
        try:
            return int(obstore.head(self._store, checked_key(key))["size"])
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise BlobUnavailable(f"a recording cannot be read: {type(error).__name__}") from error

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield parts of the object, each its own request: a listener who stops costs one part."""
        end = min(end, self.size(key) or 0)
        while start < end:
            part = min(start + CHUNK_BYTES, end)
            try:
                yield bytes(obstore.get_range(self._store, checked_key(key), start=start, end=part))
            except BaseError as error:
                raise BlobUnavailable(f"a recording cannot be read: {type(error).__name__}") from error
            start = part

    def delete(self, key: str) -> None:
        """Remove the object."""
        try:
            obstore.delete(self._store, checked_key(key))
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise BlobUnavailable(f"a recording cannot be removed: {type(error).__name__}") from error


def open_object_store(url: str) -> ObjectBlobStore:
    """Return the store of a URL (`s3://bucket/prefix`)."""
    return ObjectBlobStore(from_url(url))

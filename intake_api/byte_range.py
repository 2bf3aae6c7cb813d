"""Which bytes a request asks for (RFC 9110 section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
LONGEST_NUMBER = 18
"Digits: no recording has 10^18 bytes, and a number of a million digits takes long to read."


class Unsatisfiable(Exception):
    """The range begins behind the last byte: 416."""


@dataclass(frozen=True)
class ByteRange:
    """Bytes `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start

    def content_range(self, size: int) -> str:
        """Return the header `Content-Range` of a part."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def asked_range(header: str | None, size: int) -> ByteRange | None:
    """Return the range that a `Range` header asks for, None for the whole; raises `Unsatisfiable`.

    Several ranges, other units and what is no range at all are ignored, as section 14.2 allows.
    """
    found = ONE_RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None or max(map(len, found.groups())) > LONGEST_NUMBER:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        return _suffix(int(last), size)
    start, end = int(first), int(last) + 1 if last else size
    if end <= start and last:
        return None
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, min(end, size))


def _suffix(length: int, size: int) -> ByteRange:
    if length == 0 or size == 0:
        raise Unsatisfiable
    return ByteRange(max(0, size - length), size)

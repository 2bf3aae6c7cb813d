"""Call identifiers that sort by time."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7(unix_seconds: float | None = None) -> UUID:
    """Return a UUID version 7 (RFC 9562 section 5.7): milliseconds since 1970, then 74 random bits."""
    milliseconds = int((time.time() if unix_seconds is None else unix_seconds) * 1000) & (1 << 48) - 1
    bits = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=bits)

"""What `calls` and `recogniser` say of themselves: a small JSON file each, rewritten every second or so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from config.settings import Settings

FRESH = timedelta(seconds=10)
"A file older than this was written by a process that hangs or is gone; they write every second or two."


def read_status(settings: Settings, process: str) -> Mapping[str, Any]:
    """Return what the process wrote last; empty when it has written nothing that can be read."""
    try:
        status = json.loads((settings.runtime_dir / f"{process}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return status if isinstance(status, dict) else {}


def age_of(status: Mapping[str, Any], now: datetime) -> timedelta | None:
    """Return how long ago a status was written; None when it does not say."""
    try:
        written = datetime.fromisoformat(str(status["at"]))
        return now - written
    except (KeyError, ValueError, TypeError):
        return None

"""Logging: one line an event on standard error, as text for people or JSON for machines.

Logs carry identifiers, never speech, names or whole numbers. The standard library alone: every process pays for what it
imports before it answers its first call.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

NOISY = ("uvicorn.access", "uvicorn.error", "httpx", "alembic", "asyncio")
"Their news is not the service's; their warnings are."


class TextLines(logging.Formatter):
    """`2026-11-23T09:00:00.123Z warning calls telephony.asyncio_engine: ...`."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with a traceback below it where there is one."""
        line = f"{_moment(record)} {record.levelname.lower():7} {self._process} {record.name}: {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(TextLines):
    """An object a line: `at`, `level`, `process`, `logger`, `event` and, where there is one, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object."""
        event = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False)


def configure_logging(form: Literal["text", "json"], process: str, level: int = logging.INFO) -> None:
    """Send every record to standard error; call once a process."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(JsonLines(process) if form == "json" else TextLines(process))
    logging.basicConfig(handlers=[out], level=level, force=True)
    logging.captureWarnings(capture=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

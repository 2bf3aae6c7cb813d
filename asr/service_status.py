"""What the recogniser process says of itself: `recogniser.json` in the runtime folder, for /metrics and the console."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

STATUS_FILE = "recogniser.json"


@dataclass
class RecogniserStatus:
    """Written anew about once a second; older than a few seconds means that no recogniser runs."""

    at: str = ""
    "UTC, ISO 8601."
    pid: int = field(default_factory=os.getpid)
    model: str = ""
    good_for_zh: str = ""
    good_for_en: str = ""
    remark: str = ""
    "A plain sentence when something is wrong, for example that the chosen model could not be loaded."
    hears: bool | None = None
    "What the self-test at start found; None while it has not run."
    threads: int = 0
    live_calls: int = 0
    backlog_calls: int = 0
    lag_seconds: dict[str, float] = field(default_factory=dict)
    "Call id -> seconds recorded and not yet decoded."
    longest_lag_seconds: float = 0.0
    decoded_seconds: float = 0.0
    "Audio decoded since the process started."
    busy_seconds: float = 0.0
    "Processor time of the process since it started."
    set_aside: list[str] = field(default_factory=list)
    "Calls that were given up because the decoder died of them."

    def metrics(self) -> dict[str, float]:
        """What `/metrics` shows; a counter's name ends in `_total`."""
        return {
            "recogniser_live_calls": self.live_calls,
            "recogniser_backlog_calls": self.backlog_calls,
            "recogniser_longest_lag_seconds": self.longest_lag_seconds,
            "recogniser_decoded_seconds_total": self.decoded_seconds,
            "recogniser_processor_seconds_total": self.busy_seconds,
            "recogniser_calls_set_aside": len(self.set_aside),
            "recogniser_hears": int(bool(self.hears)),
        }


def write_status(runtime_dir: Path, status: RecogniserStatus) -> None:
    """Replace the status in one step."""
    path = runtime_dir / STATUS_FILE
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps(asdict(status) | {"metrics": status.metrics()}, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def read_status(runtime_dir: Path) -> RecogniserStatus | None:
    """Return the last status, or None when there is none."""
    try:
        values = json.loads((runtime_dir / STATUS_FILE).read_text(encoding="utf-8"))
        values.pop("metrics", None)
        return RecogniserStatus(**values)
    except (OSError, ValueError, TypeError):
        return None

"""Completes the folders of calls that a crash cut off."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from callflow.recording import complete_unfinished_recording
from spool.call_folder import CallFolder, call_folders
from spool.call_id import uuid7
from spool.facts import Ended, LineMeasured

logger = logging.getLogger(__name__)


def complete_unfinished_folders(spool_dir: Path, at: datetime, started_before: datetime) -> list[str]:
    """Seal each recording and write `Ended(end_reason="node_restarted")` where the end is missing; return the calls.

    Looks only at calls from before `started_before`, when the only `calls` process of this spool began: their names are
    UUIDv7 and sort by time.
    """
    first_of_ours = str(uuid7(started_before.timestamp()))[:13]
    completed = []
    for folder in call_folders(spool_dir):
        if folder.call_id[:13] >= first_of_ours or folder.is_ended:
            continue
        try:
            seconds = complete_unfinished_recording(folder)
            folder.append(_end_of(folder, at, seconds))
        except OSError as error:
            logger.error("call %s could not be completed, it is tried again at the next start: %s", folder.path, error)
            continue
        completed.append(folder.call_id)
    if completed:
        logger.warning("completed %d calls that the last stop cut off", len(completed))
    return completed


def _end_of(folder: CallFolder, at: datetime, seconds: float) -> Ended:
    """Return the end of a call with what was measured of its line last."""
    measured = [line.fact.statistics for line in folder.facts() if isinstance(line.fact, LineMeasured)]
    statistics = measured[-1] if measured else {}
    received, lost = (int(statistics.get(name) or 0) for name in ("packets_received", "packets_lost"))
    return Ended(
        at=at,
        end_reason="node_restarted",
        recorded_seconds=round(seconds, 3),
        packets_received=received,
        packets_lost=lost,
        statistics=statistics,
    )

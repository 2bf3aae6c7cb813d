"""Folders that a crash left open are completed, and only those."""

from __future__ import annotations

import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callflow.recovery import complete_unfinished_folders
from spool.call_folder import CallFolder, create_call_folder, wav_header
from spool.call_id import uuid7
from spool.facts import Ended, Invited, LineMeasured

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def unfinished(spool_dir: Path, at: datetime, samples: int) -> CallFolder:
    folder = create_call_folder(spool_dir, str(uuid7(at.timestamp())))
    folder.append(
        Invited(at=at, call_id=folder.call_id, sip_call_id="x", caller_number="1", called_number="2", node="n")
    )
    folder.audio_path.write_bytes(wav_header(8000, None) + b"\1\2" * samples + b"\7")
    return folder


def test_a_cut_off_call_is_sealed_and_marked(tmp_path: Path) -> None:
    folder = unfinished(tmp_path, AT, 4000)
    assert complete_unfinished_folders(tmp_path, AT, AT + timedelta(seconds=1)) == [folder.call_id]
    (ended,) = [line.fact for line in folder.facts() if isinstance(line.fact, Ended)]
    assert (ended.end_reason, ended.recorded_seconds) == ("node_restarted", 0.5)
    with wave.open(str(folder.audio_path)) as recording:
        assert recording.getnframes() == 4000


def test_what_was_measured_of_the_line_is_kept(tmp_path: Path) -> None:
    folder = unfinished(tmp_path, AT, 4000)
    for received in (250, 1750):
        folder.append(LineMeasured(at=AT, statistics={"packets_received": received, "packets_lost": 3, "mos": 4.3}))
    complete_unfinished_folders(tmp_path, AT, AT + timedelta(seconds=1))
    (ended,) = [line.fact for line in folder.facts() if isinstance(line.fact, Ended)]
    assert (ended.packets_received, ended.packets_lost, ended.statistics["mos"]) == (1750, 3, 4.3)


def test_it_is_done_once_and_not_to_the_calls_of_now(tmp_path: Path) -> None:
    unfinished(tmp_path, AT, 10)
    of_now = unfinished(tmp_path, AT + timedelta(seconds=5), 10)
    started = AT + timedelta(seconds=1)
    assert len(complete_unfinished_folders(tmp_path, AT, started)) == 1
    assert complete_unfinished_folders(tmp_path, AT, started) == []
    assert not of_now.is_ended

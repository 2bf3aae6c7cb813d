"""A call's folder survives torn lines, full disks and crashes."""

from __future__ import annotations

import os
import threading
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spool.call_folder import CallFolder, call_folders, create_call_folder, wav_header
from spool.call_id import uuid7
from spool.facts import Digit, Ended, Transcribed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def digit(number: int) -> Digit:
    return Digit(at=NOON, digit=str(number % 10), position=float(number))


@pytest.fixture
def folder(tmp_path: Path) -> CallFolder:
    return create_call_folder(tmp_path, str(uuid7(NOON.timestamp())))


def test_facts_are_read_in_order_from_any_offset(folder: CallFolder) -> None:
    for number in range(5):
        folder.append(digit(number))
    lines = list(folder.facts())
    assert [line.fact for line in lines] == [digit(number) for number in range(5)]
    assert lines[-1].end_offset == folder.events_path.stat().st_size
    assert [line.fact for line in folder.facts(lines[2].end_offset)] == [digit(3), digit(4)]


def test_a_last_line_without_its_end_waits(folder: CallFolder) -> None:
    folder.append(digit(1))
    with folder.events_path.open("ab") as stream:
        stream.write(bytes(digit(2))[:-1])
    assert [line.fact for line in folder.facts()] == [digit(1)]


def test_a_torn_line_does_not_swallow_the_next(folder: CallFolder) -> None:
    folder.append(digit(1))
    with folder.events_path.open("ab") as stream:
        stream.write(b'{"fact": "dig')
    folder.append(digit(2))
    assert [line.fact for line in folder.facts()] == [digit(1), None, digit(2)]


def test_many_writers_tear_no_line(folder: CallFolder) -> None:
    threads = [threading.Thread(target=lambda: [folder.append(digit(n)) for n in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(line.fact, Digit) for line in folder.facts()) == 400


def test_a_folder_tells_how_far_its_call_is(folder: CallFolder) -> None:
    assert not folder.is_ended
    folder.append(Ended(at=NOON, end_reason="caller_hung_up"))
    assert folder.is_ended
    assert not folder.is_transcribed
    folder.append(Transcribed(at=NOON, utterances=0, audio_seconds=0))
    assert folder.is_transcribed


def test_a_recording_cut_by_a_crash_is_sealed(folder: CallFolder) -> None:
    folder.audio_path.write_bytes(wav_header(8000, None) + b"\x01\x02" * 800 + b"\x03")
    assert folder.audio_bytes() == 1600
    for _ in range(2):
        folder.seal_audio()
        with wave.open(str(folder.audio_path)) as recording:
            assert (recording.getframerate(), recording.getnframes(), recording.getnchannels()) == (8000, 800, 1)
            assert recording.readframes(800) == b"\x01\x02" * 800


def test_audio_is_read_in_whole_samples(folder: CallFolder) -> None:
    folder.audio_path.write_bytes(wav_header(16000, None) + bytes(range(11)))
    assert (folder.sample_rate(), folder.audio_bytes()) == (16000, 10)
    assert folder.read_audio(4, 3) == bytes([4, 5])
    assert folder.read_audio(8, 100) == bytes([8, 9])
    assert folder.read_audio(100, 100) == b""


def test_a_folder_without_files_is_empty_not_wrong(tmp_path: Path) -> None:
    folder = CallFolder(tmp_path / "nothing")
    assert (list(folder.facts()), folder.audio_bytes(), folder.sample_rate()) == ([], 0, 8000)
    folder.seal_audio()


def test_a_header_cut_short_is_no_audio(folder: CallFolder) -> None:
    folder.audio_path.write_bytes(wav_header(8000, None)[:20])
    assert (folder.audio_bytes(), folder.sample_rate()) == (0, 8000)


def test_folders_are_listed_oldest_first_and_are_private(tmp_path: Path) -> None:
    made = [create_call_folder(tmp_path / "spool", str(uuid7(second))).call_id for second in (3, 1, 2)]
    (tmp_path / "spool" / "stray").write_text("")
    assert [folder.call_id for folder in call_folders(tmp_path / "spool")] == sorted(made)
    assert call_folders(tmp_path / "absent") == []
    assert os.stat(tmp_path / "spool" / made[0]).st_mode & 0o777 == 0o700
    with pytest.raises(FileExistsError):
        create_call_folder(tmp_path / "spool", made[0])


def test_a_full_disk_is_an_error_not_a_silence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("missing: /dev/full")
    folder = CallFolder(Path("/dev"))
    folder.events_path = Path("/dev/full")
    with pytest.raises(OSError, match=r"No space|full"):
        folder.append(digit(1))


def test_identifiers_sort_by_time() -> None:
    made = [uuid7(second) for second in range(1000, 1050)]
    assert made == sorted(made)
    assert {identifier.version for identifier in made} == {7}
    assert uuid7(1.0).int >> 80 == 1000

"""Recordings over HTTP: whole, in parts, while they grow, and followed live."""

from __future__ import annotations

import struct
import threading
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from config.settings import Settings
from intake_api.byte_range import ByteRange, Unsatisfiable, asked_range
from models.database import Database
from models.tables import Call
from spool.call_folder import CallFolder, create_call_folder, wav_header
from spool.facts import Ended
from tests.intake_api.conftest import NOON, add_call, bearer

PCM = bytes(range(256)) * 100


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-99", ByteRange(0, 100)),
        ("bytes=900-", ByteRange(900, 1000)),
        ("bytes=900-5000", ByteRange(900, 1000)),
        ("bytes=-10", ByteRange(990, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_ranges(header: str | None, expected: ByteRange | None) -> None:
    assert asked_range(header, 1000) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        asked_range(header, 1000)


def record(settings: Settings, call: Call, pcm: bytes = PCM, data_bytes: int | None = None) -> CallFolder:
    folder = create_call_folder(settings.spool_dir, str(call.id))
    folder.audio_path.write_bytes(wav_header(8000, data_bytes) + pcm)
    return folder


def test_a_growing_recording_is_a_whole_wav_at_every_moment(
    client: TestClient, database: Database, settings: Settings
) -> None:
    call = add_call(database, state="answered")
    folder = record(settings, call)
    first = client.get(f"/api/v1/calls/{call.id}/audio")
    assert first.status_code == 200
    assert first.headers["content-type"] == "audio/wav"
    assert struct.unpack_from("<I", first.content, 40)[0] == len(PCM) == len(first.content) - 44
    with folder.audio_path.open("ab") as stream:
        stream.write(PCM + b"\0")  # an odd byte: half a sample is being written
    second = client.get(f"/api/v1/calls/{call.id}/audio")
    assert len(second.content) == 44 + 2 * len(PCM)
    assert second.headers["etag"] != first.headers["etag"]


def test_parts_join_to_the_whole(client: TestClient, database: Database, settings: Settings) -> None:
    call = add_call(database)
    record(settings, call)
    at = f"/api/v1/calls/{call.id}/audio"
    whole = client.get(at).content
    joined = b""
    for start in range(0, len(whole), 10_000):
        part = client.get(at, headers={"Range": f"bytes={start}-{start + 9_999}"})
        end = min(start + 10_000, len(whole))
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"
        joined += part.content
    assert joined == whole
    assert client.get(at, headers={"Range": "bytes=20-60"}).content == whole[20:61]
    behind = client.get(at, headers={"Range": "bytes=99999999-"})
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    stale = client.get(at, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (stale.status_code, len(stale.content)) == (200, len(whole))
    head = client.head(at)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(whole)), b"")


def test_a_finished_recording_comes_from_the_store(client: TestClient, database: Database, settings: Settings) -> None:
    call = add_call(database, recording="2026/11/a.wav")
    path = settings.recordings_dir / "2026/11/a.wav"
    path.parent.mkdir(parents=True)
    path.write_bytes(wav_header(8000, len(PCM)) + PCM)
    answer = client.get(f"/api/v1/calls/{call.id}/audio", headers={"Range": "bytes=44-143"})
    assert answer.content == PCM[:100]


def test_a_call_without_a_recording_is_404(client: TestClient, database: Database) -> None:
    answer = client.get(f"/api/v1/calls/{add_call(database).id}/audio")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such recording.")


def test_listening_in_follows_the_call_to_its_end_and_is_logged(
    client: TestClient, database: Database, settings: Settings
) -> None:
    call = add_call(database, state="answered")
    folder = record(settings, call, b"\1\0" * 8000)
    at = f"/api/v1/calls/{call.id}/audio/live"
    assert client.get(at).status_code == 403

    def go_on() -> None:
        with folder.audio_path.open("ab") as stream:
            stream.write(b"\2\0" * 800)
        folder.append(Ended(at=NOON + timedelta(seconds=1), end_reason="caller_hung_up"))

    later = threading.Timer(0.3, go_on)
    later.start()
    heard = client.get(at, headers=bearer(database, "admin")).content
    later.join()
    assert heard.startswith(wav_header(8000, None))
    assert heard.endswith(b"\2\0" * 800)
    assert len(heard) <= 44 + 2 * 4000 + 2 * 800, "more than half a second of what was before"
    log = client.get("/api/v1/audit", params={"action": "listened_in"}, headers=bearer(database, "admin")).json()
    assert [entry["subject"] for entry in log["items"]] == [f"call:{call.id}"]

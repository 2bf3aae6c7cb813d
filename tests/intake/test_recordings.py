"""Finished recordings: where they are kept, how they get there, and when they go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from config.sections import StorageSettings
from intake.archiving import NOTHING, archive_recordings
from intake.blob_store import BlobStore, BlobUnavailable, LocalBlobStore
from intake.housekeeping import House
from intake.ingest_folder import ingest_folder
from intake.retention import prune, purge_recordings, purge_spool
from models.changes import announce
from models.database import Database
from models.tables import Call, Change
from spool.call_folder import create_call_folder
from spool.call_id import uuid7
from tests.spool_calls import NOON, PLAIN, SpokenCall

MUCH_LATER = NOON + timedelta(days=8)


@pytest.fixture(params=["local", "object"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Every implementation of the seam in turn; the object store is obstore's own, in memory."""
    if request.param == "local":
        return LocalBlobStore(tmp_path / "recordings")
    pytest.importorskip("obstore", reason="missing: obstore (the s3 extra)")
    from obstore.store import MemoryStore

    from intake.object_blob_store import ObjectBlobStore

    return ObjectBlobStore(MemoryStore())


@pytest.fixture
def local(tmp_path: Path) -> LocalBlobStore:
    return LocalBlobStore(tmp_path / "recordings")


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def whole(blobs: BlobStore, key: str) -> bytes:
    return b"".join(blobs.read(key, 0, 1 << 30))


def test_what_is_put_can_be_read_in_parts(blobs: BlobStore, tmp_path: Path) -> None:
    data = bytes(range(256)) * 3000
    blobs.put("2026/11/23/a-b.wav", write(tmp_path / "a", data))
    assert blobs.size("2026/11/23/a-b.wav") == len(data)
    assert whole(blobs, "2026/11/23/a-b.wav") == data
    assert b"".join(blobs.read("2026/11/23/a-b.wav", 100, 300_000)) == data[100:300_000]
    assert b"".join(blobs.read("2026/11/23/a-b.wav", 10, 10)) == b""


def test_the_same_key_again_replaces(blobs: BlobStore, tmp_path: Path) -> None:
    source = write(tmp_path / "a", b"one")
    blobs.put("x.wav", source)
    blobs.put("x.wav", source)
    blobs.put("x.wav", write(tmp_path / "b", b"two"))
    assert whole(blobs, "x.wav") == b"two"


def test_what_is_deleted_is_gone(blobs: BlobStore, tmp_path: Path) -> None:
    blobs.put("x.wav", write(tmp_path / "a", b"one"))
    blobs.delete("x.wav")
    blobs.delete("x.wav")
    assert blobs.size("x.wav") is None


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a//b", "", ".", "a/../b", "a/.", "a\x00", "a b"])
def test_a_key_leads_nowhere_else(blobs: BlobStore, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        blobs.size(key)


def test_a_local_blob_outlives_its_source_and_leaves_no_parts(local: LocalBlobStore, tmp_path: Path) -> None:
    source = write(tmp_path / "a", b"one")
    for _ in range(2):
        local.put("d/x.wav", source)
    source.unlink()
    assert whole(local, "d/x.wav") == b"one"
    assert [path.name for path in (tmp_path / "recordings/d").iterdir()] == ["x.wav"]


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    blocked = LocalBlobStore(write(tmp_path / "file", b""))
    with pytest.raises(BlobUnavailable):
        blocked.put("x.wav", write(tmp_path / "a", b"one"))


def ingested(database: Database, call: SpokenCall) -> Callable[[], Call]:
    ingest_folder(database, call.folder, PLAIN, at=NOON)

    def row() -> Call:
        with database.reading() as session:
            return session.get_one(Call, call.id)

    return row


def test_a_recording_is_kept_when_the_call_is_over(database: Database, spool: Path, blobs: BlobStore) -> None:
    call = SpokenCall(spool).answer().record(2.0)
    row = ingested(database, call)
    assert archive_recordings(database, spool, blobs) == 0
    call.end()
    ingest_folder(database, call.folder, PLAIN, at=NOON)
    assert archive_recordings(database, spool, blobs) == 1
    assert row().recording == f"2026/11/23/{call.id}.wav"
    kept = whole(blobs, row().recording or "")
    assert len(kept) == 44 + 32_000
    assert int.from_bytes(kept[40:44], "little") == 32_000
    assert archive_recordings(database, spool, blobs) == 0


def test_a_call_of_which_nothing_was_recorded_says_so(database: Database, spool: Path, blobs: BlobStore) -> None:
    row = ingested(database, SpokenCall(spool).end("caller_cancelled"))
    assert archive_recordings(database, spool, blobs) == 1
    assert row().recording == NOTHING


def test_another_nodes_call_is_left_to_it(database: Database, spool: Path, tmp_path: Path, blobs: BlobStore) -> None:
    row = ingested(database, SpokenCall(tmp_path / "another").record().whole())
    assert archive_recordings(database, spool, blobs) == 0
    assert row().recording is None


def test_only_what_is_safe_elsewhere_leaves_the_spool(database: Database, spool: Path, local: LocalBlobStore) -> None:
    done = SpokenCall(spool).record().whole()
    ingested(database, done)
    archive_recordings(database, spool, local)
    not_kept, not_transcribed = SpokenCall(spool).record().whole(), SpokenCall(spool).answer().end()
    not_ingested, more_to_ingest = SpokenCall(spool).record().whole(), SpokenCall(spool).record().whole()
    for call in (not_transcribed, more_to_ingest):
        ingested(database, call)
    archive_recordings(database, spool, local)
    ingested(database, not_kept)
    more_to_ingest.say("还有")
    fresh = SpokenCall(spool, at=MUCH_LATER).record().whole()
    ingested(database, fresh)
    empty = create_call_folder(spool, str(uuid7(NOON.timestamp())))
    assert purge_spool(database, spool, ended_before=NOON) == 0
    assert purge_spool(database, spool, ended_before=NOON + timedelta(days=1)) == 1
    left = {path.name for path in spool.iterdir()}
    stays = (not_kept, not_transcribed, not_ingested, more_to_ingest, fresh)
    assert left == {str(call.id) for call in stays} | {empty.call_id}


def test_old_recordings_go_and_words_stay(database: Database, spool: Path, local: LocalBlobStore) -> None:
    row = ingested(database, SpokenCall(spool).record().whole("路灯坏了"))
    archive_recordings(database, spool, local)
    key = row().recording or ""
    assert purge_recordings(database, local, ended_before=NOON, at=NOON) == 0
    assert purge_recordings(database, local, ended_before=MUCH_LATER, at=MUCH_LATER) == 1
    assert (row().recording, local.size(key)) == (NOTHING, None)


def test_ids_of_changes_are_never_given_twice(database: Database) -> None:
    def change() -> int:
        with database.session() as session:
            announce(session, "draft", 1)
        with database.reading() as session:
            return max(filter(None, session.exec(select(Change.id))))

    first = change()
    prune(database, at=MUCH_LATER + timedelta(days=10_000))
    assert change() > first


def test_housekeeping_does_all_of_it(database: Database, spool: Path, local: LocalBlobStore) -> None:
    row = ingested(database, SpokenCall(spool).record().whole("路灯坏了"))
    house = House(database, spool, local, StorageSettings(), lambda: MUCH_LATER)
    house.keep()
    house.tidy()
    assert row().recording
    assert list(spool.iterdir()) == []

"""A backup brings everything back, or says plainly why not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

from config.sections import DatabaseSettings
from config.settings import Settings
from delivery.case_store import TicketToDeliver
from delivery.sql_case_store import SqlCaseStore
from intake.archiving import archive_recordings
from intake.backup import BackupFailed, back_up, bring_back
from intake.blob_store import LocalBlobStore
from intake.ingest_folder import ingest_folder
from models.database import Database, migrate, open_database
from models.tables import Draft
from tests.database_fixtures import create_postgres_database
from tests.spool_calls import NOON, PLAIN, SpokenCall


def settings_for(data_dir: Path, url: str | None = None) -> Settings:
    return Settings(data_dir=data_dir, database=DatabaseSettings(url=SecretStr(url) if url else None))


def words(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(draft.fields["content"]["value"] for draft in session.exec(select(Draft)))


@pytest.fixture
def living(tmp_path: Path) -> Settings:
    """A service on SQLite with a finished call, one in progress, and a case."""
    return fill(settings_for(tmp_path / "data"))


def fill(settings: Settings) -> Settings:
    settings.spool_dir.mkdir(parents=True)
    migrate(settings.database_url)
    database = open_database(settings.database_url)
    ingest_folder(database, SpokenCall(settings.spool_dir).record().whole("路灯坏了").folder, PLAIN, at=NOON)
    archive_recordings(database, settings.spool_dir, LocalBlobStore(settings.recordings_dir))
    ingest_folder(database, SpokenCall(settings.spool_dir).answer().say("井盖").folder, PLAIN, at=NOON)
    database.dispose()
    store = SqlCaseStore(settings.case_store_url)
    store.submit(TicketToDeliver("t1", "2611234320000001", {"fields": {"title": "路灯坏了"}}))
    store.close()
    return settings


def test_everything_comes_back(living: Settings, tmp_path: Path) -> None:
    said = back_up(living, tmp_path / "backup")
    assert "files" in said
    new = settings_for(tmp_path / "new")
    bring_back(new, tmp_path / "backup")
    database = open_database(new.database_url)
    assert words(database) == ["井盖", "路灯坏了"]
    assert SqlCaseStore(new.case_store_url).case("C2611234320000001")
    for name in ("spool", "recordings"):
        old_files = {
            p.relative_to(living.data_dir): p.read_bytes() for p in (living.data_dir / name).rglob("*.*") if p.is_file()
        }
        assert old_files
        assert {path: (new.data_dir / path).read_bytes() for path in old_files} == old_files
    database.dispose()


@pytest.mark.postgres
def test_postgresql_comes_back(postgres_home, postgres_template: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    if not shutil.which("pg_dump"):
        pytest.skip("missing: pg_dump (apt install postgresql-client)")
    old = fill(settings_for(tmp_path / "data", create_postgres_database(postgres_home, postgres_template)))
    back_up(old, tmp_path / "backup")
    new = settings_for(tmp_path / "new", create_postgres_database(postgres_home))
    bring_back(new, tmp_path / "backup")
    database = open_database(new.database_url)
    assert words(database) == ["井盖", "路灯坏了"]
    assert not migrate(new.database_url)
    database.dispose()
    with pytest.raises(BackupFailed, match="the settings name SQLite"):
        bring_back(settings_for(tmp_path / "other"), tmp_path / "backup")


def test_a_backup_while_calls_go_on_is_whole(living: Settings, tmp_path: Path) -> None:
    call = SpokenCall(living.spool_dir).answer()
    back_up(living, tmp_path / "one")
    call.say("还在说").end().transcribed()
    new = settings_for(tmp_path / "new")
    bring_back(new, tmp_path / "one")
    restored = new.spool_dir / str(call.id) / "events.jsonl"
    assert call.folder.events_path.read_bytes().startswith(restored.read_bytes())


def test_a_damaged_backup_touches_nothing(living: Settings, tmp_path: Path) -> None:
    back_up(living, tmp_path / "backup")
    audio = next((tmp_path / "backup/recordings").rglob("*.wav"))
    audio.write_bytes(audio.read_bytes()[:-1] + b"x")
    new = settings_for(tmp_path / "new")
    with pytest.raises(BackupFailed, match="damaged"):
        bring_back(new, tmp_path / "backup")
    assert not new.data_dir.exists()


def test_a_living_service_is_not_overwritten(living: Settings, tmp_path: Path) -> None:
    back_up(living, tmp_path / "backup")
    with pytest.raises(BackupFailed, match="empty"):
        bring_back(living, tmp_path / "backup")


def test_what_cannot_be_done_is_said(living: Settings, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(BackupFailed, match="exists already"):
        back_up(living, tmp_path / "there")
    with pytest.raises(BackupFailed, match="no backup of ours"):
        bring_back(settings_for(tmp_path / "new"), tmp_path / "there")
    with pytest.raises(BackupFailed, match="no database"):
        back_up(settings_for(tmp_path / "nothing"), tmp_path / "backup")
    assert not (tmp_path / "backup").exists()

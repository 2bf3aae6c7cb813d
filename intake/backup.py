"""The whole service in one folder, with checksums: the database, the embedded case store, the spool, recordings.

The database is copied first and the spool after it, so that the spool holds at least every fact that the database
has: after a restore, ingest goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.settings import Settings
from intake.database_copy import BackupFailed, copy_in, copy_out, is_empty, is_sqlite

__all__ = ["BackupFailed", "back_up", "bring_back"]

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
CASE_STORE = "case_store"
FOLDERS = ("spool", "recordings")
CHUNK_BYTES = 1 << 20


def back_up(settings: Settings, folder: Path) -> str:
    """Write a backup into a new folder, which appears under its name when it is whole; return what was done.

    Calls in progress are in it up to this moment. Raises `BackupFailed`.
    """
    if folder.exists():
        raise BackupFailed(f"{folder} exists already: name a new folder.")
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        copy_out(settings.database_url, part / DATABASE)
        if _embedded_case_store(settings):
            copy_out(settings.case_store_url, part / CASE_STORE)
        for name in FOLDERS:
            _copy_tree(settings.data_dir / name, part / name)
        files = _write_manifest(settings, part)
        os.replace(part, folder)
    except OSError as error:
        raise BackupFailed(f"The backup could not be written: {error}.") from error
    return f"{len(files)} files, {sum(file['size'] for file in files.values()) / 1e6:.1f} MB, are in {folder}."


def bring_back(settings: Settings, folder: Path) -> str:
    """Put a backup into an empty data folder and database; every checksum is right, or nothing is touched.

    Raises `BackupFailed`.
    """
    manifest = _read_manifest(folder)
    if manifest["database"] != _kind(settings):
        raise BackupFailed(f"The backup is of {manifest['database']}, the settings name {_kind(settings)}.")
    _check_files(folder, manifest["files"])
    _check_place(settings)
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            _copy_tree(folder / name, settings.data_dir / name)
        copy_in(settings.database_url, folder / DATABASE)
        if CASE_STORE in manifest["files"] and _is_local_store(settings):
            copy_in(settings.case_store_url, folder / CASE_STORE)
    except OSError as error:
        raise BackupFailed(f"The backup could not be brought back: {error}.") from error
    return f"{len(manifest['files'])} files of {manifest['created_at']} are back in {settings.data_dir}."


def _kind(settings: Settings) -> str:
    return "SQLite" if is_sqlite(settings.database_url) else "PostgreSQL"


def _is_local_store(settings: Settings) -> bool:
    return settings.delivery.store == "sql" and is_sqlite(settings.case_store_url)


def _embedded_case_store(settings: Settings) -> bool:
    """Whether the case store is a file of ours that exists; a city's own store is backed up by the city."""
    return _is_local_store(settings) and not is_empty(settings.case_store_url)


def _check_place(settings: Settings) -> None:
    """Refuse before anything is written: half a restore over a living service would lose what it has."""
    for name in FOLDERS:
        place = settings.data_dir / name
        if place.is_dir() and any(place.iterdir()):
            raise BackupFailed(f"{place} is not empty: restore into an empty data folder.")
    stores = [settings.database_url, *([settings.case_store_url] if _is_local_store(settings) else [])]
    if not all(is_empty(url) for url in stores):
        raise BackupFailed("The database holds tables already: restore into an empty one.")


def _copy_tree(source: Path, target: Path) -> None:
    """Copy what is there now; a file that goes meanwhile has gone where it is kept (spool -> recordings)."""
    if not source.is_dir():
        return
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in _files(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, copy)
        except FileNotFoundError:
            continue
        copy.chmod(0o600)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(".part"))


def _write_manifest(settings: Settings, folder: Path) -> dict[str, Any]:
    names = [path.relative_to(folder).as_posix() for path in _files(folder)]
    files = {name: {"size": (folder / name).stat().st_size, "sha256": _sha256(folder / name)} for name in names}
    created = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = {"format": FORMAT, "created_at": created, "database": _kind(settings), "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return files


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        written = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupFailed(f"{folder} is no backup of ours: it has no readable {MANIFEST}.") from error
    if written != FORMAT:
        raise BackupFailed(f"The backup has format {written}, this program reads {FORMAT}.")
    return dict(manifest)


def _check_files(folder: Path, files: dict[str, Any]) -> None:
    for name, file in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file() or _sha256(path) != file["sha256"]:
            raise BackupFailed(f"The backup is damaged: {name} is not what was written. Nothing was changed.")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

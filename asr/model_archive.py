"""Unpacks a model's zip or tar so that nothing lands outside its folder and a small file cannot fill the disk."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from asr.model_folder import ModelUnusable

LARGEST_MODEL = 12_000_000_000  # bytes unpacked: four times the largest model Vosk publishes in any language
MOST_FILES = 2_000  # the largest published model has 33 files
SPARE_DISK = 200_000_000  # bytes left free for calls while a model is installed
COPY_SIZE = 1 << 20

Entry = tuple[PurePosixPath, int, IO[bytes]]


def unpack(archive: Path, folder: Path) -> None:
    """Fill an empty folder with the model in a zip or tar archive, its outermost folders left off.

    Raises `ModelUnusable` for an archive that is damaged, leaves its folder, or is too large for a model or the disk.
    """
    try:
        with _entries(archive) as entries:
            _copy(entries, folder)
    except (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, ValueError) as error:
        raise ModelUnusable(f"{archive.name} is damaged: {error}") from error
    _lift(folder)


@contextmanager
def _entries(archive: Path) -> Iterator[Iterator[Entry]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            yield _zip_entries(opened)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as opened_tar:
            yield _tar_entries(opened_tar)
    else:
        raise ModelUnusable(f"{archive.name} is neither a zip nor a tar archive")


def _zip_entries(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for info in archive.infolist():
        if not info.is_dir():
            with archive.open(info) as stream:
                yield PurePosixPath(info.filename), info.file_size, stream


def _tar_entries(archive: tarfile.TarFile) -> Iterator[Entry]:
    for member in archive:
        stream = archive.extractfile(member) if member.isfile() else None
        if stream is not None:  # folders are made as needed; links and devices have no place in a model
            yield PurePosixPath(member.name), member.size, stream


def _copy(entries: Iterator[Entry], folder: Path) -> None:
    room = min(LARGEST_MODEL, shutil.disk_usage(folder).free - SPARE_DISK)
    for count, (name, size, stream) in enumerate(entries):
        if name.is_absolute() or ".." in name.parts or "\\" in str(name):
            raise ModelUnusable(f"the archive is refused: {str(name)[:80]!r} would be written outside its folder")
        room -= size
        if room < 0 or count >= MOST_FILES:
            raise ModelUnusable("the archive is refused: it is larger than any model, or than the free disk")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as output:
            _copy_exactly(stream, output, size)


def _copy_exactly(source: IO[bytes], output: IO[bytes], size: int) -> None:
    """A size that lies in the archive's index must not let more bytes through."""
    while block := source.read(min(COPY_SIZE, size + 1)):
        size -= len(block)
        if size < 0:
            raise ModelUnusable("the archive is damaged: a file is longer than it says")
        output.write(block)


def _lift(folder: Path) -> None:
    """Move the model up when it lies in a folder of its own, as published archives have it."""
    while len(inside := list(folder.iterdir())) == 1 and inside[0].is_dir() and not (inside[0] / "final.mdl").exists():
        inner = inside[0].rename(folder / ".inner")
        for path in list(inner.iterdir()):
            path.rename(folder / path.name)
        inner.rmdir()

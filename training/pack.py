"""Packs a model folder as asr/bundled_model.tar.xz and writes its checksum and sizes into the card beside it.

python -m training.pack MODEL [ARCHIVE]
"""

from __future__ import annotations

import argparse
import hashlib
import io
import lzma
import re
import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).parents[1] / "asr" / "bundled_model.tar.xz"
_MADE = 1_793_491_200
"""Every file's time in the archive (2026-11-01): the same model packs to the same bytes."""
_DICTIONARY = 64 << 20
"""xz looks back over the whole graph."""


def model_files(folder: Path) -> list[Path]:
    """The files vosk reads, sorted."""
    names = ("am", "conf", "graph", "ivector")
    return sorted(path for name in names for path in (folder / name).rglob("*") if path.is_file())


def packed(folder: Path) -> bytes:
    """A tar.xz of the model in `model/`, the same bytes for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in model_files(folder):
            content = path.read_bytes()
            entry = tarfile.TarInfo(f"model/{path.relative_to(folder).as_posix()}")
            entry.size, entry.mtime, entry.mode = len(content), _MADE, 0o644
            archive.addfile(entry, io.BytesIO(content))
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": _DICTIONARY}]
    return lzma.compress(buffer.getvalue(), lzma.FORMAT_XZ, filters=filters)


def card_with(card: str, numbers: dict[str, str]) -> str:
    """A card whose named values are replaced; all else stays as a person wrote it."""
    for name, value in numbers.items():
        card, replaced = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", card)
        if not replaced:
            raise ValueError(f"the card has no {name}")
    return card


def pack(folder: Path, archive: Path = ARCHIVE) -> str:
    """Write the archive and its card's numbers; returns the checksum."""
    content = packed(folder)
    checksum = hashlib.sha256(content).hexdigest()
    unpacked = sum(path.stat().st_size for path in model_files(folder))
    archive.write_bytes(content)
    card = archive.with_name(archive.name.removesuffix(".tar.xz") + ".toml")
    numbers = {"sha256": f'"{checksum}"', "size_bytes": str(len(content)), "unpacked_bytes": str(unpacked)}
    if card.exists():
        card.write_text(card_with(card.read_text(encoding="utf-8"), numbers), encoding="utf-8")
    return checksum


def main() -> None:
    """Pack and print the checksum."""
    parser = argparse.ArgumentParser(prog="python -m training.pack")
    parser.add_argument("model", type=Path)
    parser.add_argument("archive", type=Path, nargs="?", default=ARCHIVE)
    chosen = parser.parse_args()
    print(pack(chosen.model, chosen.archive))


if __name__ == "__main__":
    main()

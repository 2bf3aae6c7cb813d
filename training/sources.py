"""The recordings to train on, as sources.toml names them: what is said in each file.

python -m training.sources FOLDER      says what is there and whether it is whole
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.language.lexicon import syllables_of
from training.language.sandhi import after_sandhi

_FILE = Path(__file__).parent / "sources.toml"
_CHINESE = re.compile("^[\u4e00-\u9fff]+$")
_NOT_CHINESE = re.compile("[^\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Recording:
    """A file and the syllables said in it."""

    path: Path
    syllables: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """One table of sources.toml under [speech], and where its files are."""

    name: str
    table: dict[str, Any]
    folder: Path

    @property
    def is_joined(self) -> bool:
        """True for single words, several of which make one example."""
        return bool(self.table.get("joined"))

    def files(self) -> list[Path]:
        """All files of sound, sorted."""
        kinds = {".mp3", ".wav", ".flac", ".ogg", ".opus"}
        return sorted(path for path in self.folder.rglob("*") if path.suffix in kinds)

    def checksum(self) -> str:
        """SHA-256 over sorted names and sizes."""
        lines = (f"{path.relative_to(self.folder).as_posix()} {path.stat().st_size}\n" for path in self.files())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def recordings(self) -> Iterator[Recording]:
        """Files whose text is known and Mandarin."""
        for path, text in self._texts():
            syllables = spoken_syllables(text)
            if syllables:
                yield Recording(path, syllables)

    def _texts(self) -> Iterator[tuple[Path, str]]:
        kind = self.table["kind"]
        if kind == "indexed":
            with (self.folder / "index.tsv").open(encoding="utf-8") as index:
                for row in csv.DictReader(index, delimiter="\t"):
                    yield self.folder / row["file"], row["transcript"]
            return
        if kind == "sentences":
            listed = json.loads((self.folder.parent / self.table["texts"]).read_text(encoding="utf-8"))
            rows = listed["sentences"] if isinstance(listed, dict) else listed
            texts = {row["id"]: row["chinese"] for row in rows}
            for path in self.files():
                yield path, texts.get(path.stem.removesuffix("_slow"), "")
            return
        for path in self.files():
            match = re.match(self.table["pattern"], path.name)
            if match:
                yield path, self._named(match[1])

    def _named(self, name: str) -> str:
        if self.table["kind"] == "numbered":
            words = self.table["words"]
            return str(words[int(name)]) if int(name) < len(words) else ""
        return name


def spoken_syllables(text: str) -> tuple[str, ...]:
    """The syllables of Chinese text as people say them, or of one written syllable; nothing for anything else."""
    if re.fullmatch("[a-z:]+[1-5]?", text):
        return (text if text[-1].isdigit() else text + "5",)
    if re.search("[A-Za-z0-9]", text):
        return ()
    said: list[str] = []
    for clause in _NOT_CHINESE.split(text):
        if _CHINESE.match(clause):
            read = syllables_of(clause)
            if len(read) != len(clause):
                return ()
            said += after_sandhi(clause, read)
    return tuple(said)


def find_sources(folder: Path) -> tuple[list[Source], list[str]]:
    """The recorded sources that are there, and the names of those that are not."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))["speech"]
    found, absent = [], []
    for name, table in tables.items():
        if table["kind"] == "synthesised":
            continue
        source = Source(name, table, folder / table["folder"])
        if source.folder.is_dir():
            found.append(source)
        else:
            absent.append(name)
    return found, absent


def main() -> None:
    """List every source with its count and checksum."""
    parser = argparse.ArgumentParser(prog="python -m training.sources")
    parser.add_argument("folder", type=Path)
    found, absent = find_sources(parser.parse_args().folder)
    for source in found:
        count, whole = len(source.files()), source.table.get("count")
        state = "" if whole in {None, count} else f", of {whole}"
        print(f"{source.name}: {count} files{state}, {source.checksum()}, {source.table['licence']}")
    for name in absent:
        print(f"{name}: absent, skipped")


if __name__ == "__main__":
    main()

"""Reads the city's data files; an error names the file, the line and what to do."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class CityError(ValueError):
    """A city's data cannot be used: `file:line: what is wrong; what to do`."""

    def __init__(self, path: Path, line: int, wrong: str, remedy: str) -> None:
        super().__init__(f"{path}:{line}: {wrong}; {remedy}")
        self.path, self.line = path, line


class Entry:
    """One row of a CSV file or one table of a TOML file, with the place it stands at."""

    def __init__(self, path: Path, line: int, values: Mapping[str, Any]) -> None:
        self.path, self.line, self.values = path, line, values

    def error(self, wrong: str, remedy: str) -> CityError:
        """Return the error that points here."""
        return CityError(self.path, self.line, wrong, remedy)

    def text(self, key: str) -> str:
        """Return a text that must be there and not be empty."""
        value = self.values.get(key, "")
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"`{key}` is missing or empty", f"write a text for `{key}`")
        return value.strip()

    def optional(self, key: str, default: str = "") -> str:
        """Return a text, or the default."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.error(f"`{key}` is not a text", f"put `{key}` in quotes")
        return value.strip() or default

    def choice(self, key: str, choices: tuple[str, ...], default: str = "") -> str:
        """Return one of the choices."""
        value = self.optional(key, default)
        if value not in choices:
            raise self.error(f"`{key}` is {value!r}", f"choose one of {', '.join(choices)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a CSV cell holds them divided by `|`."""
        value = self.values.get(key, ())
        if isinstance(value, str):
            value = [part for part in value.split("|") if part.strip()]
        if not isinstance(value, (list, tuple)) or not all(isinstance(part, str) and part for part in value):
            raise self.error(f"`{key}` is not a list of texts", f'write `{key} = ["...", "..."]`')
        return tuple(part.strip() for part in value)

    def terms(self, key: str) -> tuple[str, ...]:
        """Return words or regular expressions, each of which compiles."""
        terms = self.texts(key)
        for term in terms:
            try:
                re.compile(term)
            except re.error as error:
                raise self.error(
                    f"`{term}` in `{key}` is no regular expression ({error})", "mend or escape it"
                ) from None
        return terms


def read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[Entry]:
    """Yield the rows of a UTF-8 CSV file whose first line names at least these columns."""
    with _opened(path).open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        absent = [name for name in columns if name not in (reader.fieldnames or ())]
        if absent:
            raise CityError(path, 1, f"column {', '.join(absent)} is missing", f"the first line is {','.join(columns)}")
        for row in reader:
            if None in row or None in row.values():
                raise CityError(path, reader.line_num, "the row has too many or too few cells", "count its commas")
            yield Entry(path, reader.line_num, row)


def read_toml(path: Path) -> Entry:
    """Return a whole TOML file as one entry."""
    try:
        values = tomllib.loads(_opened(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = re.search(r"line (\d+)", str(error))
        raise CityError(path, int(found[1]) if found else 1, str(error), "mend the TOML there") from None
    return Entry(path, 1, values)


def tables(document: Entry, name: str) -> Iterator[Entry]:
    """Yield every `[[name]]` of a TOML file with the line of its header."""
    entries = document.values.get(name, [])
    if not isinstance(entries, list) or not entries:
        raise document.error(f"there is no [[{name}]]", f"write at least one [[{name}]] table")
    header = f"[[{name}]]"
    lines = [
        number
        for number, line in enumerate(document.path.read_text(encoding="utf-8").splitlines(), 1)
        if line.split("#")[0].strip() == header
    ]
    for line_number, values in zip(lines, entries, strict=False):
        yield Entry(document.path, line_number, values)


def _opened(path: Path) -> Path:
    if not path.is_file():
        raise CityError(path, 0, "the file is missing", "copy it from config/city/linyi and change it")
    return path

"""Words of the language that rules need: `words.toml`, read once."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def _sections() -> dict[str, str]:
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return {name: value for name, value in tomllib.loads(text).items() if isinstance(value, str)}


def words(name: str) -> tuple[str, ...]:
    """Return a list of words, in the file's order; raises KeyError for a name that is not in the file."""
    return tuple(_sections()[name].split())


def characters(name: str) -> frozenset[str]:
    """Return the characters of a section."""
    return frozenset("".join(_sections()[name].split()))


def longest_first(*names: str) -> str:
    """Return a pattern for any word of these lists, the longest first."""
    listed = {word for name in names for word in words(name)}
    return "|".join(re.escape(word) for word in sorted(listed, key=lambda word: (-len(word), word)))

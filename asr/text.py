"""Words joined into text as they are written: no space between Chinese characters, one beside Latin words."""

from __future__ import annotations

from collections.abc import Iterable


def joined(words: Iterable[str]) -> str:
    """Return the words as one line."""
    text = ""
    for word in words:
        space = text and word and (_is_latin(text[-1]) or _is_latin(word[0]))
        text += f" {word}" if space else word
    return text


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()

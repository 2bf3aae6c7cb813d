"""Tone changes between syllables: 一 and 不 before other tones, and a third tone before a third."""

from __future__ import annotations

_ORDINAL_LEFT = set("第零一二三四五六七八九十初")
_NUMBER_RIGHT = set("零一二三四五六七八九十月号")


def after_sandhi(characters: str, syllables: list[str]) -> list[str]:
    """The syllables as people say them: bu2 dui4, yi2 ge4, yi4 tian1, ni2 hao3."""
    said = list(syllables)
    for i in range(len(said) - 1):
        following = said[i + 1][-1]
        if characters[i] == "不" and said[i] in {"bu4", "bu2"}:
            said[i] = "bu2" if following == "4" else "bu4"
        elif characters[i] == "一" and said[i].startswith("yi") and said[i][:-1] == "yi" and _varies(characters, i):
            said[i] = "yi2" if following == "4" else "yi4" if following in "123" else said[i]
    for i in range(len(said) - 1):
        if said[i][-1] == "3" and said[i + 1][-1] == "3":
            said[i] = said[i][:-1] + "2"
    return said


def _varies(characters: str, i: int) -> bool:
    """一 keeps its tone in ordinals and between digits."""
    return not (i and characters[i - 1] in _ORDINAL_LEFT) and characters[i + 1] not in _NUMBER_RIGHT


def before_third_tone(syllables: list[str]) -> list[str] | None:
    """How a word that ends in a third tone sounds when the next word begins with one; None for other words."""
    if not syllables or syllables[-1][-1] != "3":
        return None
    return [*syllables[:-1], syllables[-1][:-1] + "2"]

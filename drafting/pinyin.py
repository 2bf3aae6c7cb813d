"""Syllables of Chinese characters, folded where recognisers and Shandong speakers confuse them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import islice, product

from pypinyin.pinyin_dict import pinyin_dict

_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"))
_FINALS = (("uang", "uan"), ("iang", "ian"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
MOST_READINGS = 6
"A name with several readings is indexed under at most this many."


@lru_cache(maxsize=30000)
def readings(character: str) -> tuple[str, ...]:
    """Return the toneless syllables of a character, the usual one first; the character itself when it has none."""
    listed = pinyin_dict.get(ord(character), "") if len(character) == 1 else ""
    toneless = (_without_tone(syllable) for syllable in listed.split(",") if syllable)
    return tuple(dict.fromkeys(toneless)) or (character,)


def _without_tone(syllable: str) -> str:
    plain = unicodedata.normalize("NFD", syllable)
    letters = "".join(mark for mark in plain if not unicodedata.combining(mark) or mark == "\u0308")
    return unicodedata.normalize("NFC", letters).replace("ü", "v")


@lru_cache(maxsize=2000)
def fold(syllable: str) -> str:
    """Return a syllable without the distinctions zh/z, ch/c, sh/s, n/l/r, -ng/-n."""
    for sound, plain in _INITIALS:
        if syllable.startswith(sound):
            syllable = plain + syllable[len(sound) :]
            break
    for sound, plain in _FINALS:
        if syllable.endswith(sound):
            return syllable[: -len(sound)] + plain
    return syllable


@lru_cache(maxsize=30000)
def sound(character: str) -> str:
    """Return the folded usual syllable of a character."""
    return fold(readings(character)[0])


def sounds(text: str) -> list[str]:
    """Return the folded syllables of a text, one for each character."""
    return [sound(character) for character in text]


def name_sounds(name: str) -> list[tuple[str, ...]]:
    """Return the folded syllables a name may have, the usual ones first."""
    choices = ([fold(reading) for reading in readings(character)] for character in name)
    return list(dict.fromkeys(islice(product(*choices), MOST_READINGS)))


@lru_cache(maxsize=60000)
def likeness(said: str, meant: str) -> float:
    """Return how much one character sounds like another: 1 the same, 0.92 the same syllable, 0.8 a confusion, 0."""
    if said == meant:
        return 1.0
    these, those = readings(said), readings(meant)
    if these[0] in those:
        return 0.92
    if set(these) & set(those):
        return 0.85
    return 0.8 if fold(these[0]) in {fold(reading) for reading in those} else 0.0

"""An utterance as words one can click: each with its characters in the text, its seconds and its confidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

DOUBTFUL: Final = 0.85
"Below this a word is underlined; at 0.85 about one word in eight is, and it holds most of the errors."
VERY_DOUBTFUL: Final = 0.6
SILENCE_SECONDS: Final = 2.0
"A pause that a person would notice."


@dataclass(frozen=True)
class ShownWord:
    """Characters `start` to `end` of the text, heard from `start_time` to `end_time`."""

    text: str
    start: int
    end: int
    start_time: float
    end_time: float
    confidence: float

    @property
    def doubt(self) -> str:
        """How doubtful the word is: nothing, weak or strong."""
        return "" if self.confidence >= DOUBTFUL else "weak" if self.confidence >= VERY_DOUBTFUL else "strong"


def heard_words(text: str, words: Iterable[Mapping[str, Any]], start_time: float, end_time: float) -> list[ShownWord]:
    """Return a text's words in their places; what the recogniser gave no word for lies between its neighbours."""
    shown: list[ShownWord] = []
    place, at = 0, start_time
    for word in words:
        found = text.find(word["word"], place)
        if found < 0:
            continue
        if found > place:
            shown.append(ShownWord(text[place:found], place, found, at, word["start"], 1.0))
        place = found + len(word["word"])
        at = word["end"]
        shown.append(ShownWord(word["word"], found, place, word["start"], at, word["confidence"]))
    if place < len(text):
        shown.append(ShownWord(text[place:], place, len(text), at, end_time, 1.0))
    return shown


def corrected_words(corrected: str, heard: Sequence[ShownWord], start_time: float, end_time: float) -> list[ShownWord]:
    """Return a corrected text's words: unchanged ones keep their seconds, changed ones take those of what they
    replace."""
    original = "".join(word.text for word in heard)
    places = {index: word for word in heard for index in range(word.start, word.end)}
    matcher = SequenceMatcher(None, original, corrected, autojunk=False)
    shown: list[ShownWord] = []
    for kind, old, old_end, new, new_end in matcher.get_opcodes():
        if kind == "equal":
            shown.extend(_kept(corrected, places, old, new, new_end))
        elif new_end > new:
            since = places[old].start_time if old in places else end_time if shown else start_time
            until = places[old_end - 1].end_time if old_end > old else since
            shown.append(ShownWord(corrected[new:new_end], new, new_end, since, until, 1.0))
    return shown


def _kept(text: str, places: Mapping[int, ShownWord], old: int, new: int, new_end: int) -> Iterator[ShownWord]:
    start = new
    for index in range(new, new_end):
        word = places[old + index - new]
        following = places[old + index - new + 1] if index + 1 < new_end else None
        if following is not word:
            yield ShownWord(text[start : index + 1], start, index + 1, word.start_time, word.end_time, word.confidence)
            start = index + 1

"""A call's utterances as one text that remembers where every character came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from drafting.draft import Evidence, Heard

BREAK = "\n"
"Stands between two utterances: no pattern of words crosses it unless it says so."

# Full-width ASCII to ASCII, one character for one, so that offsets stay true.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("　"): ord(" ")}
_PUNCTUATION = {ord(mark): "，" for mark in ",，.。!！?？;；:：、…"}


@dataclass(frozen=True)
class Transcript:
    """All words of a call without spaces, lower-case ASCII, every punctuation mark a comma."""

    heard: tuple[Heard, ...]
    text: str
    origins: tuple[tuple[int, int], ...]
    "For every character of `text`, the place of its utterance in `heard` and its offset there."

    @cached_property
    def _by_position(self) -> tuple[int, ...]:
        return tuple(utterance for utterance, _ in self.origins)

    def evidence(self, start: int, end: int) -> tuple[Evidence, ...]:
        """Return the words of `text[start:end]` as they stand in the utterances, one piece for each utterance."""
        pieces: list[Evidence] = []
        position = start
        while position < end:
            utterance, first = self.origins[position]
            last = position
            while last + 1 < end and self.origins[last + 1][0] == utterance:
                last += 1
            words = self.heard[utterance]
            stop = min(self.origins[last][1] + 1, len(words.text))
            if stop > first:
                pieces.append(Evidence(words.index, first, stop, words.text[first:stop]))
            position = last + 1
        return tuple(pieces)

    def confidence(self, start: int, end: int) -> float:
        """Return the recogniser's lowest confidence among the utterances of a span."""
        utterances = set(self._by_position[start:end])
        return min((self.heard[utterance].confidence for utterance in utterances), default=1.0)

    def utterance_span(self, position: int) -> tuple[int, int]:
        """Return start and end of the utterance around a position."""
        start = self.text.rfind(BREAK, 0, position) + 1
        end = self.text.find(BREAK, position)
        return start, len(self.text) if end < 0 else end


@lru_cache(maxsize=16)
def utterances_of(text: str) -> list[tuple[int, str]]:
    """Return every utterance of a joined text with the offset it begins at: what is found in one is found once."""
    found: list[tuple[int, str]] = []
    start = 0
    for words in text.split(BREAK):
        found.append((start, words))
        start += len(words) + len(BREAK)
    return found


def transcribe(heard: Sequence[Heard]) -> Transcript:
    """Return the utterances as one text."""
    characters: list[str] = []
    origins: list[tuple[int, int]] = []
    for place, utterance in enumerate(heard):
        if place:
            characters.append(BREAK)
            origins.append((place - 1, len(heard[place - 1].text)))
        for offset, character in enumerate(folded(utterance.text)):
            if not character.isspace():
                characters.append(character)
                origins.append((place, offset))
    return Transcript(tuple(heard), "".join(characters), tuple(origins))


def folded(text: str) -> str:
    """Return the text with narrow lower-case ASCII and commas for punctuation, of the same length."""
    narrow = text.translate(_NARROW)
    lowered = "".join(character.lower() if len(character.lower()) == 1 else character for character in narrow)
    return _keep_decimals(lowered)


def _keep_decimals(text: str) -> str:
    marked = text.translate(_PUNCTUATION)
    if "." not in text and ":" not in text:
        return marked
    kept = list(marked)
    for place, character in enumerate(text):
        between_digits = 0 < place < len(text) - 1 and text[place - 1].isdigit() and text[place + 1].isdigit()
        if character in ".:" and between_digits:
            kept[place] = character
    return "".join(kept)

"""Numbers of words and of position-dependent phones, shared by the grammar, the lexicon and the model's files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from training.phones import PhoneSet

BEGIN, END, INTERNAL, SINGLETON = range(4)
POSITIONS = ("begin", "end", "internal", "singleton")
SILENCE = 1
"""The phone number of silence in Kaldi's files; 0 is epsilon there."""


@dataclass(frozen=True)
class Symbols:
    """Words by number from 1, then the marks that only the building of the graph sees."""

    vocabulary: list[str]
    phones: PhoneSet

    @cached_property
    def words(self) -> list[str]:
        """words.txt, in order."""
        return ["<eps>", *self.vocabulary, "<unk>", "#0", "#names", "#digits", "<s>", "</s>"]

    @property
    def back_off(self) -> int:
        """The label of back-off arcs."""
        return len(self.vocabulary) + 2

    @property
    def names(self) -> int:
        """The label that leads into the given-name states."""
        return self.back_off + 1

    @property
    def digits(self) -> int:
        """The label that leads into the digit states."""
        return self.back_off + 2

    @property
    def phone_count(self) -> int:
        """Silence and every phone in its four positions."""
        return 1 + 4 * len(self.phones.names)

    def positioned(self, spelled: tuple[str, ...]) -> tuple[int, ...]:
        """Phone numbers of one word: begin, internal, end; or singleton."""
        last = len(spelled) - 1
        places = [SINGLETON] if last == 0 else [BEGIN, *[INTERNAL] * (last - 1), END]
        numbers = (2 + 4 * (self.phones.index[name] - 1) for name in spelled)
        return tuple(number + place for number, place in zip(numbers, places, strict=True))

    def disambiguation(self, number: int) -> int:
        """Auxiliary input labels above all phones; 0 is the back-off's own, 1 and 2 lead into names and digits."""
        return self.phone_count + 1 + number

    def word_boundaries(self) -> str:
        """graph/phones/word_boundary.int."""
        lines = [f"{SILENCE} nonword"]
        for number in range(len(self.phones.names)):
            lines += [f"{2 + 4 * number + place} {name}" for place, name in enumerate(POSITIONS)]
        return "\n".join(lines) + "\n"

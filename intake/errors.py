"""What a verb may answer instead of doing what was asked.

    IntakeError
    ├── NotFound     there is no such row
    ├── Conflict     the row is in another state or version, or another person has it
    ├── NotAllowed   not by this person or not in this way
    └── Invalid      a value that cannot be kept

`sentence` and `sentence_zh` are plain and may be shown to a person.
"""

from __future__ import annotations


class IntakeError(Exception):
    """A verb was refused; nothing was changed."""

    def __init__(self, sentence: str, sentence_zh: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.sentence_zh = sentence_zh


class NotFound(IntakeError):
    """There is no such row; `what` is its kind, for example `draft`."""

    def __init__(self, what: str, what_zh: str) -> None:
        super().__init__(f"There is no such {what}.", f"没有这个{what_zh}。")
        self.what = what


class Conflict(IntakeError):
    """Somebody was first: `state` and `version` are current, `by` is who has or decided it, when that is known."""

    def __init__(self, sentence: str, sentence_zh: str, *, state: str, version: int, by: str | None = None) -> None:
        super().__init__(sentence, sentence_zh)
        self.state = state
        self.version = version
        self.by = by


class NotAllowed(IntakeError):
    """Not by this person or not in this way."""


class Invalid(IntakeError):
    """A value cannot be kept; `field` says which."""

    def __init__(self, field: str, sentence: str, sentence_zh: str) -> None:
        super().__init__(sentence, sentence_zh)
        self.field = field

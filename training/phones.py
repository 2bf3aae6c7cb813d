"""Phones and how pinyin syllables are spelled with them.

The standard set is pinyin's own: initials and toned strict finals, so that every source with pinyin fits. `ii` is the
final of zi, ci, si and `iii` that of zhi, chi, shi, ri. Phone 0 is silence everywhere.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pypinyin.contrib.tone_convert import to_finals_tone3, to_initials

INITIALS = tuple("b p m f d t n l g k h j q x zh ch sh r z c s".split())
FINALS = tuple(
    "a ai an ang ao e ei en eng er i ia ian iang iao ie ii iii in ing iong iou o ong ou "
    "u ua uai uan uang uei uen ueng uo v van ve vn".split()
)
TONES = "12345"
"""5 is the neutral tone."""


@dataclass(frozen=True)
class PhoneSet:
    """Ordered phone names and the spelling of every syllable ('zhong1') in them."""

    names: tuple[str, ...]
    spellings: Mapping[str, tuple[str, ...]]

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each phone, from 1; silence is 0."""
        return {name: number for number, name in enumerate(self.names, 1)}

    @property
    def pdf_count(self) -> int:
        """Two pdfs a phone and two for silence: its first frame, and the frames that follow."""
        return 2 * (len(self.names) + 1)

    def spell(self, syllables: Sequence[str]) -> tuple[str, ...] | None:
        """The phones of syllables in order, or None when one of them is no Mandarin syllable."""
        phones: list[str] = []
        for syllable in syllables:
            spelled = self.spellings.get(syllable.replace("ü", "v").replace("u:", "v"))
            if spelled is None:
                return None
            phones.extend(spelled)
        return tuple(phones)

    @classmethod
    def read(cls, path: Path) -> PhoneSet:
        """Read a phone set of another network: JSON with `names` and `spellings`."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(content["names"]), {k: tuple(v.split()) for k, v in content["spellings"].items()})


def split_syllable(syllable: str) -> tuple[str, ...] | None:
    """'zhong1' is ('zh', 'ong1'), 'er2' is ('er2',); None when it is no Mandarin syllable."""
    if not syllable or syllable[-1] not in TONES:
        return None
    initial = to_initials(syllable, strict=True)
    final = to_finals_tone3(syllable, strict=True, neutral_tone_with_five=True).replace("ü", "v")
    if not final:
        return None
    tone = syllable[-1]
    final = final.rstrip(TONES)
    if final == "i" and initial in {"z", "c", "s"}:
        final = "ii"
    elif final == "i" and initial in {"zh", "ch", "sh", "r"}:
        final = "iii"
    elif final == "io":
        final = "o"
    if final not in FINALS or (initial and initial not in INITIALS):
        return None
    return (initial, final + tone) if initial else (final + tone,)


class _SplitSpellings(Mapping[str, tuple[str, ...]]):
    """Spellings computed on demand and remembered."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...] | None] = {}

    def __getitem__(self, syllable: str) -> tuple[str, ...]:
        if syllable not in self._known:
            self._known[syllable] = split_syllable(syllable)
        spelled = self._known[syllable]
        if spelled is None:
            raise KeyError(syllable)
        return spelled

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def pinyin_phones() -> PhoneSet:
    """The standard set: 21 initials and 37 finals in five tones."""
    return PhoneSet((*INITIALS, *(final + tone for final in FINALS for tone in TONES)), _SplitSpellings())

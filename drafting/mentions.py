"""Finds where a call names a place of the gazetteer, also when it was heard wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from config.city_records import County, Town, Village
from drafting.pinyin import likeness, sounds
from drafting.place_index import ORDINARY, PlaceIndex, PlaceName, stem_of
from drafting.transcript import utterances_of

_SHORTEST, _LONGEST = 2, 8
FEWEST_SAME = 2
"Characters of a name, its suffix aside, that must be as said where another syllable is not even alike."
# A two-syllable name without suffix that is only like what was said needs a word like these in front.
_BEFORE_PLACE = re.compile(r"(?:在|住|是|到|俺|我们|咱|来自|位于|这边|这里|家|区|县|市|，|\n|^)$")
_AFTER_PLACE = re.compile(
    r"(?:镇|乡|街道|办事处|县|区|这边|这里|那边|那里|这个|的|那个|[一-鿿]{1,4}(?:村|社区|庄|路|街|小区)|这|"
    r"人|城|驻地|街上|集上|政府|中学|小学|派出所|医院|卫生院)"
)

# 金雀山路, 兰山路, 沂水河: something named after the place, elsewhere.
_NOT_PLACE = re.compile(r"[东西南北中]?(?:路(?!边|口那|由)|大街|街(?!道|办)|大道|大桥|大厦|小区|花园|家园)")


@dataclass(frozen=True)
class Mention:
    """A place, the span of its words, and how surely those words mean it."""

    place: County | Town | Village
    start: int
    end: int
    score: float
    is_full: bool
    said: str = ""
    is_exact: bool = False
    is_doubtful: bool = False
    "True where another name may have been said that nobody has listed: 南坊街道 is not 兰山街道."


def find_mentions(text: str, index: PlaceIndex) -> list[Mention]:
    """Return mentions of counties and towns in order; one inside a longer and better one is left out."""
    return [
        replace(mention, start=mention.start + offset, end=mention.end + offset)
        for offset, words in utterances_of(text)
        for mention in _mentions_in(words, index)
    ]


@lru_cache(maxsize=2048)
def _mentions_in(words: str, index: PlaceIndex) -> tuple[Mention, ...]:
    heard = sounds(words)
    return tuple(_without_inner([*_by_sound(words, heard, index), *_holed(words, heard, index)]))


def _by_sound(text: str, heard: list[str], index: PlaceIndex) -> Iterator[Mention]:
    for start in range(len(text) - 1):
        if heard[start] not in index.first_sounds:
            continue
        for length in range(_SHORTEST, min(_LONGEST, len(text) - start) + 1):
            for name in index.by_sound.get(tuple(heard[start : start + length]), ()):
                mention = _mention(text, start, start + length, name)
                if mention:
                    yield mention


def _mention(text: str, start: int, end: int, name: PlaceName) -> Mention | None:
    said = text[start:end]
    alike = [likeness(one, other) for one, other in zip(said, name.said, strict=True)]
    score = sum(alike) / len(alike)
    if min(alike) == 0.0 or (said == "十字路" and text[end : end + 1] != "街"):
        return None
    if (said[-1] in "县区" and name.said[-1] not in "县区") or (not name.is_full and _NOT_PLACE.match(text, end)):
        return None
    if (
        isinstance(name.place, County)
        and name.place.kind == "managing"
        and text[start - 1 : start] in ("县", "区", "城")
    ):
        return None
    if name.is_loose:
        score -= 0.15
    exact = said == name.said
    if not name.is_full:
        if isinstance(name.place, Town) and (name.said in ORDINARY or not exact):
            score -= 0.45 if name.said in ORDINARY else 0.25
        elif not exact:
            score -= 0.3
        if not exact and not (_BEFORE_PLACE.search(text[max(0, start - 3) : start]) and _AFTER_PLACE.match(text, end)):
            return None
    elif not exact and len(said) == 2:
        score -= 0.15
        if not (_BEFORE_PLACE.search(text[max(0, start - 3) : start]) and _AFTER_PLACE.match(text, end)):
            return None
    return Mention(name.place, start, end, score, name.is_full, name.said, exact)


def _holed(text: str, heard: list[str], index: PlaceIndex) -> Iterator[Mention]:
    for match in re.finditer(r"[街镇乡阵真振县]|接到|该到", text):
        suffix = match.start()
        for length in range(3, 6):
            for end in (suffix + 1, suffix + 2):
                start = end - length
                if start < 0 or end > len(text):
                    continue
                yield from _holed_at(text, heard, start, end, index)


def _holed_at(text: str, heard: list[str], start: int, end: int, index: PlaceIndex) -> Iterator[Mention]:
    for hole in range(end - start - 1):
        key = (*heard[start : start + hole], "", *heard[start + hole + 1 : end])
        for name in index.by_holed_sound.get(tuple(key), ()):
            alike = [likeness(one, other) for one, other in zip(text[start:end], name.said, strict=True)]
            alike.pop(hole)
            if min(alike) > 0:
                # One syllable of a short name is too much to be wrong about: 0.5 of two, 0.66 of three.
                known = len(name.said) - 1
                score = 0.3 + 0.1 * known * min(alike)
                stem = stem_of(name.said)
                same = sum(one == other for one, other in zip(text[start:end], stem, strict=False))
                yield Mention(name.place, start, end, score, True, name.said, is_doubtful=same < FEWEST_SAME)


def _without_inner(found: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda one: (-(one.end - one.start) * one.score, one.start)):
        covered = [
            other
            for other in kept
            if other.start < mention.end
            and mention.start < other.end
            and (other.start, other.end) != (mention.start, mention.end)
        ]
        if not covered:
            kept.append(mention)
    return sorted(kept, key=lambda one: (one.start, -one.score))

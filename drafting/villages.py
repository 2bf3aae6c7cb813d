"""Villages and communities in a call: exact words anywhere, homophones before 村, 社区 or 庄."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from config.city import City
from config.city_records import County, Town, Village
from drafting.mentions import Mention
from drafting.pinyin import likeness, sounds
from drafting.place_index import PlaceIndex
from drafting.transcript import Transcript, utterances_of

VillageChoice = tuple[Village, float, Mention]
"A village, how surely it is meant, and where it was named."


NamedSpan = tuple[int, int, str, list[Village], float]


def legal_county(city: City, county: County) -> str:
    """Return the code of the county whose law applies: a zone lies inside one."""
    return county.legal_county or county.code


def rank_villages(
    transcript: Transcript,
    city: City,
    index: PlaceIndex,
    towns: list[tuple[Town, float, Mention]],
    counties: list[tuple[County, float, Mention]],
) -> list[VillageChoice]:
    """Return villages named, those of a town or county that was said first; a lone name is worth little."""
    text = transcript.text
    likely_towns = {town.code: score for town, score, _ in towns if score >= 0.5}
    likely_counties = {legal_county(city, county): score for county, score, _ in counties if score >= 0.5}
    taken = [(mention.start, mention.end) for _, _, mention in towns if mention.is_full]
    best: dict[Village, tuple[float, Mention]] = {}
    for start, end, name, villages, alike in _spans(text, index):
        if any(first < end and start < last for first, last in taken):
            continue
        here = [village for village in villages if village.town_code in likely_towns]
        there = [v for v in villages if city.town_by_code[v.town_code].county_code in likely_counties]
        for village in (
            here
            or (there if not likely_towns else [])
            or (villages if not likely_counties and not likely_towns else [])
        ):
            score = _village_score(village, name, alike, here, there, villages)
            mention = Mention(village, start, end, score, True, name, alike == 1.0)
            if village not in best or score > best[village][0]:
                best[village] = score, mention
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], -item[1][1].start))
    return [(village, score, mention) for village, (score, mention) in ranked if score > 0.2]


def _village_score(
    village: Village, name: str, alike: float, here: list[Village], there: list[Village], everywhere: list[Village]
) -> float:
    if here:
        score = 0.95 / len(here) ** 0.5
    elif there:
        score = 0.85 / len(there)
    else:
        score = 0.75 / len(everywhere) if len(name) >= 3 else 0.3 / len(everywhere)
    bare = not name.endswith(("村", "社区"))
    return float(score * alike**3 - (0.1 if bare else 0.0))


def _spans(text: str, index: PlaceIndex) -> Iterator[NamedSpan]:
    for offset, words in utterances_of(text):
        for start, end, name, villages, alike in _spans_in(words, index):
            yield start + offset, end + offset, name, villages, alike


@lru_cache(maxsize=2048)
def _spans_in(words: str, index: PlaceIndex) -> tuple[NamedSpan, ...]:
    return tuple(_village_spans(words, index))


def _village_spans(text: str, index: PlaceIndex) -> Iterator[NamedSpan]:
    heard = sounds(text)
    for start, character in enumerate(text):
        if character in index.village_starts:
            for length in range(2, 9):
                name = text[start : start + length]
                if len(name) == length and name in index.villages_by_name and _is_free(text, start, name):
                    yield start, start + length, name, index.villages_by_name[name], 1.0
    for match in re.finditer(r"[村社]|庄(?!严|重|稼)", text):
        end = match.end() + (1 if match[0] == "社" else 0)
        for length in range(3, 8):
            start = end - length
            if start < 0 or end > len(text) or text[start:end] in index.villages_by_name:
                continue
            for name, village in index.villages_by_sound.get(tuple(heard[start:end]), ()):
                alike = [likeness(one, other) for one, other in zip(text[start:end], name, strict=True)]
                if min(alike) > 0:
                    yield start, end, name, [village], sum(alike) / len(alike) - 0.03


def _is_free(text: str, start: int, name: str) -> bool:
    """A village's words are not the tail of a longer name (后十里堡村 is not 十里堡村)."""
    before = text[start - 1 : start]
    if len(name) <= 3 and before and before in "东西南北前后大小上下中新老":
        return False
    return not (name.endswith("庄") and text[start + len(name) : start + len(name) + 1] in ("镇", "村", "街"))

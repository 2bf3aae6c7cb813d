"""County, town and community of a matter: the mentions that agree with each other, the newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from config.city import City
from config.city_records import County, Town
from drafting.draft import Candidate, DraftField
from drafting.fields import BLANK, field_of
from drafting.mentions import Mention, find_mentions
from drafting.place_index import official_name, place_index
from drafting.transcript import Transcript
from drafting.villages import VillageChoice, legal_county, rank_villages

_CORRECTED = re.compile(r"(?:不对|不是|错了|说错|记错|弄错)[^\n]{0,6}$")
_TAKEN_BACK = re.compile(r"^[^\n，]{0,4}[，\n]?(?:哦|噢|啊|呃)?[，]?(?:不对|错了|说错|不是.{0,8}[，\n]?是)")
_ORIGIN = re.compile(r"(?:老家(?:是|在)?|户口(?:是|在)|我是|俺是|人在外地|嫁到|以前住)[^，\n]{0,4}$")
DOUBTFUL = 0.55
"A name that may be another one altogether is shown, and not filled in."
NEAR = 12
"Characters within which a county, a town and a village are said of one place."


@dataclass(frozen=True)
class Where:
    """The place of a matter as fields, and the spans that named it."""

    county: DraftField
    town: DraftField
    community: DraftField
    mentions: tuple[Mention, ...]
    managing_unit: str = ""


def locate(transcript: Transcript, city: City) -> Where:
    """Return county, town and community, consistent with each other; unsure ones stay blank with candidates."""
    index = place_index(city)
    mentions = find_mentions(transcript.text, index)
    towns = _ranked_towns(transcript, city, mentions)
    counties = _ranked_counties(transcript, city, mentions)
    town_choice = towns[0] if towns else None
    villages = rank_villages(transcript, city, index, towns, counties)
    return _fields(transcript, city, counties, towns, villages, town_choice, mentions)


def _freshness(transcript: Transcript, mention: Mention) -> float:
    # A later mention outranks an earlier one; a place taken back ("不对，是…") nearly leaves.
    bonus = 0.08 * mention.start / max(1, len(transcript.text))
    if _CORRECTED.search(transcript.text[max(0, mention.start - 10) : mention.start]):
        bonus += 0.1
    if _TAKEN_BACK.match(transcript.text[mention.end : mention.end + 16]):
        bonus -= 0.4
    if _ORIGIN.search(transcript.text[max(0, mention.start - 8) : mention.start]):
        bonus -= 0.05
    return bonus


_LEFT = re.compile(r"从$")
_TRAVELS = re.compile(r"(?:县|区|镇|街道)?[^，\n]{0,3}(?:坐|到|往|回|迁|转|去)")


def _is_left(transcript: Transcript, mention: Mention) -> bool:
    """Whether a journey or a move begins at the place: the matter is elsewhere."""
    text = transcript.text
    return bool(_LEFT.search(text[: mention.start][-1:]) and _TRAVELS.match(text[mention.end : mention.end + 10]))


def _ranked_counties(
    transcript: Transcript, city: City, mentions: Iterable[Mention]
) -> list[tuple[County, float, Mention]]:
    best: dict[str, tuple[float, float, Mention]] = {}
    for mention in mentions:
        if not isinstance(mention.place, County):
            continue
        score = mention.score * (0.5 if _is_left(transcript, mention) else 1.0)
        rank = score + _freshness(transcript, mention)
        code = mention.place.code
        if code not in best or rank > best[code][0]:
            best[code] = rank, score, mention
    ranked = sorted(best.items(), key=lambda item: -item[1][0])
    return [(city.county_by_code[code], score, mention) for code, (_, score, mention) in ranked]


def _ranked_towns(transcript: Transcript, city: City, mentions: list[Mention]) -> list[tuple[Town, float, Mention]]:
    counties = [mention for mention in mentions if isinstance(mention.place, County)]
    best: dict[str, tuple[float, float, Mention]] = {}
    for mention in mentions:
        if not isinstance(mention.place, Town):
            continue
        score = _with_county(city, mention, counties)
        if mention.is_doubtful:
            score = min(score, DOUBTFUL)
        rank = score + _freshness(transcript, mention)
        code = mention.place.code
        if code not in best or rank > best[code][0]:
            best[code] = rank, score, mention
    ranked = sorted(best.items(), key=lambda item: -item[1][0])
    return [(city.town_by_code[code], score, mention) for code, (_, score, mention) in ranked]


def _with_county(city: City, town: Mention, counties: list[Mention]) -> float:
    if not isinstance(town.place, Town):
        return 0.0
    legal = [(legal_county(city, mention.place), mention) for mention in counties if isinstance(mention.place, County)]
    if any(
        code == town.place.county_code and mention.end <= town.start and town.start - mention.end <= 3
        for code, mention in legal
    ):
        return 1 - (1 - town.score) * (0.15 if not town.is_full else 0.4)
    if any(code == town.place.county_code for code, _ in legal):
        return 1 - (1 - town.score) * 0.6
    if legal:
        return town.score - 0.25
    return town.score


def _fields(
    transcript: Transcript,
    city: City,
    counties: list[tuple[County, float, Mention]],
    towns: list[tuple[Town, float, Mention]],
    villages: list[VillageChoice],
    town_choice: tuple[Town, float, Mention] | None,
    mentions: list[Mention],
) -> Where:
    limits = city.thresholds
    managing = ""
    if villages and villages[0][1] >= limits["community"] and (not town_choice or town_choice[1] < limits["town"]):
        town = city.town_by_code[villages[0][0].town_code]
        unique = len({choice[0].town_code for choice in villages if choice[1] >= villages[0][1] - 0.05}) == 1
        if unique:
            towns = [(town, villages[0][1], villages[0][2]), *(one for one in towns if one[0] != town)]
    town_field = _town_field(transcript, towns, limits, city)
    county_field = _county_field(transcript, city, counties, towns, town_field, limits)
    community = _community_field(transcript, city, villages, town_field, county_field, limits)
    for county, score, _ in counties:
        if county.kind == "managing" and score >= limits["county"]:
            managing = county.name
    if not managing and town_field.value:
        managing = next((town.managing_unit for town, _, _ in towns if town.name == town_field.value), "")
    used = tuple(mention for _, _, mention in (*counties, *towns, *villages[:1]))
    return Where(county_field, town_field, community, tuple(used or mentions), managing)


def _town_field(
    transcript: Transcript, towns: list[tuple[Town, float, Mention]], limits: Mapping[str, float], city: City
) -> DraftField:
    if not towns:
        return BLANK
    top, score, mention = towns[0]
    rivals = [
        other
        for other in towns[1:]
        if other[2].start == mention.start
        and other[2].is_exact == mention.is_exact
        and min(other[1] - score, other[2].score - mention.score) > -0.1
    ]
    if rivals:
        score = min(score, 0.5)
    candidates = [
        Candidate(
            town.name,
            round(max(0.0, min(1.0, score_)), 3),
            f"{city.county_by_code[town.county_code].name}，听到“{transcript.text[m.start : m.end]}”",
        )
        for town, score_, m in towns[:4]
        if score_ > 0.2
    ]
    confidence = score * transcript.confidence(mention.start, mention.end) ** 0.25
    return field_of(
        top.name, confidence, limits["town"], transcript.evidence(mention.start, mention.end), "heard", candidates
    )


def _county_field(
    transcript: Transcript,
    city: City,
    counties: list[tuple[County, float, Mention]],
    towns: list[tuple[Town, float, Mention]],
    town_field: DraftField,
    limits: Mapping[str, float],
) -> DraftField:
    said = [
        Candidate(
            city.county_by_code[legal_county(city, county)].name,
            round(max(0.0, min(1.0, score)), 3),
            f"听到“{transcript.text[m.start : m.end]}”",
        )
        for county, score, m in counties[:4]
        if score > 0.2
    ]
    if town_field.value is not None:
        town, score, mention = next(choice for choice in towns if choice[0].name == town_field.value)
        county = city.county_by_code[town.county_code]
        agreeing = [m for c, _, m in counties if legal_county(city, c) == county.code]
        if agreeing:
            heard = agreeing[0]
            return field_of(
                county.name, 0.97, limits["county"], transcript.evidence(heard.start, heard.end), "heard", said
            )
        if not counties or counties[0][1] < 0.75:
            confidence = min(0.95, town_field.confidence)
            evidence = transcript.evidence(mention.start, mention.end)
            return field_of(
                county.name, confidence, limits["county"], evidence, "derived", said, f"{town.name}属{county.name}"
            )
    if not counties:
        return BLANK
    county, score, mention = counties[0]
    legal = city.county_by_code[legal_county(city, county)]
    score = score * (0.9 if county.kind == "managing" else 1.0)
    return field_of(legal.name, score, limits["county"], transcript.evidence(mention.start, mention.end), "heard", said)


def _community_field(
    transcript: Transcript,
    city: City,
    villages: list[VillageChoice],
    town_field: DraftField,
    county_field: DraftField,
    limits: Mapping[str, float],
) -> DraftField:
    if town_field.value is not None:
        inside = [choice for choice in villages if city.town_by_code[choice[0].town_code].name == town_field.value]
        villages = inside or [replace_score(choice, choice[1] * 0.5) for choice in villages]
    if not villages:
        return BLANK
    village, score, mention = villages[0]
    rivals = [one for one in villages[1:] if one[1] > score - 0.05 and one[0] != village]
    if rivals:
        score = min(score, 0.5)
    candidates = [
        Candidate(official_name(v), round(max(0.0, min(1.0, s)), 3), f"{city.town_by_code[v.town_code].name}，{v.name}")
        for v, s, _ in villages[:4]
    ]
    return field_of(
        official_name(village),
        score,
        limits["community"],
        transcript.evidence(mention.start, mention.end),
        "heard",
        candidates,
    )


def replace_score(choice: VillageChoice, score: float) -> VillageChoice:
    """Return the choice with another score."""
    village, _, mention = choice
    return village, score, replace(mention, score=score)

"""The city's places to choose from: county, town, village, or found by a part of the name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final

from fastapi import Query, Response

from config.city import City, load_city
from config.city_records import County, Town
from intake_api.console.page import ReaderPage

MOST_FOUND: Final = 60
"More are faster found with one more character."


@dataclass(frozen=True)
class Place:
    """Official names of a place, as far down as it goes."""

    county: str
    town: str
    community: str = ""


def show_places(
    page: ReaderPage,
    q: Annotated[str, Query(max_length=40)] = "",
    county: Annotated[str, Query(max_length=20)] = "",
    town: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Return what the picker shows: what was searched for, or the lists below a county's and a town's code."""
    city = load_city(page.service.settings.city)
    chosen = city.town_by_code.get(town)
    above = city.county_by_code.get(chosen.county_code if chosen else county)
    return page.show(
        "parts/places.html",
        q=q.strip(),
        found=list(islice(search(city, q.strip()), MOST_FOUND)) if q.strip() else [],
        counties=[each for each in city.counties if each.kind != "managing"],
        county=above,
        towns=[each for each in city.towns if above and each.county_code == above.code],
        town=chosen,
        villages=[each.name for each in city.villages if chosen and each.town_code == chosen.code],
    )


def search(city: City, words: str) -> Iterator[Place]:
    """Yield places whose name, or the name people say, has the words; towns before villages."""
    for town in city.towns:
        if any(words in name for name in (town.name, *town.other_names)):
            yield Place(county_of(city, town).name, town.name)
    for village in city.villages:
        if words in village.name or words in village.short_name:
            town = city.town_by_code[village.town_code]
            yield Place(county_of(city, town).name, town.name, village.name)


def county_of(city: City, town: Town) -> County:
    """Return the county that a town lies in by law."""
    return city.county_by_code[town.county_code]

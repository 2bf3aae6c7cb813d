"""Official names to choose from while typing: towns of a county, villages of a town, units."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import Response

from config.city import City, load_city
from intake_api.console.page import ReaderPage

LONGEST_LIST: Final = 400
"The town with the most villages has fewer."


def suggest(page: ReaderPage, list_name: Literal["town", "community", "lead_unit"], of: str = "") -> Response:
    """Return `<option>` elements; `of` is the county of a town or the town of a village."""
    city = load_city(page.service.settings.city)
    return page.show("parts/options.html", names=names(city, list_name, of)[:LONGEST_LIST])


def names(city: City, list_name: str, of: str) -> list[str]:
    """Return the names of a list; all towns when no county is named, no villages when no town is."""
    if list_name == "lead_unit":
        return [unit.name for unit in city.units]
    if list_name == "town":
        codes = {county.code for county in city.counties if of in (county.name, county.short_name)}
        return [t.name for t in city.towns if not of or t.county_code in codes or t.managing_unit == of]
    codes = {town.code for town in city.towns if town.name == of}
    return [village.name for village in city.villages if village.town_code in codes]

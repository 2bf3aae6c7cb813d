"""Reads the gazetteer: counties and zones, towns, villages, and places outside the city."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from config.city_files import read_csv
from config.city_records import County, OtherPlace, Town, Village


def read_counties(folder: Path) -> tuple[County, ...]:
    """Return counties, districts and zones; a zone names the county whose law applies."""
    columns = ("code", "name", "short_name", "en", "other_names", "kind", "legal_county")
    counties: list[County] = []
    for row in read_csv(folder / "counties.csv", columns):
        county = County(
            code=row.text("code"),
            name=row.text("name"),
            short_name=row.text("short_name"),
            en=row.text("en"),
            other_names=row.texts("other_names"),
            kind=row.choice("kind", ("county", "managing")),
            legal_county=row.optional("legal_county"),
        )
        known = {before.code for before in counties}
        if county.code in known:
            raise row.error(f"code {county.code} stands twice", "give every county a code of its own")
        if county.kind == "managing" and county.legal_county not in known:
            raise row.error(f"legal_county {county.legal_county!r} is unknown", "name the code of a county above")
        counties.append(county)
    return tuple(counties)


def read_towns(folder: Path, counties: Iterable[County]) -> tuple[Town, ...]:
    """Return towns and streets, each inside a known county."""
    known = {county.code for county in counties}
    names = {county.name for county in counties}
    towns: dict[str, Town] = {}
    for row in read_csv(folder / "towns.csv", ("code", "county_code", "name", "other_names", "managing_unit")):
        code, county_code, managing_unit = row.text("code"), row.text("county_code"), row.optional("managing_unit")
        if county_code not in known:
            raise row.error(f"county_code {county_code} is unknown", "add the county to counties.csv or mend the code")
        if managing_unit and managing_unit not in names:
            raise row.error(f"managing_unit {managing_unit} is unknown", "add the zone to counties.csv")
        if code in towns:
            raise row.error(f"code {code} stands twice", "give every town a code of its own")
        towns[code] = Town(code, county_code, row.text("name"), row.texts("other_names"), managing_unit)
    return tuple(towns.values())


def read_villages(folder: Path, towns: Iterable[Town]) -> tuple[Village, ...]:
    """Return villages and communities, each inside a known town."""
    known = {town.code for town in towns}
    villages: list[Village] = []
    for row in read_csv(folder / "villages.csv", ("town_code", "name", "short_name")):
        values = row.values
        if values["town_code"] not in known:
            raise row.error(f"town_code {values['town_code']} is unknown", "add the town to towns.csv or mend the code")
        villages.append(Village(values["town_code"], row.text("name"), row.text("short_name")))
    return tuple(villages)


def read_other_places(folder: Path) -> tuple[OtherPlace, ...]:
    """Return places outside the city that callers name."""
    rows = read_csv(folder / "other_places.csv", ("name", "en"))
    return tuple(OtherPlace(row.text("name"), row.text("en")) for row in rows)

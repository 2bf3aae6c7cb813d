"""Linyi's places, from the city's own data files: counties and districts, 156 towns and streets, 4,186 villages."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

CITY = Path(__file__).parents[2] / "config" / "city" / "linyi"
_NOT_CHINESE = re.compile("[^\u4e00-\u9fff]")
_TOWN_KIND = re.compile("(街道|镇|乡)$")


@dataclass(frozen=True)
class Places:
    """Towns by county, villages by town, and what else a county is called, all in file order."""

    towns: dict[str, list[str]]
    villages: dict[str, list[str]]
    county_names: dict[str, list[str]]
    others: list[str]

    def names(self) -> list[str]:
        """Every name once, short forms included, in a fixed order."""
        found: dict[str, None] = dict.fromkeys(self.others)
        for names in self.county_names.values():
            found.update(dict.fromkeys(names))
        for towns in self.towns.values():
            for town in towns:
                found[town] = None
                if len(short_town(town)) > 1:
                    found[short_town(town)] = None
        for villages in self.villages.values():
            found.update(dict.fromkeys(villages))
        return list(found)


def short_town(town: str) -> str:
    """银雀山 for 银雀山街道: what people say once the county is known."""
    return _TOWN_KIND.sub("", town)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_places(folder: Path = CITY) -> Places:
    """Read counties.csv, towns.csv, villages.csv and other_places.csv of a city."""
    counties = {row["code"]: row for row in _rows(folder / "counties.csv")}
    towns: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for row in _rows(folder / "towns.csv"):
        towns.setdefault(counties[row["county_code"]]["name"], []).append(row["name"])
        names[row["code"]] = row["name"]
    villages: dict[str, list[str]] = {}
    for row in _rows(folder / "villages.csv"):
        name = _NOT_CHINESE.sub("", row["short_name"])
        if len(name) > 1:
            villages.setdefault(names[row["town_code"]], []).append(name)
    county_names = {
        row["name"]: [name for name in (row["name"], row["short_name"], *row["other_names"].split("|")) if name]
        for row in counties.values()
    }
    return Places(towns, villages, county_names, [row["name"] for row in _rows(folder / "other_places.csv")])

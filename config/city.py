"""A city's data, read and checked once at start: `load_city("linyi")` or `load_city("/etc/hotline/mycity")`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

from config.city_files import CityError, Entry, read_csv, read_toml
from config.city_matters import (
    read_articles,
    read_categories,
    read_emergencies,
    read_not_accept,
    read_set_aside,
    read_types,
    read_units,
)
from config.city_places import read_counties, read_other_places, read_towns, read_villages
from config.city_records import (
    AppealType,
    Article,
    Category,
    Circumstances,
    County,
    Emergency,
    Limits,
    NotAccept,
    OtherPlace,
    SetAside,
    Town,
    Unit,
    Village,
)

__all__ = ["City", "CityError", "load_city"]

CITIES = Path(__file__).parent / "city"


@dataclass(frozen=True, eq=False)
class City:
    """Everything that drafting knows of a city; compared by identity, so that indices over it are built once."""

    folder: Path
    name: str
    short_name: str
    name_en: str
    province: str
    time_zone: str
    area_code: str
    landline_digits: int
    limits: Limits
    thresholds: Mapping[str, float]
    holidays: Mapping[date, str]
    counties: tuple[County, ...]
    towns: tuple[Town, ...]
    villages: tuple[Village, ...]
    other_places: tuple[OtherPlace, ...]
    units: tuple[Unit, ...]
    categories: tuple[Category, ...]
    types: tuple[AppealType, ...]
    emergencies: tuple[Emergency, ...]
    circumstances: Circumstances
    not_accept: tuple[NotAccept, ...]
    objection: tuple[str, str]
    set_aside: tuple[SetAside, ...]
    articles: tuple[Article, ...]

    @cached_property
    def county_by_code(self) -> Mapping[str, County]:
        """Counties by code."""
        return {county.code: county for county in self.counties}

    @cached_property
    def town_by_code(self) -> Mapping[str, Town]:
        """Towns by code."""
        return {town.code: town for town in self.towns}

    @cached_property
    def category_by_key(self) -> Mapping[tuple[str, str], Category]:
        """Categories by level 1 and 2."""
        return {category.key: category for category in self.categories}

    @property
    def examples_path(self) -> Path:
        """The hand-written sentences that the linear model is trained from, beside confirmed tickets."""
        return self.folder / "examples.csv"

    @property
    def category_model_path(self) -> Path:
        """The weights of the linear model of categories; absent means rules alone."""
        return self.folder / "category_model.npz"

    @property
    def type_model_path(self) -> Path:
        """The weights of the linear model of types; absent means rules alone."""
        return self.folder / "type_model.npz"

    @property
    def emergency_examples_path(self) -> Path:
        """Sentences with the number to transfer to, or with none, that the model of emergencies is trained from."""
        return self.folder / "emergency_examples.csv"

    @property
    def emergency_model_path(self) -> Path:
        """The weights of the linear model of emergencies; absent means rules alone."""
        return self.folder / "emergency_model.npz"


def city_folder(name: str) -> Path:
    """Return the folder of a city: one of `config/city/`, or a path; raises `CityError`."""
    folder = Path(name)
    if not folder.is_dir():
        folder = CITIES / folder
    if not folder.is_dir():
        known = ", ".join(sorted(path.name for path in CITIES.iterdir() if path.is_dir()))
        raise CityError(folder, 0, "there is no such city folder", f"name a folder, or one of {known}")
    return folder.resolve()


def load_city(name: str | Path) -> City:
    """Return a city by name or folder; read once a process. Raises `CityError` with file, line and remedy."""
    return _load(city_folder(str(name)))


@lru_cache(maxsize=8)
def _load(folder: Path) -> City:
    top = read_toml(folder / "city.toml")
    counties = read_counties(folder)
    towns = read_towns(folder, counties)
    units = read_units(folder)
    categories = read_categories(folder, units)
    emergencies, circumstances = read_emergencies(folder)
    not_accept, objection = read_not_accept(folder)
    return City(
        folder=folder,
        name=top.text("name"),
        short_name=top.text("short_name"),
        name_en=top.text("name_en"),
        province=top.text("province"),
        time_zone=top.text("time_zone"),
        area_code=top.text("area_code"),
        landline_digits=_whole(top, "landline_digits"),
        limits=_limits(top),
        thresholds=_thresholds(top),
        holidays=_holidays(folder),
        counties=counties,
        towns=towns,
        villages=read_villages(folder, towns),
        other_places=read_other_places(folder),
        units=units,
        categories=categories,
        types=read_types(folder),
        emergencies=emergencies,
        circumstances=circumstances,
        not_accept=not_accept,
        objection=objection,
        set_aside=read_set_aside(folder),
        articles=read_articles(folder, categories),
    )


def _whole(entry: Entry, key: str) -> int:
    value = entry.values.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise entry.error(f"`{key}` is {value!r}", "write a whole number of 1 or more")
    return value


def _limits(top: Entry) -> Limits:
    part = Entry(top.path, top.line, top.values.get("limits", {}))
    return Limits(**{name: _whole(part, name) for name in Limits.__dataclass_fields__})


def _thresholds(top: Entry) -> Mapping[str, float]:
    thresholds: dict[str, float] = {}
    for name, value in top.values.get("thresholds", {}).items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise top.error(f"threshold `{name}` is {value!r}", "write a number from 0 to 1")
        thresholds[name] = float(value)
    return MappingProxyType(thresholds)


def _holidays(folder: Path) -> Mapping[date, str]:
    days: dict[date, str] = {}
    for row in read_csv(folder / "holidays.csv", ("date", "name", "type")):
        try:
            day = date.fromisoformat(row.text("date"))
        except ValueError:
            raise row.error(f"{row.text('date')!r} is no date", "write YYYY-MM-DD") from None
        days[day] = row.choice("type", ("off", "workday"))
    return MappingProxyType(days)

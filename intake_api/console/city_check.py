"""The city's data files, read anew and checked: each finding with its file, line and remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import Response

from config import city_matters, city_places
from config.city import City, city_folder, load_city
from config.city_files import CityError, read_csv, read_toml
from intake_api.console.language import mark
from intake_api.console.page import AdministratorPage, Page
from intake_api.needs import Now

SOON: Final = timedelta(days=30)


@dataclass(frozen=True)
class Finding:
    """What is wrong, or soon will be, where, and what to do."""

    tone: Literal["alarm", "warn"]
    file: str
    line: int
    wrong: str
    remedy: str


def show_city_check(page: AdministratorPage, now: Now) -> Response:
    """Read every file as it lies there now; the service works on with what it read at its start."""
    settings = page.service.settings
    folder = city_folder(settings.city)
    city = load_city(settings.city)
    today = now.astimezone(ZoneInfo(settings.time_zone)).date()
    findings = [*faults(folder), *ageing(page, city, today)]
    return page.show("city_check.html", here="system", tab="city", city=city, folder=folder, findings=findings)


def faults(folder: Path) -> list[Finding]:
    """Return the first fault of each file; a file that leans on a faulty one is judged once that is mended."""
    found: list[Finding] = []

    def read(reader: Callable[..., Any], *needed: Any) -> Any:
        """Return what a file holds, None when it or what it leans on is faulty."""
        if None in needed:
            return None
        try:
            return reader(*needed)
        except CityError as error:
            found.append(as_finding(error))
            return None

    read(read_toml, folder / "city.toml")
    read(lambda at: list(read_csv(at / "holidays.csv", ("date", "name", "type"))), folder)
    towns = read(city_places.read_towns, folder, read(city_places.read_counties, folder))
    read(city_places.read_villages, folder, towns)
    read(city_places.read_other_places, folder)
    categories = read(city_matters.read_categories, folder, read(city_matters.read_units, folder))
    read(city_matters.read_articles, folder, categories)
    for reader in (
        *(city_matters.read_types, city_matters.read_emergencies),
        *(city_matters.read_not_accept, city_matters.read_set_aside),
    ):
        read(reader, folder)
    return found


def as_finding(error: CityError) -> Finding:
    """Return an error of `config/city_files.py` (`file:line: what is wrong; what to do`) in its parts."""
    words = str(error).removeprefix(f"{error.path}:{error.line}: ")
    wrong, _, remedy = words.rpartition("; ")
    return Finding("alarm", error.path.name, error.line, wrong or remedy, remedy if wrong else "")


def ageing(page: Page, city: City, today: date) -> Iterator[Finding]:
    """Yield what is right today and will not stay so: answers past their day, a year without its holidays."""
    for article in city.articles:
        if date.fromisoformat(article.valid_until) < today + SOON:
            wrong = page.say(
                mark("The answer “%(title)s” is valid until %(day)s."), title=article.title, day=article.valid_until
            )
            yield Finding("warn", "answers.toml", 0, wrong, page.say(mark("Check it and write a new day.")))
    ahead = (today + SOON).year
    if all(day.year != ahead for day in city.holidays):
        wrong = page.say(
            mark("There are no holidays of the year %(year)s: deadlines count them as workdays."), year=ahead
        )
        yield Finding("warn", "holidays.csv", 0, wrong, page.say(mark("Add the State Council's list of that year.")))
    if samples := sum(article.is_sample for article in city.articles):
        wrong = page.say(mark("%(count)s answers are samples, not the city's own."), count=samples)
        yield Finding("warn", "answers.toml", 0, wrong, page.say(mark("Let the unit in charge check them.")))

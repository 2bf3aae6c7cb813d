"""A city's data is checked at start, and an error names file, line and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from config.city import CITIES, CityError, load_city

LINYI = load_city("linyi")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "city"
    shutil.copytree(CITIES / "linyi", copy)
    return copy


def _line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def test_linyi_is_complete() -> None:
    assert len(LINYI.towns) == 156
    assert len(LINYI.villages) == 4186
    assert [rule.code for rule in LINYI.not_accept] == [f"NA{number}" for number in range(1, 9)]
    assert {one.number for one in LINYI.emergencies if one.mode == "transfer"} == {"110", "119", "120", "122"}
    assert len(LINYI.articles) >= 40
    assert all(category.en and category.level_1_en for category in LINYI.categories)


def test_a_city_is_read_once(folder: Path) -> None:
    assert load_city("linyi") is LINYI
    assert load_city(folder) is load_city(str(folder))


def test_an_unknown_city_names_the_known_ones() -> None:
    with pytest.raises(CityError, match="linyi"):
        load_city("atlantis")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("towns.csv", "371302004,371302,", "371302004,999999,", "county_code 999999 is unknown"),
        ("units.csv", "department", "ministry", "choose one of department"),
        ("categories.toml", 'unit = "水务集团"', 'unit = "无此单位"', "add it to units.csv"),
        ("categories.toml", '"停水"', '"停(水"', "mend or escape it"),
        ("answers.toml", "2027-12-31", "next year", "write YYYY-MM-DD"),
        ("holidays.csv", "2024-01-01", "2024-13-01", "write YYYY-MM-DD"),
        ("city.toml", "other_days = 5", "other_days = -5", "write a whole number"),
    ],
)
def test_an_error_names_file_line_and_remedy(folder: Path, file: str, old: str, new: str, says: str) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(CityError, match=says) as raised:
        load_city(folder)
    assert str(raised.value).startswith(f"{path}:{raised.value.line}: ")
    assert "; " in str(raised.value)
    if file.endswith(".csv"):
        assert raised.value.line == _line_of(path, new)


def test_a_missing_file_says_where_to_copy_it_from(folder: Path) -> None:
    (folder / "villages.csv").unlink()
    with pytest.raises(CityError, match="copy it from"):
        load_city(folder)


def test_broken_toml_names_its_line(folder: Path) -> None:
    path = folder / "types.toml"
    path.write_text(path.read_text() + "\nbroken = [\n")
    with pytest.raises(CityError, match=r"types\.toml:\d+"):
        load_city(folder)

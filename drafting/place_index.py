"""The gazetteer as dictionaries of sounds, built once for a city."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from config.city import City
from config.city_records import County, Town, Village
from drafting.pinyin import name_sounds
from drafting.words import words

Sounds = tuple[str, ...]

TOWN_SUFFIXES = ("街道", "镇", "乡")
VILLAGE_SUFFIXES = ("社区", "村", "庄")
ORDINARY = frozenset(words("ordinary_towns"))
"Town names that are words, surnames' villages or other towns' names: alone they need a suffix or a county beside."


@dataclass(frozen=True)
class PlaceName:
    """One way to say a place: `said` is the name as spoken, `is_full` whether it carries its suffix."""

    said: str
    place: County | Town | Village
    is_full: bool
    is_loose: bool = False
    "True for a suffix that the place does not officially have (高都镇 for 高都街道)."


@dataclass(eq=False)
class PlaceIndex:
    """Names by their folded sounds; villages by town, and by their exact words."""

    by_sound: dict[Sounds, list[PlaceName]] = field(default_factory=lambda: defaultdict(list))
    by_holed_sound: dict[Sounds, list[PlaceName]] = field(default_factory=lambda: defaultdict(list))
    "Full town names with one syllable left out (an empty string), for a syllable heard wrongly."
    villages_by_name: dict[str, list[Village]] = field(default_factory=lambda: defaultdict(list))
    villages_by_sound: dict[Sounds, list[tuple[str, Village]]] = field(default_factory=lambda: defaultdict(list))
    first_sounds: set[str] = field(default_factory=set)
    village_starts: set[str] = field(default_factory=set)


@lru_cache(maxsize=8)
def place_index(city: City) -> PlaceIndex:
    """Return the city's index."""
    index = PlaceIndex()
    for county in city.counties:
        for name in dict.fromkeys((county.name, county.short_name, *county.other_names)):
            _add(index, PlaceName(name, county, name == county.name or name[-1] in "区县"))
    for town in city.towns:
        for name in (town.name, *town.other_names):
            _add(index, PlaceName(name, town, True))
            _add_holed(index, PlaceName(name, town, True))
            stem = stem_of(name)
            if stem != name and not any(stem == county.short_name for county in city.counties):
                _add(index, PlaceName(stem, town, False))
            # 街道 is often called 办事处, and many streets were towns until a few years ago.
            for other in ("办事处", "街道办事处", "街道办", "镇", "乡") if name.endswith("街道") else ("乡",):
                _add(index, PlaceName(stem + other, town, True, not other.startswith(("办事处", "街道"))))
    for village in city.villages:
        _add_village(index, village)
    return index


def stem_of(name: str) -> str:
    """Return a town's name without 街道, 镇 or 乡."""
    for suffix in TOWN_SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name.removesuffix(suffix)
    return name


def village_names(village: Village) -> tuple[str, ...]:
    """Return what people call a village: 册山村, 前十社区, 龙泉村 for a committee written as 龙泉."""
    short = village.short_name.removesuffix("居民委员").removesuffix("居民委员会")
    if short.endswith(("村", "社区")):
        stem = short.removesuffix("社区").removesuffix("村")
        other = f"{stem}社区" if short.endswith("村") else f"{stem}村"
        names = [short, other]
        if len(stem) >= 3 and stem.endswith(tuple("庄屯沟峪埠岭店集泉湖崖子")):
            names.append(stem)
        return tuple(names)
    names = [f"{short}村", f"{short}社区"]
    if len(short) >= 3:
        names.insert(0, short)
    return tuple(names)


def official_name(village: Village) -> str:
    """Return the name a ticket shows: the short name, with 村 or 社区 as the committee's full name has it."""
    short = village.short_name.removesuffix("居民委员")
    if short.endswith(("村", "社区")):
        return short
    return short + ("社区" if "居" in village.name[len(short) :] else "村")


def _add(index: PlaceIndex, name: PlaceName) -> None:
    for key in name_sounds(name.said):
        if name not in index.by_sound[key]:
            index.by_sound[key].append(name)
        index.first_sounds.add(key[0])


def _add_holed(index: PlaceIndex, name: PlaceName) -> None:
    if len(stem_of(name.said)) < 2:
        return
    for key in name_sounds(name.said):
        for hole in range(len(stem_of(name.said))):
            holed = (*key[:hole], "", *key[hole + 1 :])
            if name not in index.by_holed_sound[holed]:
                index.by_holed_sound[holed].append(name)


def _add_village(index: PlaceIndex, village: Village) -> None:
    for name in village_names(village):
        index.villages_by_name[name].append(village)
        index.village_starts.add(name[0])
        for key in name_sounds(name)[:2]:
            index.villages_by_sound[key].append((name, village))

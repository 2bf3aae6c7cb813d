"""Writes the sentences that measuring speaks: places in sentences of any form, and calls drawn with an own seed.

python -m training.dev_sentences FOLDER
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from training.language.places import Places, read_places
from training.language.templates import Templates

_UNDRAWN_SEED = 987_654
_TOWN_FRAMES = (
    "听说{}要建一个新的养老院",
    "从{}到市里坐车要多久",
    "{}赶集是逢几",
    "我儿子在{}上班路上摔了一跤",
    "昨天{}那边下冰雹了",
    "我们想去{}看看房子",
    "你能不能帮我转到{}去",
    "{}那里的桃子烂在地里没人收",
    "他是从{}嫁过来的",
    "去年搬到了{}以后一直没有信号",
    "{}的扶贫车间关门了",
    "就是往{}走的那条大路上",
)
_VILLAGE_FRAMES = (
    "{}{}的水库谁来管",
    "我外婆家在{}{}",
    "{}{}那座老桥快要塌了",
    "前天去{}{}走亲戚车被划了",
    "{}{}今年的樱桃卖不出去",
)
_VILLAGES = 200
_CALLS = 250


def town_sentences(places: Places) -> list[str]:
    """Every town once, in frames that no template has; the name is after the tab."""
    towns = [town for names in places.towns.values() for town in names]
    return [f"{_TOWN_FRAMES[i % len(_TOWN_FRAMES)].format(town)}\t{town}" for i, town in enumerate(towns)]


def village_sentences(places: Places, draw: random.Random) -> list[str]:
    """Villages drawn from all, each after its town."""
    every = [(town, village) for town, names in places.villages.items() for village in names]
    chosen = draw.sample(every, _VILLAGES)
    return [
        f"{_VILLAGE_FRAMES[i % len(_VILLAGE_FRAMES)].format(town, village)}\t{village}"
        for i, (town, village) in enumerate(chosen)
    ]


def call_sentences(places: Places) -> list[str]:
    """Calls of the templates, between 5 and 55 characters, drawn with another seed than training draws with."""
    templates, found = Templates(places, _UNDRAWN_SEED), []
    while len(found) < _CALLS:
        sentence = "，".join(templates.call())
        if 5 <= len(sentence) <= 55:
            found.append(sentence)
    return found


def main() -> None:
    """Write towns.txt, villages.txt and calls.txt."""
    parser = argparse.ArgumentParser(prog="python -m training.dev_sentences")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    places = read_places()
    sets = {
        "towns": town_sentences(places),
        "villages": village_sentences(places, random.Random(_UNDRAWN_SEED)),
        "calls": call_sentences(places),
    }
    for name, sentences in sets.items():
        (folder / f"{name}.txt").write_text("\n".join(sentences) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

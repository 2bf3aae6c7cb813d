"""Makes a text look as a small recogniser hears it: homophones, fillers, stutters, spaces between words."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

from drafting.pinyin import readings

FILLERS = ("呃", "嗯", "那个", "就是", "啊", "这个")
KEPT = frozenset("零一二三四五六七八九幺十百千万两我你他的了是在不没有")


def homophones(texts: Iterable[str]) -> dict[str, list[str]]:
    """Return for every syllable the characters that these texts use for it."""
    table: dict[str, list[str]] = defaultdict(list)
    for character in sorted(set("".join(texts))):
        if "一" <= character <= "鿿":
            table[readings(character)[0]].append(character)
    return table


def misheard(text: str, table: dict[str, list[str]], seed: str, rate: float) -> str:
    """Return the text with this share of characters replaced by homophones, and some fillers put in."""
    dice = random.Random(seed + text)
    out: list[str] = []
    for character in text:
        others = [other for other in table.get(readings(character)[0], ()) if other != character]
        replaced = character not in KEPT and others and dice.random() < rate
        out.append(dice.choice(others) if replaced else character)
        if dice.random() < rate / 3:
            out.append(dice.choice(FILLERS) if dice.random() < 0.6 else " ")
    return "".join(out)

"""Repeats: how likely two calls are about the same matter, and why; the database finds the candidates by bigrams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from rapidfuzz import fuzz

MOST_BIGRAMS = 64
"Of a matter; enough to find a text among 100,000 and few enough for one indexed query."
SAME_MATTER = 0.6
"From here on two matters are shown as probably the same."
FADES_AFTER_DAYS = 90.0
"A matter of a quarter of a year ago is more likely a new one."
_COMMON = frozenset(
    (
        "我们",
        "你们",
        "一个",
        "这个",
        "那个",
        "就是",
        "没有",
        "现在",
        "什么",
        "问题",
        "希望",
        "反映",
        "一下",
        "来电",
        "内容",
    )
)


@dataclass(frozen=True)
class Matter:
    """What is compared of a draft or a case; anything unknown is empty."""

    text: str
    number: str = ""
    county: str = ""
    town: str = ""
    community: str = ""
    address_text: str = ""
    category_level_1: str = ""
    category_level_2: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Reason:
    """One ground of a likeness: its kind, its weight in the score, and a sentence in both languages."""

    kind: str
    weight: float
    zh: str
    en: str


@dataclass(frozen=True)
class Likeness:
    """How likely two matters are one, 0 to 1, with reasons; `same_caller` tells a repeat from a shared matter."""

    score: float
    reasons: tuple[Reason, ...]
    same_caller: bool

    @property
    def is_same_matter(self) -> bool:
        """Whether the likeness is worth an operator's look."""
        return self.score >= SAME_MATTER


def bigrams(text: str) -> tuple[str, ...]:
    """Return the telling character pairs of a text for an index, the rarer kinds first, each once.

    The same function writes the index and asks it, on every database.
    """
    words = [character for character in text.lower() if character.isalnum()]
    pairs = Counter("".join(pair) for pair in pairwise(words))
    telling = [pair for pair in pairs if pair not in _COMMON and not pair.isdigit()]
    return tuple(telling[:MOST_BIGRAMS])


def score(new: Matter, old: Matter) -> Likeness:
    """Return how likely `new` is the same matter as `old`, with the reasons for and against."""
    same_caller = bool(new.number) and new.number == old.number
    reasons = [reason for reason in (*_place(new, old), *_category(new, old), *_text(new, old)) if reason.weight]
    if same_caller:
        reasons.append(Reason("number", 0.2, "同一来电号码", "the same caller number"))
    reasons.extend(_time(new, old))
    total = sum(reason.weight for reason in reasons)
    return Likeness(round(max(0.0, min(1.0, total)), 3), tuple(reasons), same_caller)


def rank(new: Matter, cases: Iterable[tuple[str, Matter]]) -> list[tuple[str, Likeness]]:
    """Return candidate cases by identifier, the likeliest first."""
    scored = [(identifier, score(new, old)) for identifier, old in cases]
    return sorted(scored, key=lambda item: -item[1].score)


def _place(new: Matter, old: Matter) -> Iterable[Reason]:
    if new.community and old.community:
        if new.community == old.community and new.town == old.town:
            yield Reason("place", 0.25, f"同在{new.community}", "the same community")
        else:
            yield Reason("place", -0.35, "村（社区）不同", "different communities")
    elif new.town and old.town:
        same = new.town == old.town
        yield Reason(
            "place",
            0.12 if same else -0.35,
            f"同在{new.town}" if same else "镇街不同",
            "the same town" if same else "another town",
        )
    elif new.county and old.county:
        same = new.county == old.county
        yield Reason(
            "place",
            0.05 if same else -0.35,
            f"同在{new.county}" if same else "县区不同",
            "the same county" if same else "another county",
        )
    if new.address_text and old.address_text:
        alike = fuzz.token_set_ratio(_spaced(new.address_text), _spaced(old.address_text)) / 100
        if alike >= 0.7:
            yield Reason("address", round(0.2 * alike, 3), f"地址相近（{alike:.0%}）", f"addresses alike ({alike:.0%})")
        elif alike < 0.35:
            yield Reason("address", -0.12, "地址不同", "different addresses")


def _category(new: Matter, old: Matter) -> Iterable[Reason]:
    if not new.category_level_1 or not old.category_level_1:
        return
    if (new.category_level_1, new.category_level_2) == (old.category_level_1, old.category_level_2):
        yield Reason("category", 0.18, f"同为{new.category_level_2 or new.category_level_1}", "the same category")
    elif new.category_level_1 == old.category_level_1:
        yield Reason("category", 0.05, f"同属{new.category_level_1}", "the same level-1 category")
    else:
        yield Reason("category", -0.2, "类别不同", "different categories")


def _text(new: Matter, old: Matter) -> Iterable[Reason]:
    alike = max(_shared(new.text, old.text), fuzz.partial_ratio(new.text[:300], old.text[:300]) / 100 - 0.25)
    if new.text and old.text:
        yield Reason("text", round(0.5 * min(1.0, alike * 1.3), 3), f"内容相似{alike:.0%}", f"words alike {alike:.0%}")


def _shared(one: str, other: str) -> float:
    these, those = set(bigrams(one)), set(bigrams(other))
    return len(these & those) / max(1, min(len(these), len(those)))


def _time(new: Matter, old: Matter) -> Iterable[Reason]:
    if new.at is None or old.at is None:
        return
    days = abs((new.at - old.at).total_seconds()) / 86400
    if days <= 3:
        yield Reason("time", 0.06, "三天之内", "within three days")
    elif days > FADES_AFTER_DAYS:
        yield Reason("time", -0.15, "相隔超过三个月", "more than three months apart")


def _spaced(text: str) -> str:
    return " ".join(text)

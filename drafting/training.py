"""Trains the linear model (`ml` extra) and compares a new one with the one in use; only a person switches."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from config.city import City
from config.city_files import read_csv
from drafting.emergency import NONE
from drafting.linear_model import LinearModel, features

SMALLEST_COUNT = 2
"A feature seen in one text only says more of that text than of its label."
COPIES = 3
"An example is learnt bare and inside two sets of greetings and closings."
OPENINGS = (
    *(
        "",
        "喂你好",
        "你好我想反映个事",
        "喂12345吗",
        "您好麻烦问一下",
        "同志你好是这么个情况",
        "我跟你说个事啊",
        "领导你好",
    ),
    *("我是临沂的", "俺是农村的", "我家在这边住", "我姓王", "我在小区住", "哎你好我有个事", "是市民热线吧"),
)
CLOSINGS = (
    *(
        "",
        "麻烦你们给处理一下",
        "希望尽快解决",
        "谢谢",
        "给我回个电话",
        "我的电话是一三八零零零零一二三四",
        "都好几天了",
    ),
    *("打了好几次电话了", "你们管不管", "就是这个事", "赶紧的吧", "麻烦了啊", "我叫张建国"),
)


@dataclass(frozen=True)
class Example:
    """A text and the label a person gave it."""

    text: str
    label: str


@dataclass(frozen=True)
class Comparison:
    """How the model in use and a new one do on the same held-out tickets."""

    held_out: int
    in_use: float | None
    new: float

    @property
    def is_better(self) -> bool:
        """Whether the new model is right more often."""
        return self.in_use is None or self.new > self.in_use


def train(
    examples: Sequence[Example], terms: Sequence[Example], day: date, strength: float = 30.0, wrapped: bool = True
) -> LinearModel:
    """Return a model of examples and of the rules' own words; needs scikit-learn (the `ml` extra)."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    copies = [*terms, *(copy for one in examples for copy in (_as_spoken(one) if wrapped else [one]))]
    counted = [Counter(features(copy.text)) for copy in copies]
    spread = Counter(feature for counts in counted for feature in counts)
    kept = sorted(feature for feature, count in spread.items() if count >= SMALLEST_COUNT)
    vocabulary = {feature: place for place, feature in enumerate(kept)}
    idf = np.log((1 + len(copies)) / (1 + np.array([spread[feature] for feature in kept], dtype=np.float32))) + 1
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, counts in enumerate(counted):
        known = [(vocabulary[feature], count) for feature, count in counts.items() if feature in vocabulary]
        weights = np.array([(1 + np.log(count)) * idf[place] for place, count in known])
        rows.extend([row] * len(known))
        columns.extend(place for place, _ in known)
        values.extend(weights / (np.linalg.norm(weights) or 1.0))
    matrix = csr_matrix((values, (rows, columns)), shape=(len(copies), len(kept)))
    fitted = LogisticRegression(C=strength, max_iter=300).fit(matrix, [copy.label for copy in copies])
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # scikit-learn gives the second of two labels only
        coefficients, intercepts = (
            np.vstack([-coefficients, coefficients]) / 2,
            np.hstack([-intercepts, intercepts]) / 2,
        )
    return LinearModel(
        labels=tuple(str(label) for label in fitted.classes_),
        vocabulary=vocabulary,
        idf=idf.astype(np.float32),
        weights=coefficients.T.astype(np.float32),
        bias=intercepts.astype(np.float32),
        about={"examples": len(examples), "trained": day.isoformat(), "strength": strength},
    )


def category_terms(city: City) -> list[Example]:
    """Return the words of the category rules as examples: they carry what a city knows beyond a few sentences."""
    return [
        Example(word, "/".join(category.key))
        for category in city.categories
        for term in (*category.strong, *category.words)
        for word in plain_words(term)
    ]


def type_terms(city: City) -> list[Example]:
    """Return the words of the type rules as examples."""
    return [
        Example(word, kind.code)
        for kind in city.types
        for term in (*kind.strong, *kind.words)
        for word in plain_words(term)
    ]


def plain_words(term: str) -> list[str]:
    """Return the words inside a rule's term, its regular expression's signs left out."""
    bare = re.sub(r"\[[^\]]*\]|\{[^}]*\}|\(\?[:!=]|[()|.?*+\\]", " ", term)
    return [word for word in bare.split() if len(word) > 1]


def read_examples(city: City) -> list[tuple[str, str, str]]:
    """Return the city's own sentences as (text, category label, type)."""
    rows = read_csv(city.examples_path, ("level_1", "level_2", "type", "text"))
    return [(row.text("text"), f"{row.text('level_1')}/{row.text('level_2')}", row.text("type")) for row in rows]


def read_emergency_examples(city: City) -> list[Example]:
    """Return sentences with the number they call for; the category examples are none. All are as said, unwrapped."""
    rows = read_csv(city.emergency_examples_path, ("number", "text"))
    known = [Example(row.text("text"), row.optional("number") or NONE) for row in rows]
    said = {example.text for example in known}
    return [*known, *(Example(text, NONE) for text, _, _ in read_examples(city) if text not in said)]


def compare(in_use: LinearModel | None, new: LinearModel, held_out: Iterable[Example]) -> Comparison:
    """Return the share of held-out tickets that each model labels right; None where there is none to compare with."""
    examples = list(held_out)
    return Comparison(len(examples), accuracy(in_use, examples) if in_use else None, accuracy(new, examples))


def accuracy(model: LinearModel, examples: Sequence[Example]) -> float:
    """Return the share of examples whose likeliest label is the right one."""
    right = 0
    for example in examples:
        probabilities = model.probabilities(example.text)
        right += max(probabilities, key=probabilities.__getitem__) == example.label
    return right / len(examples) if examples else 0.0


def split(examples: Sequence[Example], seed: int = 12345) -> tuple[list[Example], list[Example]]:
    """Return four fifths to train and one fifth held out, always the same ones."""
    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)
    held_out = set(order[: len(order) // 5])
    return (
        [example for place, example in enumerate(examples) if place not in held_out],
        [example for place, example in enumerate(examples) if place in held_out],
    )


def _as_spoken(example: Example) -> list[Example]:
    """An example bare and inside the greetings and closings of calls, which must not matter."""
    dice = random.Random(example.text)
    wrapped = [f"{dice.choice(OPENINGS)}{example.text}{dice.choice(CLOSINGS)}" for _ in range(COPIES - 1)]
    return [example, *(Example(text, example.label) for text in wrapped)]

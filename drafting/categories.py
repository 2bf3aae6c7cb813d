"""The category of a matter: rules over its words and the linear model, weighed together."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from config.city import City
from config.city_records import Category
from drafting.confidence import calibrated
from drafting.linear_model import model_at
from drafting.wording import Lexicon, WordSet

RULE_WEIGHT, MODEL_WEIGHT = 1.2, 2.0
"What a point of a rule's words is worth in log-odds, and the model's log-probability (chosen on held-out examples)."
FLOOR = 1e-4
"A model's probability counts as at least this: a rule may overrule it."
SLOPE, SHIFT = 1.5, 2.1
"""Fitted on 322 categories of calls that the model was not trained on: what the rules say loudly the model must not
find absurd, so the score is the geometric mean of both together and of the model alone."""


@dataclass(frozen=True)
class CategoryChoice:
    """A category, its probability, the spans of the words it rests on, and the model's own probability."""

    category: Category
    probability: float
    spans: tuple[tuple[int, int], ...]
    learnt: float


@lru_cache(maxsize=8)
def _lexicon(city: City) -> Lexicon:
    return Lexicon(tuple(WordSet(category.strong, category.words) for category in city.categories))


def rank_categories(text: str, city: City) -> list[CategoryChoice]:
    """Return all categories, the likeliest first; their probabilities add up to 1."""
    model = model_at(city.category_model_path)
    predicted = model.probabilities(text) if model else {}
    scores: list[tuple[float, Category, list[tuple[int, int]]]] = []
    learnt = {category.key: predicted.get("/".join(category.key), 0.0) for category in city.categories}
    for category, (score, spans) in zip(city.categories, _lexicon(city).scores(text), strict=True):
        logit = RULE_WEIGHT * min(score, 12.0)
        if predicted:
            logit += MODEL_WEIGHT * math.log(max(FLOOR, learnt[category.key]))
        scores.append((logit, category, spans))
    top = max(score for score, _, _ in scores)
    total = sum(math.exp(score - top) for score, _, _ in scores)
    ranked = sorted(scores, key=lambda item: -item[0])
    choices: list[CategoryChoice] = []
    for score, category, spans in ranked:
        probability = math.exp(score - top) / total
        own = learnt[category.key] if predicted else probability
        choices.append(CategoryChoice(category, probability, tuple(spans), own))
    return choices


def rank_level_1(choices: list[CategoryChoice]) -> list[tuple[str, float, float]]:
    """Return level-1 categories with the sums of their level-2 probabilities and learnt ones, the likeliest first."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for choice in choices:
        sums[choice.category.level_1][0] += choice.probability
        sums[choice.category.level_1][1] += choice.learnt
    return sorted(((name, together, learnt) for name, (together, learnt) in sums.items()), key=lambda item: -item[1])


def confidence_of(probability: float, learnt: float) -> float:
    """Return how often such a category was right."""
    return calibrated(math.sqrt(max(0.0, probability * learnt)), SLOPE, SHIFT)

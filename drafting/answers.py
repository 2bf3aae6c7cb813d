"""Direct answers: articles of the knowledge base found for the caller's words while they speak."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from config.city import City
from config.city_records import Article

ENOUGH = 0.45
"Below this likeness an article is not shown."


@dataclass(frozen=True)
class Answer:
    """An article and how well it fits, 0 to 1."""

    article: Article
    score: float


@lru_cache(maxsize=8)
def _index(city: City) -> tuple[dict[str, float], list[tuple[Article, list[frozenset[str]]]]]:
    documents = [
        (article, [frozenset(_pairs(form)) for form in (article.title, *article.questions)])
        for article in city.articles
    ]
    spread = Counter(pair for _, forms in documents for pair in frozenset().union(*forms))
    weights = {pair: math.log(1 + len(documents) / count) for pair, count in spread.items()}
    return weights, documents


def find_answers(words: str, city: City, today: date) -> list[Answer]:
    """Return articles that fit and still hold today, the best first."""
    weights, documents = _index(city)
    said = frozenset(_pairs(words))
    found: list[Answer] = []
    for article, forms in documents:
        if date.fromisoformat(article.valid_until) < today:
            continue
        score = max(_covered(form, said, weights) for form in forms)
        if score >= ENOUGH:
            found.append(Answer(article, score))
    return sorted(found, key=lambda answer: -answer.score)


def _covered(form: frozenset[str], said: frozenset[str], weights: dict[str, float]) -> float:
    total = sum(weights[pair] for pair in form)
    return sum(weights[pair] for pair in form & said) / total if total else 0.0


def _pairs(text: str) -> list[str]:
    words = "".join(character for character in text if character.isalnum())
    return [words[place : place + 2] for place in range(len(words) - 1)]

"""The type of an appeal: question, request, complaint, report, suggestion, praise, other."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from config.city import City
from config.city_records import AppealType
from drafting.confidence import calibrated
from drafting.linear_model import model_at
from drafting.wording import Lexicon, WordSet, any_of

PRIOR = {"consult": 0.6, "help": 0.9, "complaint": 0.6, "other": -1.0}
"What callers want where their words say little."
RULE_WEIGHT, MODEL_WEIGHT = 0.6, 1.6
FLOOR = 0.02
DECLARED = 8.0
'What it weighs that the caller names the call: "I want to complain".'
SLOPE, SHIFT = 0.6, 0.35
"Fitted on 134 types of calls that the model was not trained on: people themselves differ on complaint or request."
FEWEST_CHARACTERS = 4
"Of fewer the model knows only how often each type occurs: that is no ground for a proposal."
_CHINESE = re.compile(r"[一-鿿]")
# Words of the first rank decide over those below: a praised bus driver is praise although 公交 was late once.
BONUS = {"praise": 3.0, "suggestion": 1.5, "report": 1.6}

TypeChoice = tuple[AppealType, float, list[tuple[int, int]]]


@lru_cache(maxsize=8)
def _lexicon(city: City) -> Lexicon:
    return Lexicon(tuple(WordSet(kind.strong, kind.words) for kind in city.types))


def _named(kind: AppealType, text: str) -> tuple[int, int] | None:
    pattern = any_of(kind.declared)
    match = pattern.search(text) if pattern else None
    return match.span() if match else None


def rank_types(text: str, city: City) -> list[TypeChoice]:
    """Return the seven types, the likeliest first, with probabilities and the words they rest on."""
    scored: list[tuple[float, AppealType, list[tuple[int, int]]]] = []
    model = model_at(city.type_model_path)
    predicted = model.probabilities(text) if model and len(_CHINESE.findall(text)) >= FEWEST_CHARACTERS else {}
    for kind, (found, spans) in zip(city.types, _lexicon(city).scores(text), strict=True):
        named = _named(kind, text)
        score = found + (DECLARED if named else 0.0)
        bonus = BONUS.get(kind.code, 0.0) if score >= 3 else 0.0
        logit = RULE_WEIGHT * (score + bonus)
        if predicted:
            logit += MODEL_WEIGHT * math.log(max(FLOOR, predicted.get(kind.code, 0.0)))
        scored.append(
            (logit + (0.0 if predicted else PRIOR.get(kind.code, 0.0)), kind, [*([named] if named else []), *spans])
        )
    top = max(score for score, _, _ in scored)
    total = sum(math.exp(score - top) for score, _, _ in scored)
    ranked = sorted(scored, key=lambda item: -item[0])
    return [(kind, math.exp(score - top) / total, spans) for score, kind, spans in ranked]


def type_confidence(probability: float) -> float:
    """Return how often such a type was right."""
    return calibrated(probability, SLOPE, SHIFT)

"""Sizes, seeds and step counts of a build."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.language.build import LanguageRecipe
from training.network.trainer import Training


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out, beside the sources."""

    name: str
    language: LanguageRecipe = field(default_factory=LanguageRecipe)
    synthesised: int = 18_000
    """Utterances by the synthesiser: some 20 hours."""
    no_speech: int = 900
    copies: int = 3
    """How often each recording is changed into another speaker."""
    shape: dict[str, int] = field(default_factory=dict)
    first: Training = field(default_factory=lambda: Training(steps=4000))
    """On the synthesiser alone: good enough to align people with."""
    second: Training = field(default_factory=lambda: Training(steps=5000, rate=1.5e-3, seed=8))
    final: Training = field(default_factory=lambda: Training(steps=6000, rate=1e-3, seed=9))
    """After the recordings are aligned anew by the second network."""
    acoustic_scale: float = 0.3
    seed: int = 12345


DEFAULT = Recipe(
    "default",
    synthesised=8000,
    no_speech=500,
    copies=1,
    shape={"width": 384, "bottleneck": 96, "layers": 7, "tail": 192},
    first=Training(steps=800, rate=3e-3),
    second=Training(steps=1500, rate=2e-3, seed=8),
    final=Training(steps=5500, rate=2e-3, seed=9),
)
"""For two cores: half a second a step where the processor has no bfloat16."""
SMOKE = Recipe(
    "smoke",
    LanguageRecipe(vocabulary=2000, drawn_calls=3000, pairs_of_written=100, ngrams=40_000),
    synthesised=600,
    no_speech=15,
    copies=1,
    shape={"width": 128, "bottleneck": 48, "layers": 4, "ahead": 2, "tail": 64},
    first=Training(steps=500, batch=32, rate=4e-3, threads=1),
    second=Training(steps=40, batch=32, threads=1),
    final=Training(steps=40, batch=32, threads=1),
)
LARGE = Recipe(
    "large",
    synthesised=40_000,
    no_speech=3000,
    copies=8,
    shape={"width": 1024, "bottleneck": 160, "layers": 11, "tail": 320},
    first=Training(steps=8000, batch=128),
    second=Training(steps=20_000, batch=128, seed=8),
    final=Training(steps=40_000, batch=128, rate=1.5e-3, seed=9),
)
"""For an accelerator."""
RECIPES = {recipe.name: recipe for recipe in (DEFAULT, SMOKE, LARGE)}

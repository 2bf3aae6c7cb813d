"""What is known of a model before it is loaded: the bundled one, those that can be fetched, those with a card."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

BUNDLED = "bundled"
HERE = Path(__file__).parent
CARD_FILE = "card.toml"


@dataclass(frozen=True)
class ModelCard:
    """One model in the words an operator chooses it by."""

    name: str
    language: str = ""
    licence: str = ""
    good_for_zh: str = ""
    good_for_en: str = ""
    published_error: str = ""
    url: str = ""
    sha256: str = ""
    "Of the archive; empty when its publisher gives none and we have not seen the file."
    size_bytes: int = 0
    "Of the archive."
    unpacked_bytes: int = 0
    word_confidence: tuple[tuple[float, float], ...] = ()
    "Points that turn the recogniser's stated confidence into a true one (`asr/calibration.py`)."

    @classmethod
    def read(cls, values: dict[str, Any]) -> Self:
        """Make the card from a TOML table; what it does not know is ignored."""
        known = {field.name for field in fields(cls)}
        points = tuple((float(stated), float(true)) for stated, true in values.get("word_confidence", ()))
        return cls(**{name: values[name] for name in known & values.keys()} | {"word_confidence": points})


def read_card(path: Path) -> ModelCard:
    """Return the card in a TOML file."""
    return ModelCard.read(tomllib.loads(path.read_text(encoding="utf-8")))


def bundled_card() -> ModelCard:
    """The model that comes with the program."""
    return read_card(HERE / "bundled_model.toml")


def known_cards() -> list[ModelCard]:
    """The bundled model, then every model that can be installed by name."""
    table = tomllib.loads((HERE / "known_models.toml").read_text(encoding="utf-8"))
    return [bundled_card(), *(ModelCard.read(values) for values in table["model"])]

"""Candidate models from confirmed tickets and the city's examples, compared with those in use on held-out tickets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import col, select

from config.city import City
from drafting.drafting import matter_of_words
from drafting.linear_model import model_at
from drafting.training import (
    Comparison,
    Example,
    category_terms,
    compare,
    read_emergency_examples,
    read_examples,
    split,
    train,
    type_terms,
)
from models.database import Database
from models.tables import Ticket

FEWEST_TICKETS = 50
"Confirmed tickets below which a fifth held out says nothing of a model."


class TooFew(ValueError):
    """There are too few confirmed tickets to learn from."""


@dataclass(frozen=True)
class Learnt:
    """A candidate: which model, how many texts it was learnt from, and how it compares."""

    name: str
    path: Path
    examples: int
    comparison: Comparison


def learn(city: City, database: Database, day: date) -> list[Learnt]:
    """Write candidates beside the models in use; raises `TooFew` and `OSError`.

    The comparison is made on a fifth of the tickets, with a model of the others; the candidate then learns from all.
    """
    tickets = list(_tickets(database, city))
    if len(tickets) < FEWEST_TICKETS:
        raise TooFew(f"There are {len(tickets)} confirmed tickets with words; training asks for {FEWEST_TICKETS}.")
    own = read_examples(city)
    known_categories = {"/".join(category.key) for category in city.categories}
    by_category = [Example(text, label) for text, label, _ in tickets if label in known_categories]
    by_type = [Example(text, label) for text, _, label in tickets if label]
    return [
        _learnt(
            "category",
            city.category_model_path,
            by_category,
            [Example(text, label) for text, label, _ in own],
            category_terms(city),
            day,
        ),
        _learnt(
            "type",
            city.type_model_path,
            by_type,
            [Example(text, label) for text, _, label in own],
            type_terms(city),
            day,
        ),
        _emergencies(city, day),
    ]


def candidate_path(path: Path) -> Path:
    """Return where a model's candidate lies."""
    return path.with_name(f"{path.stem}.candidate.npz")


def put_to_use(city: City) -> list[Path]:
    """Switch to every candidate there is, in one step each, and keep the model before; running processes follow."""
    switched: list[Path] = []
    for path in (city.category_model_path, city.type_model_path, city.emergency_model_path):
        candidate = candidate_path(path)
        if candidate.is_file():
            if path.is_file():
                shutil.copyfile(path, path.with_name(f"{path.stem}.before.npz"))
            os.replace(candidate, path)
            switched.append(path)
    return switched


def _learnt(
    name: str, path: Path, tickets: Sequence[Example], own: Sequence[Example], terms: Sequence[Example], day: date
) -> Learnt:
    learnt_from, held_out = split(tickets)
    comparison = compare(model_at(path), train([*own, *learnt_from], terms, day), held_out)
    train([*own, *tickets], terms, day).save(candidate_path(path))
    return Learnt(name, path, len(own) + len(tickets), comparison)


def _emergencies(city: City, day: date) -> Learnt:
    """Emergencies are transferred, hardly ever tickets: they are learnt from the city's sentences alone."""
    path, examples = city.emergency_model_path, read_emergency_examples(city)
    learnt_from, held_out = split(examples)
    comparison = compare(None, train(learnt_from, [], day, wrapped=False), held_out)
    train(examples, [], day, wrapped=False).save(candidate_path(path))
    return Learnt("emergency", path, len(examples), comparison)


def _tickets(database: Database, city: City) -> Iterator[tuple[str, str, str]]:
    """Yield words, category label and type of every confirmed ticket, the newest first.

    Names, numbers and places are left out of the words, and callers who asked for confidentiality altogether: a model
    keeps parts of words that two tickets share.
    """
    with database.reading() as session:
        for ticket in session.exec(select(Ticket).order_by(col(Ticket.confirmed_at).desc())):
            value = {name: (field or {}).get("value") for name, field in ticket.fields.items()}
            words = matter_of_words([str(line.get("text", "")) for line in ticket.transcript], city)
            if words.strip("，\n") and not value.get("is_confidential"):
                label = f"{value.get('category_level_1')}/{value.get('category_level_2')}"
                yield words, label, str(value.get("type") or "")

"""Reads what matters may be: categories, types, units, emergencies, not-accept rules, answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from config.city_files import Entry, read_csv, read_toml, tables
from config.city_records import (
    AppealType,
    Article,
    Category,
    Circumstances,
    Emergency,
    NotAccept,
    Route,
    SetAside,
    Unit,
)

TYPES = ("consult", "help", "complaint", "report", "suggestion", "praise", "other")


def read_units(folder: Path) -> tuple[Unit, ...]:
    """Return the units a ticket may go to."""
    rows = read_csv(folder / "units.csv", ("name", "en", "level"))
    levels = ("department", "county", "township", "hotline")
    return tuple(Unit(row.text("name"), row.text("en"), row.choice("level", levels)) for row in rows)


def read_categories(folder: Path, units: Iterable[Unit]) -> tuple[Category, ...]:
    """Return level-2 categories in the file's order; the first of a level 1 gives its English name."""
    known = {unit.name for unit in units}
    english: dict[str, str] = {}
    categories: dict[tuple[str, str], Category] = {}
    for table in tables(read_toml(folder / "categories.toml"), "category"):
        level_1, unit = table.text("level_1"), table.text("unit")
        english.setdefault(level_1, table.optional("level_1_en", level_1))
        if unit not in known:
            raise table.error(f"unit {unit} is unknown", "add it to units.csv or name one that is there")
        category = Category(
            level_1=level_1,
            level_1_en=english[level_1],
            name=table.text("name"),
            en=table.text("en"),
            unit=unit,
            duty=table.choice("duty", ("department", "township", "both")),
            strong=table.terms("strong"),
            words=table.terms("words"),
            is_utility=table.choice("limit", ("", "utility")) == "utility",
        )
        if category.key in categories:
            raise table.error(f"{level_1}/{category.name} stands twice", "put its words into one table")
        categories[category.key] = category
    return tuple(categories.values())


def read_types(folder: Path) -> tuple[AppealType, ...]:
    """Return the seven types of appeal."""
    document = read_toml(folder / "types.toml")
    types = tuple(
        AppealType(
            code=table.choice("code", TYPES),
            zh=table.text("zh"),
            en=table.text("en"),
            declared=table.terms("declared"),
            strong=table.terms("strong"),
            words=table.terms("words"),
        )
        for table in tables(document, "type")
    )
    absent = set(TYPES) - {kind.code for kind in types}
    if absent:
        raise document.error(f"type {', '.join(sorted(absent))} is missing", "write a [[type]] for each of the seven")
    return types


def read_emergencies(folder: Path) -> tuple[tuple[Emergency, ...], Circumstances]:
    """Return the emergency numbers in order of precedence, and the words that make an emergency past or feared."""
    document = read_toml(folder / "emergencies.toml")
    groups = _groups(document)
    emergencies = tuple(
        Emergency(
            number=table.text("number"),
            mode=table.choice("mode", ("transfer", "inform")),
            name=table.text("name"),
            en=table.text("en"),
            say=table.text("say"),
            terms=_with_groups(table, "terms", groups),
        )
        for table in tables(document, "emergency")
    )
    return emergencies, Circumstances(*(document.terms(name) for name in Circumstances.__dataclass_fields__))


def _groups(document: Entry) -> dict[str, str]:
    """Return every group of words as the alternatives that stand for `<its name>` in a term."""
    values = document.values.get("groups", {})
    if not isinstance(values, dict):
        raise document.error("`groups` is not a table", 'write `groups.person = ["...", "..."]`')
    entry = Entry(document.path, document.line, values)
    return {name: "|".join(sorted(entry.terms(name), key=len, reverse=True)) for name in values}


_GROUP = re.compile(r"(?<![P?])<([a-z]+)>")


def _with_groups(table: Entry, key: str, groups: dict[str, str]) -> tuple[str, ...]:
    terms = table.terms(key)
    unknown = sorted({name for term in terms for name in _GROUP.findall(term)} - set(groups))
    if unknown:
        raise table.error(f"group <{unknown[0]}> is unknown", f"write `groups.{unknown[0]} = [...]` or mend the term")
    return tuple(_GROUP.sub(lambda match: f"(?:{groups[match[1]]})", term) for term in terms)


def read_not_accept(folder: Path) -> tuple[tuple[NotAccept, ...], tuple[str, str]]:
    """Return the not-accept rules, and how a caller may object (zh, en)."""
    document = read_toml(folder / "not_accept.toml")
    rules = tuple(
        NotAccept(
            code=table.text("code"),
            name=table.text("name"),
            en=table.text("en"),
            decide=table.text("decide"),
            decide_en=table.text("decide_en"),
            when=table.choice("when", ("call", "after")),
            say=table.text("say"),
            terms=table.terms("terms"),
            routes=_routes(table),
        )
        for table in tables(document, "rule")
    )
    return rules, (document.text("object"), document.text("object_en"))


def _routes(rule: Entry) -> tuple[Route, ...]:
    entries = (Entry(rule.path, rule.line, values) for values in rule.values.get("route", ()))
    return tuple(Route(entry.text("name"), entry.text("en"), entry.terms("terms")) for entry in entries)


def read_set_aside(folder: Path) -> tuple[SetAside, ...]:
    """Return the kinds of call set aside in the list."""
    kinds = tables(read_toml(folder / "set_aside.toml"), "kind")
    return tuple(SetAside(kind.text("name"), kind.text("zh"), kind.text("en"), kind.terms("terms")) for kind in kinds)


def read_articles(folder: Path, categories: Iterable[Category]) -> tuple[Article, ...]:
    """Return the knowledge base; a valid-until date is a date."""
    known = {category.level_1 for category in categories}
    articles: dict[str, Article] = {}
    for table in tables(read_toml(folder / "answers.toml"), "article"):
        article = Article(
            id=table.text("id"),
            title=table.text("title"),
            title_en=table.text("title_en"),
            category=table.choice("category", tuple(known)),
            questions=table.texts("questions"),
            answer=table.text("answer"),
            answer_en=table.text("answer_en"),
            source=table.text("source"),
            valid_until=_day(table, "valid_until"),
            is_sample=bool(table.values.get("sample", False)),
        )
        if article.id in articles:
            raise table.error(f"article {article.id} stands twice", "give every article an id of its own")
        articles[article.id] = article
    return tuple(articles.values())


def _day(table: Entry, key: str) -> str:
    text = table.text(key)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise table.error(f"`{key}` is {text!r}", "write YYYY-MM-DD") from None

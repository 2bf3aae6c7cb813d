"""The ticket's form: its fields in the order an operator reads them, and what each may hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from intake_api.console.labels import LABELS
from intake_api.console.language import mark

Kind = Literal["text", "area", "choice", "suggest", "moment", "switch"]


@dataclass(frozen=True)
class FieldForm:
    """One field: how it is entered, and whether a ticket without it is worth asking about."""

    name: str
    kind: Kind = "text"
    choices: str = ""
    "Which list it chooses from."
    wide: bool = False


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    label: str
    fields: Sequence[FieldForm]


GROUPS: Final = (
    Group(
        mark("Matter"),
        (
            FieldForm("title", wide=True),
            FieldForm("content", "area", wide=True),
            FieldForm("type", "choice", "type"),
            FieldForm("urgency", "choice", "urgency"),
            FieldForm("category_level_1", "choice", "category_level_1"),
            FieldForm("category_level_2", "choice", "category_level_2"),
            FieldForm("occurred_at", "moment"),
            FieldForm("emergency", "choice", "emergency"),
        ),
    ),
    Group(
        mark("Place"),
        (
            FieldForm("county", "choice", "county"),
            FieldForm("town", "suggest", "town"),
            FieldForm("community", "suggest", "community"),
            FieldForm("address_text"),
        ),
    ),
    Group(
        mark("Caller"),
        (
            FieldForm("name"),
            FieldForm("phone"),
            FieldForm("organisation"),
            FieldForm("wants_reply", "switch"),
            FieldForm("is_confidential", "switch"),
        ),
    ),
    Group(
        mark("Decision"),
        (
            FieldForm("lead_unit", "suggest", "lead_unit"),
            FieldForm("deadline_at", "moment"),
            FieldForm("not_accept_code", "choice", "not_accept_code"),
        ),
    ),
)
FORMS: Final = {form.name: form for group in GROUPS for form in group.fields}
LEAST_LIKELY: Final = 0.1
"What is less likely is faster typed than read past."
MOST_CANDIDATES: Final = 4
LOW_CONFIDENCE: Final = 0.8
"Below this a value is shown as doubtful."


def shown_value(form: FieldForm, value: Any, zone: ZoneInfo) -> str:
    """Return a value as its control holds it; a time in the city's zone."""
    if value is None:
        return ""
    if form.kind == "moment":
        return _local(str(value), zone)
    if form.kind == "switch":
        return "true" if value else "false"
    return str(value)


def _local(text: str, zone: ZoneInfo) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text  # an imported row must not keep the page from being shown


def read_value(form: FieldForm, text: Any, zone: ZoneInfo) -> Any:
    """Return the value that a control's text stands for; what is no time is left for the verb to refuse."""
    if form.kind == "switch":
        return text if isinstance(text, bool) else text == "true"
    if form.kind == "moment" and isinstance(text, str) and text:
        try:
            return datetime.fromisoformat(text.strip()).replace(tzinfo=zone).isoformat()
        except ValueError:
            return text
    return text


def is_doubtful(field: dict[str, Any]) -> bool:
    """Whether the machine's value is there but not sure."""
    return field.get("value") is not None and field.get("source") != "operator" and field["confidence"] < LOW_CONFIDENCE


def useful_candidates(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what may be meant instead of the value: at most four, so that each has a number key."""
    others = [c for c in field["candidates"] if c["value"] is not None and c["value"] != field["value"]]
    return [c for c in others if c["confidence"] >= LEAST_LIKELY][:MOST_CANDIDATES]


def named_choices(list_name: str) -> dict[str, str]:
    """Return value -> English name of the lists that are ours; the city's own lists are Chinese data."""
    return LABELS.get(list_name, {})

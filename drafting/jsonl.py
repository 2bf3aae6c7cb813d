"""Drafts for a batch: a call a line in, a draft a line out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.city import City
from drafting.draft import CallFacts, Heard
from drafting.drafting import draft_ticket


def draft_lines(lines: Iterable[str], city: City) -> Iterator[str]:
    """Yield `{"id", "fields", "notes"}` for every `{"id", "utterances", "started_at", "caller_number"}`.

    Blank lines are left out; raises ValueError that names the line of one that is no such call.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            call_id, heard, call = read_call(json.loads(line), city)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number} is no call: {error}") from None
        drafted = draft_ticket(heard, call, city).to_json()
        yield json.dumps({"id": call_id, **drafted}, ensure_ascii=False)


def read_call(record: dict[str, Any], city: City) -> tuple[Any, list[Heard], CallFacts]:
    """Return a call's id, utterances and facts; a time without zone is the city's."""
    utterances = record["utterances"]
    if isinstance(utterances, str) or not all(isinstance(text, str) for text in utterances):
        raise ValueError('"utterances" is a list of texts')
    started_at = datetime.fromisoformat(record["started_at"])
    if started_at.tzinfo is None:
        started_at = started_at.replace(tzinfo=ZoneInfo(city.time_zone))
    heard = [Heard(index, text) for index, text in enumerate(utterances)]
    facts = CallFacts(started_at, str(record.get("caller_number") or ""), str(record.get("digits") or ""))
    return record.get("id"), heard, facts

"""`hotline draft`: a draft ticket from text, as the console would show it."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hotline.commands import settings, stop_with


def draft(
    file: Annotated[
        Path | None, typer.Argument(help="A text file, one utterance a line; - for standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The caller's words.")] = None,
    caller_number: Annotated[str, typer.Option(help="The number that called.")] = "",
    started_at: Annotated[str | None, typer.Option(help="When the call began, ISO 8601 (default: now).")] = None,
    jsonl: Annotated[Path | None, typer.Option(help="A file with a call a line; prints a draft a line.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Draft a ticket from words: every field with value, confidence and evidence."""
    from config.city import load_city
    from drafting.draft import CallFacts, Heard
    from drafting.drafting import draft_ticket

    found = settings()
    city = load_city(found.city)
    if jsonl is not None:
        from drafting.jsonl import draft_lines

        try:
            for line in draft_lines(_read_lines(jsonl), city):
                print(line, flush=True)
        except ValueError as error:
            stop_with(f"{jsonl}: {error}.")
        return
    if text is None and file is None:
        stop_with("Give the words with --text, or a file.", 2)
    lines = [text] if text is not None else _read_lines(file or Path("-"))
    heard = [Heard(index, line.strip()) for index, line in enumerate(line for line in lines if line and line.strip())]
    zone = ZoneInfo(found.time_zone)
    at = _moment(started_at) if started_at else datetime.now(zone)
    ticket = draft_ticket(heard, CallFacts(at if at.tzinfo else at.replace(tzinfo=zone), caller_number), city)
    if as_json:
        print(json.dumps(ticket.to_json(), ensure_ascii=False))
    else:
        _print(ticket.to_json())


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        stop_with(f"{text} is not a time as ISO 8601 writes it, for example 2026-11-23T09:00:00+08:00.", 2)


def _open(path: Path) -> Any:
    if str(path) == "-":
        return sys.stdin
    try:
        return path.open(encoding="utf-8")
    except OSError as error:
        stop_with(f"The file cannot be read: {error}.")


def _read_lines(path: Path) -> list[str]:
    try:
        lines: list[str] = _open(path).read().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        stop_with(f"{path} is not a text file in UTF-8: {error}.")
    return lines


def _print(ticket: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("field", "value", "confidence", "evidence", "candidates")
    for name, field in ticket["fields"].items():
        words = " / ".join(part["text"] for part in field["evidence"])
        candidates = " / ".join(str(candidate["value"]) for candidate in field["candidates"])
        value = "" if field["value"] is None else str(field["value"])
        table.add_row(name, value, f"{field['confidence']:.2f}", words, candidates)
    Console().print(table)
    for note in ticket["notes"]:
        Console().print(json.dumps(note, ensure_ascii=False))

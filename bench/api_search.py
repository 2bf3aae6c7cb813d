"""Measures the search in closed drafts: by pairs of characters beside reading every row.

python bench/api_search.py [--drafts 100000] [--requests 20] [--database URL]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, insert
from sqlmodel import Session, col, select

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.api_lists import RESULTS, WORDS
from config.settings import Settings
from intake.search_index import contains_all, matching, pairs
from models.database import Database, open_database
from models.migration import migrate
from models.searching import DraftGram, SearchedDraft
from models.tables import Call, Draft
from spool.call_id import uuid7

RARE = [*"的一是不了在有人这上大来和我个中他说到时要就出会也你对生能自着学下子里所可后年多天小之过如"]
SEARCHED = {"in every draft": "银雀山", "in one of fifty": "停水 沂蒙", "in one": "罗西", "in none": "没有这个词"}
WEIGHT = "x" * 4_000
"Fields of a draft are about so heavy: what reading every row must pass over."


def main() -> None:
    """Fill, measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--database", help="a PostgreSQL URL; by default SQLite in a temporary folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        values = {"database": {"url": asked.database}} if asked.database else {}
        settings = Settings(data_dir=Path(folder), **values)  # type: ignore[arg-type]
        migrate(settings.database_url)
        database = open_database(settings.database_url)
        began = time.perf_counter()
        fill(database, asked.drafts)
        filled = time.perf_counter() - began
        found = {name: measure(database, words, asked.requests) for name, words in SEARCHED.items()}
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_before": round(os.getloadavg()[0], 1),
        "drafts": asked.drafts,
        "database": "PostgreSQL" if asked.database else "SQLite",
        "fill_seconds": round(filled),
        "milliseconds": found,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"api_search_{str(report['database']).lower()}.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, ensure_ascii=False, indent=1))


def fill(database: Database, count: int) -> None:
    """Add closed drafts of some forty characters, and their pairs in the order of the table."""
    dice = random.Random(1)
    texts: dict[UUID, str] = {}
    for first in range(0, count, 5000):
        made = [row(number, dice) for number in range(first, min(first + 5000, count))]
        texts |= {draft["id"]: draft["search_text"] for _, draft in made}  # type: ignore[misc]
        with database.session() as db:
            db.execute(insert(Call), [call for call, _ in made])
            db.execute(insert(Draft), [draft for _, draft in made])
    numbered = list(enumerate(texts.items(), start=1))
    grams = sorted((gram, number) for number, (_, text) in numbered for gram in pairs(text))
    with database.session() as db:
        db.execute(insert(SearchedDraft), [{"id": number, "draft_id": draft} for number, (draft, _) in numbered])
        for first in range(0, len(grams), 100_000):
            some = [{"gram": gram, "searched_id": number} for gram, number in grams[first : first + 100_000]]
            db.execute(insert(DraftGram), some)


def row(number: int, dice: random.Random) -> tuple[dict[str, object], dict[str, object]]:
    """Return a call and its draft."""
    at = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(seconds=number * 77)
    call, draft = uuid7(), uuid7()
    words = "银雀山" + "".join(dice.choices(RARE, k=20)) + "".join(dice.choices(WORDS, k=4))
    words += " 沂蒙停水" if number % 50 == 0 else ""
    words += " 罗西" if number == 7 else ""
    common = {"created_at": at, "updated_at": at, "fields": {"content": {"value": WEIGHT}}, "search_text": words}
    return (
        {"id": call, "sip_call_id": f"{number}@bench", "state": "ended", "invited_at": at},
        {"id": draft, "call_id": call, "state": "confirmed", **common},
    )


def measure(database: Database, text: str, requests: int) -> dict[str, float]:
    """Return the median milliseconds of a page of fifty, by the index and by reading."""
    return {
        "by_pairs": timed(database, requests, lambda db: matching(db, text)),
        "by_reading": timed(database, max(3, requests // 4), lambda _db: contains_all(text.split())),
    }


def timed(database: Database, requests: int, condition: object) -> float:
    """Return the median time of a search in the closed drafts."""
    times = []
    for _ in range(requests):
        began = time.perf_counter()
        with database.reading() as db:
            search(db, condition(db))  # type: ignore[operator]
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 1)


def search(db: Session, condition: ColumnElement[bool]) -> int:
    """Read what the queue shows of a page."""
    query = select(Draft.id, Draft.created_at).where(Draft.state == "confirmed", condition)
    return len(db.exec(query.order_by(col(Draft.id).desc()).limit(51)).all())


if __name__ == "__main__":
    main()

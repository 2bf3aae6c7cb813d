"""Measures the API's answers over a database of many drafts: the server's time for each list and row.

python bench/api_lists.py [--drafts 100000] [--requests 60]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import insert

from config.settings import Settings
from drafting.draft import FIELD_NAMES
from intake_api.app import create_app
from intake_api.security.api_tokens import create_token
from intake_api.security.rights import Scope
from models.database import Database, open_database
from models.migration import migrate
from models.tables import Call, Draft, OutboxEntry, Ticket, Utterance
from spool.call_id import uuid7

RESULTS = Path(__file__).parent / "results"
WORDS = [
    *("路灯", "不亮", "噪音", "扰民", "下水道", "堵塞", "解放路", "银雀山", "兰山区", "罗庄区"),
    *("小区", "物业", "停水", "停电", "工地", "夜间", "施工", "垃圾", "公交"),
]


def fields(dice: random.Random) -> dict[str, Any]:
    """Return fields as heavy as real ones: about 4 kB."""
    made = {}
    for name in FIELD_NAMES:
        value = "".join(dice.choices(WORDS, k=4))
        evidence = [{"utterance": 0, "start": 0, "end": 4, "text": value}]
        candidates = [{"value": value, "confidence": 0.4, "reason": "heard"}]
        made[name] = {
            **{"value": value, "confidence": 0.7, "evidence": evidence, "source": "heard"},
            **{"candidates": candidates if name.startswith("category") else []},
        }
    return made


def fill(database: Database, count: int) -> tuple[str, str, str]:
    """Add calls, drafts, and tickets for nine in ten; return ids of one of each."""
    dice = random.Random(1)
    kinds = [fields(dice) for _ in range(100)]
    for first in range(0, count, 2000):
        made = [rows(number, kinds[number % 100], dice) for number in range(first, min(first + 2000, count))]
        with database.session() as db:
            for table in (Call, Utterance, Draft, Ticket, OutboxEntry):
                db.execute(insert(table), [row[table] for row in made if table in row])
    last = made[-1]
    return tuple(str(last[table]["id"]) for table in (Call, Draft, Ticket))  # type: ignore[return-value]


def rows(number: int, made: dict[str, Any], dice: random.Random) -> dict[Any, dict[str, Any]]:
    """Return the rows of a call, by table."""
    at = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(seconds=number * 77)
    call, draft, ticket = uuid7(), uuid7(), uuid7()
    caller, words = f"138{number:08d}", "".join(dice.choices(WORDS, k=60))
    state = "confirmed" if number % 10 else "ready"
    ended = {"state": "ended"}
    found = {"last_words": words[:40], "search_text": f"{caller} {words}", "fields": made}
    there: dict[Any, dict[str, Any]] = {
        Call: {"id": call, "sip_call_id": f"{number}@bench", "caller_number": caller, **ended, "invited_at": at},
        Utterance: {"call_id": call, "index": 0, "start_time": 0, "end_time": 9, "text": words, "confidence": 0.8},
        Draft: {"id": draft, "call_id": call, "state": state, "created_at": at, "updated_at": at, **found},
    }
    if state == "confirmed":
        no = f"{number:016d}"
        confirmed = {"confirmed_by": "li", "confirmed_at": at, "fields": made}
        there[Ticket] = {"id": ticket, "ticket_no": no, "draft_id": draft, "call_id": call, **confirmed}
        there[OutboxEntry] = {"ticket_id": ticket, "state": "delivered", "next_attempt_at": at, "case_id": no}
    return there


def measure(client: TestClient, path: str, requests: int) -> dict[str, float]:
    """Return milliseconds from the request to the whole answer; the processor's include the client's own."""
    times = []
    cpu = time.process_time()
    for _ in range(requests):
        began = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text
    cpu = time.process_time() - cpu
    times.sort()
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95) - 1], 1),
        "cpu_ms": round(cpu / requests * 1000, 1),
        "kilobytes": round(len(answer.content) / 1000),
    }


def main() -> None:
    """Fill, measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--database", help="a PostgreSQL URL; by default SQLite in a temporary folder")
    asked = parser.parse_args()
    load = round(os.getloadavg()[2], 1)
    with tempfile.TemporaryDirectory() as folder:
        values: dict[str, Any] = {"database": {"url": asked.database}} if asked.database else {}
        settings = Settings(data_dir=Path(folder), **values)
        migrate(settings.database_url)
        database = open_database(settings.database_url)
        call_id, draft_id, ticket_id = fill(database, asked.drafts)
        _, token = create_token(database, Scope.OPERATE, "bench", "bench", datetime.now(UTC))
        with TestClient(create_app(settings), headers={"Authorization": f"Bearer {token}"}) as client:
            second = client.get("/api/v1/drafts").json()["next"]
            paths = [
                *("/api/v1/drafts", f"/api/v1/drafts?cursor={second}", "/api/v1/drafts?state=ready"),
                *(f"/api/v1/drafts?call_id={call_id}", f"/api/v1/drafts/{draft_id}", "/api/v1/drafts?limit=200"),
                *("/api/v1/drafts?q=银雀山", "/api/v1/drafts?q=13800000007", "/api/v1/drafts?q=没有这个"),
                *("/api/v1/calls", "/api/v1/calls?state=answered", "/api/v1/calls?sip_call_id=77@bench"),
                *(f"/api/v1/calls/{call_id}/transcript", "/api/v1/tickets", "/api/v1/tickets?delivery=parked"),
                *(f"/api/v1/tickets/{ticket_id}", "/metrics"),
            ]
            found = {path.replace(str(second), "..."): measure(client, path, asked.requests) for path in paths}
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_before": load,
        "drafts": asked.drafts,
        "database": "PostgreSQL" if asked.database else "SQLite",
        "answers": found,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"api_lists_{report['database'].lower()}.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

"""Measures live events: the time from a change, or from words, to each of many consoles that follow.

    python bench/api_events.py [--consoles 50] [--seconds 20]

The server is a process of its own, the consoles another; changes and words come from this one, as from the recogniser
and the operators of 30 calls: words 5 times a second for each call, a change 10 times a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import resource
import tempfile
import threading
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

from config.sections import Address, WebSettings
from config.settings import Settings
from intake.claiming import claim_draft
from intake_api import server
from intake_api.security.api_tokens import create_token
from intake_api.security.rights import Scope
from live_bus.local_bus import LocalBus
from models.database import open_database
from models.migration import migrate
from models.tables import Call, Draft

RESULTS = Path(__file__).parent / "results"
PORT = 17900
CALLS = 30
WORDS_A_SECOND = 5
CHANGES_A_SECOND = 10


def serve(settings: Settings, pipe: Connection) -> None:
    """Run the `web` process until told to stop, then tell its processor time and memory."""
    stop = threading.Event()
    thread = threading.Thread(target=server.run, args=(settings, stop))
    thread.start()
    pipe.recv()
    stop.set()
    thread.join()
    used = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send((used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))


def follow(token: str, consoles: int, seconds: float, pipe: Connection) -> None:
    """Follow with many consoles and tell how late each event was, in milliseconds."""

    async def one(changes: list[float], words: list[float]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 22)
        writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        while True:
            line = await reader.readline()
            if not line.startswith(b"data: "):
                continue
            arrived, data = time.time(), json.loads(line[6:])
            if "text" in data:
                words.append((arrived - float(data["text"])) * 1000)
            elif data["row"]:
                changes.append((arrived - datetime.fromisoformat(data["row"]["updated_at"]).timestamp()) * 1000)

    async def everybody() -> tuple[list[float], list[float]]:
        changes: list[float] = []
        words: list[float] = []
        tasks = [asyncio.create_task(one(changes, words)) for _ in range(consoles)]
        await asyncio.sleep(2)
        pipe.send("following")
        await asyncio.sleep(seconds + 1)
        for task in tasks:
            task.cancel()
        return changes, words

    pipe.send(asyncio.run(everybody()))


def drive(settings: Settings, drafts: list[UUID], calls: list[str], seconds: float) -> None:
    """Change drafts and publish words at a steady pace."""
    bus = LocalBus(settings.runtime_dir)
    database = open_database(settings.database_url, lambda: bus.publish("changes", {}))
    pace = CALLS * WORDS_A_SECOND
    began = time.monotonic()
    for number in range(int(seconds * pace)):
        time.sleep(max(0.0, began + number / pace - time.monotonic()))
        bus.publish("partial", {"call_id": calls[number % CALLS], "index": 0, "text": str(time.time())})
        if number % (pace // CHANGES_A_SECOND) == 0:
            claim_draft(database, drafts[number % CALLS], "li", at=datetime.now(UTC))


def summary(late: list[float]) -> dict[str, float]:
    """Return the median, the 95th percentile and the worst."""
    late.sort()
    return {
        "events": len(late),
        "p50_ms": round(late[len(late) // 2], 1),
        "p95_ms": round(late[int(len(late) * 0.95)], 1),
        "worst_ms": round(late[-1], 1),
    }


def measure(settings: Settings, consoles: int, seconds: float) -> dict[str, Any]:
    """Fill, start both processes, drive, and return what was found."""
    migrate(settings.database_url)
    database = open_database(settings.database_url)
    calls = [Call(sip_call_id=f"{number}@bench", state="answered") for number in range(CALLS)]
    drafts = [Draft(call_id=call.id, state="ready") for call in calls]
    with database.session() as db:
        db.add_all([*calls, *drafts])
    _, token = create_token(database, Scope.READ, "bench", "bench", datetime.now(UTC))
    ours, theirs = multiprocessing.Pipe()
    web = multiprocessing.Process(target=serve, args=(settings, theirs))
    web.start()
    time.sleep(4)
    near, far = multiprocessing.Pipe()
    audience = multiprocessing.Process(target=follow, args=(token, consoles, seconds, far))
    audience.start()
    near.recv()
    drive(settings, [draft.id for draft in drafts], [str(call.id) for call in calls], seconds)
    changes, words = near.recv()
    ours.send("stop")
    cpu, memory = ours.recv()
    for process in (audience, web):
        process.join()
    used = {"server_cpu_percent": round(cpu / (seconds + 7) * 100), "server_memory_mb": round(memory)}
    return {"consoles": consoles, "changes": summary(changes), "words": summary(words), **used}


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        web = WebSettings(bind=Address(host="127.0.0.1", port=PORT))
        found = measure(Settings(data_dir=Path(folder), web=web), asked.consoles, asked.seconds)
    python = f"Python {platform.python_version()}"
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {python}",
        "load_before": round(os.getloadavg()[2], 1),
        **found,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "api_events.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()

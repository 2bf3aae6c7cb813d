"""Measures a whole call as its user meets it, through the running service and its SSE stream.

    python bench/call_to_draft.py [--calls 1 10 30]

SIPp places the calls and speaks. Each row holds INVITE -> 200 by SIPp's clock; word spoken -> word in the console, from
the word's end in the recording until the first event whose text holds it; hang-up -> draft READY; processor time and
memory of each process. Results go to bench/results/call_to_draft.json with machine and date.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.voice import say
from tests.clients import call_with_sipp
from tests.service import Service
from tests.waiting import wait_for

RESULTS = Path(__file__).parent / "results" / "call_to_draft.json"
PAUSE = bytes(16000)
SENTENCES = ("我要投诉兰山区银雀山街道的路灯坏了", "我的电话是一三八零零零零一二三四", "请尽快派人来看一看")


class Console(threading.Thread):
    """Follows the live events and keeps when each came."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self.events: list[tuple[float, str, dict[str, Any]]] = []
        request = urllib.request.Request(f"http://127.0.0.1:{service.web_port}/api/v1/events")
        request.add_header("Authorization", f"Bearer {service.token}")
        self._stream = urllib.request.urlopen(request, timeout=600)
        self.start()

    def run(self) -> None:
        kind = ""
        for raw in self._stream:
            line = raw.decode().rstrip("\n")
            if line.startswith("event:"):
                kind = line[6:].strip()
            elif line.startswith("data:"):
                self.events.append((time.time(), kind, json.loads(line[5:])))


def spread(values: list[float]) -> dict[str, float]:
    """p50, p95 and largest, in milliseconds."""
    ordered = sorted(values)
    if not ordered:
        return {}
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {"p50": round(statistics.median(ordered), 1), "p95": round(p95, 1), "max": round(ordered[-1], 1)}


def measure(calls: int) -> dict[str, Any]:
    """Run the service and so many calls at once; return a row of the results."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data", HOTLINE_LOG_FORMAT="json").start()
        try:
            return follow(service, Path(folder), calls)
        finally:
            service.stop()


def follow(service: Service, folder: Path, calls: int) -> dict[str, Any]:
    """Place the calls and collect what they show."""
    pcm = b"".join(PAUSE + say(sentence) + PAUSE * 2 for sentence in SENTENCES)
    console = Console(service)
    roles = {role: psutil.Process(service.pid_of(role)) for role in ("calls", "recogniser", "web", "deliver")}
    before = {role: sum(process.cpu_times()[:2]) for role, process in roles.items()}
    began = time.time()
    client = call_with_sipp(folder / "sipp", service.sip_port, pcm, calls=calls)
    client.wait(180)
    seconds = time.time() - began

    def all_ready() -> bool:
        items = service.get("/api/v1/drafts?limit=100").json["items"]
        return sum(draft["state"] == "ready" for draft in items) >= calls

    wait_for(all_ready, 120, every=0.5)
    rows = service.get("/api/v1/calls?limit=100").json["items"]
    cpu = {role: sum(process.cpu_times()[:2]) - before[role] for role, process in roles.items()}
    call_minutes = sum(row["recorded_seconds"] for row in rows) / 60
    return {
        "calls": calls,
        "answer_ms": spread(answer_times(folder / "sipp")),
        "word_to_console_ms": spread([late for row in rows for late in word_latencies(service, row, console)]),
        "hang_up_to_ready_ms": spread([late for row in rows if (late := ready_after(row, console)) is not None]),
        "cpu_seconds_per_call_minute": {role: round(used / call_minutes, 3) for role, used in cpu.items()},
        "share_of_one_core": {role: round(used / seconds, 3) for role, used in cpu.items()},
        "memory_mb": {role: round(process.memory_info().rss / 1e6, 1) for role, process in roles.items()},
    }


def answer_times(folder: Path) -> list[float]:
    """INVITE -> 200 of every call, as SIPp measured it, in milliseconds."""
    (file,) = folder.glob("*_rtt.csv")
    with file.open() as stream:
        return [float(row["response_time_ms"]) for row in csv.DictReader(stream, delimiter=";")]


def word_latencies(service: Service, call: dict[str, Any], console: Console) -> list[float]:
    """From each word's last sample to the first event that shows it, in milliseconds."""
    answered = datetime.fromisoformat(call["answered_at"]).timestamp()
    shown: dict[int, list[tuple[float, str]]] = {}
    for at, kind, event in list(console.events):
        row = event.get("row") or {}
        if kind == "partial" and event["call_id"] == call["id"]:
            shown.setdefault(event["index"], []).append((at, event["text"]))
        elif kind == "utterance" and event["call_id"] == call["id"] and row:
            shown.setdefault(row["index"], []).append((at, row["text"]))
    latencies = []
    for utterance in service.get(f"/api/v1/calls/{call['id']}/transcript").json["utterances"]:
        text = ""
        for word in utterance["words"]:
            text += word["word"]
            at = next((at for at, partial in shown.get(utterance["index"], []) if partial.startswith(text)), None)
            if at is not None:
                latencies.append((at - answered - word["end"]) * 1000)
    return latencies


def ready_after(call: dict[str, Any], console: Console) -> float | None:
    """From the end of the call to the event that says READY, in milliseconds."""
    ended = datetime.fromisoformat(call["ended_at"]).timestamp()
    for at, kind, event in console.events:
        if kind == "draft" and event["call_id"] == call["id"] and (event.get("row") or {}).get("state") == "ready":
            return (at - ended) * 1000
    return None


def main() -> None:
    """Measure each number of calls and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 10, 30])
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load_before": os.getloadavg()[0],
        "rows": [measure(calls) for calls in parser.parse_args().calls],
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()

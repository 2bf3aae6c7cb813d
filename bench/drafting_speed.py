"""Measures how much of one core redrafting takes after every utterance, over the corpus and for a very long call."""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from config.city import load_city
from drafting.draft import CallFacts, Heard
from drafting.drafting import draft_ticket
from drafting.jsonl import read_call
from tests.drafting.scoring import read_corpus

RESULTS = Path(__file__).parent / "results" / "drafting_speed.json"


def milliseconds(heard: list[Heard], facts: CallFacts) -> float:
    """Return how long one draft takes."""
    began = time.process_time()
    draft_ticket(heard, facts, LINYI)
    return (time.process_time() - began) * 1000


def percentiles(times: list[float]) -> dict[str, float]:
    """Return p50, p95 and the slowest."""
    cuts = statistics.quantiles(times, n=20)
    return {"p50_ms": round(cuts[9], 2), "p95_ms": round(cuts[18], 2), "slowest_ms": round(max(times), 2)}


began = time.process_time()
LINYI = load_city("linyi")
load_seconds = time.process_time() - began
calls = [read_call(call, LINYI) for call in (*read_corpus("tuning"), *read_corpus("held_out"))]
first = milliseconds(calls[0][1], calls[0][2])
live = [milliseconds(heard[: n + 1], facts) for _, heard, facts in calls for n in range(len(heard))]
texts = [words.text for _, heard, _ in calls for words in heard]
long_call = [Heard(index, text) for index, text in enumerate(texts[:120])]
growing = [milliseconds(long_call[: n + 1], calls[0][2]) for n in range(len(long_call))]
result = {
    "date": time.strftime("%Y-%m-%d"),
    "machine": f"{platform.machine()}, Python {platform.python_version()}; processor time on a shared machine",
    "load_city_seconds": round(load_seconds, 3),
    "first_draft_ms": round(first, 1),
    "corpus": {"redrafts": len(live), **percentiles(live)},
    "one_call_of_120_utterances": {"characters": sum(map(len, texts[:120])), **percentiles(growing)},
}
RESULTS.parent.mkdir(exist_ok=True)
RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
print(json.dumps(result, indent=2))

"""Scores drafts over both halves of the corpus, as typed and with a recogniser's noise; writes results and errors."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from config.city import load_city
from tests.drafting.noise import homophones, misheard
from tests.drafting.scoring import Score, read_corpus, score_calls

RESULTS = Path(__file__).parent / "results" / "drafting_corpus.json"
NOISE = (0.0, 0.05, 0.1, 0.2)
"Shares of characters replaced by homophones."


def summary(score: Score) -> dict[str, object]:
    """Return the figures of one run."""
    return {
        "calls": score.calls,
        "drafts_with_a_wrong_value": score.drafts_with_wrong_value,
        "fields": {name: tally.summary() for name, tally in score.fields.items()},
        "errors": score.errors,
    }


city = load_city("linyi")
result: dict[str, object] = {
    "date": time.strftime("%Y-%m-%d"),
    "note": "The held-out half was scored once before anything was changed for it: "
    "see drafting_first_look.json. The figures here are after its errors were studied.",
}
for half in ("tuning", "held_out"):
    calls = read_corpus(half)
    table = homophones(text for call in calls for text in call["utterances"])
    for rate in NOISE:
        noisy = [
            {**call, "utterances": [misheard(text, table, "bench", rate) for text in call["utterances"]]}
            for call in calls
        ]
        scored = summary(score_calls(noisy if rate else calls, city))
        if rate:
            scored.pop("errors")
        result[f"{half}, noise {rate:.0%}"] = scored
RESULTS.parent.mkdir(exist_ok=True)
RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
print(f"written to {RESULTS.name}")

"""Makes draft fields: a value only above its threshold, candidates otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from drafting.draft import Candidate, DraftField, Evidence, Value

MOST_CANDIDATES = 4
"An operator reads four choices at a glance (domain: at most 4 validated places)."


def field_of(
    value: Value,
    confidence: float,
    threshold: float,
    evidence: Iterable[Evidence] = (),
    source: str = "heard",
    candidates: Iterable[Candidate] = (),
    reason: str = "",
) -> DraftField:
    """Return a field: its value where the confidence reaches the threshold, else blank, the value a candidate."""
    confidence = round(max(0.0, min(1.0, confidence)), 3)
    shown = tuple(candidates)
    if value is not None and all(candidate.value != value for candidate in shown):
        shown = (Candidate(value, confidence, reason), *shown)
    shown = shown[:MOST_CANDIDATES]
    if value is None or confidence < threshold:
        return DraftField(None, confidence, tuple(evidence), "none", shown)
    return DraftField(value, confidence, tuple(evidence), source, shown)


BLANK = DraftField()

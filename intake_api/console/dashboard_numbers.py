"""The supervisor's numbers, each read where it was written; the same tables are shown, drawn and exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final

from rapidfuzz.distance import Levenshtein
from sqlalchemy import func
from sqlmodel import Session, col, select

from intake_api.console.labels import LABELS
from intake_api.console.language import mark
from models.second_looks import Review
from models.states import DraftState
from models.tables import Call, Draft, OutboxEntry, Ticket, Utterance

ANSWER_SECONDS: Final = 15
"GB/T 33358: calls are answered within 15 s."
TICKETS_LOOKED_AT: Final = 500
"Fields are JSON: of more tickets than these the newest are taken, which moves a share by two percent at most."
CORRECTIONS_LOOKED_AT: Final = 10_000
"A month of a city's corrections; of more the newest."
TOP: Final = 12


@dataclass(frozen=True)
class Period:
    """From `since` up to, not including, `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns, and rows; `kind` names the labels of the first column."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    kind: str = ""


def tables(db: Session, period: Period, now: datetime) -> list[Table]:
    """Return every table of the dashboard."""
    sample = newest_tickets(db, period)
    return [
        Table("overview", mark("Overview"), (mark("What"), mark("Value")), overview(db, period, sample, now), "figure"),
        Table("calls", mark("Calls by hour"), (mark("Hour"), mark("Calls")), by_hour(db, period)),
        counted("categories", mark("Categories"), sample, "category_level_2"),
        counted("places", mark("Places"), sample, "county"),
        counted("types", mark("Types"), sample, "type"),
        Table(
            "fields",
            mark("Fields: how often the machine was right"),
            (mark("Field"), mark("Kept"), mark("Changed"), mark("Added by hand"), mark("Share kept")),
            field_accuracy(sample),
            "field",
        ),
        Table(
            "recogniser",
            mark("Recogniser: character errors in the sentences that people corrected"),
            (mark("Day"), mark("Model"), mark("Sentences corrected"), mark("Characters"), mark("Character errors")),
            errors_by_model(db, period),
        ),
        Table("quality", mark("Quality by sample"), (mark("Verdict"), mark("Drafts")), verdicts(db, period), "verdict"),
        Table("deliveries", mark("Deliveries"), (mark("State"), mark("Tickets")), deliveries(db), "delivery"),
    ]


def overview(db: Session, period: Period, sample: Sequence[Ticket], now: datetime) -> list[list[Any]]:
    """Return the single figures, name and value; None where there is nothing to measure."""
    calls = db.exec(select(Call.id, Call.invited_at, Call.answered_at).where(*during(Call.invited_at, period))).all()
    answered = [(at - invited).total_seconds() for _, invited, at in calls if at is not None]
    heard = select(func.count(func.distinct(Utterance.call_id))).join(Call, col(Call.id) == Utterance.call_id)
    waiting = select(func.count(), func.min(Draft.ready_at)).where(Draft.state == DraftState.READY)
    count, oldest = db.exec(waiting).one()
    emergencies = select(func.count()).where(Draft.urgency == "emergency", *during(Draft.created_at, period))
    return [
        ["calls", len(calls)],
        ["answered_in_time", share(sum(s <= ANSWER_SECONDS for s in answered), len(calls))],
        ["recognised", share(db.exec(heard.where(*during(Call.invited_at, period))).one(), len(calls))],
        ["waiting", count],
        ["oldest_minutes", round((now - oldest).total_seconds() / 60) if oldest else None],
        ["confirmed", db.exec(select(func.count()).where(*during(Ticket.confirmed_at, period))).one()],
        ["confirm_seconds", confirm_seconds(db, period)],
        ["corrected_cer", corrected_share(db, period)],
        ["emergencies", db.exec(emergencies).one()],
        ["kept_fields", share(*kept_of_all(field_accuracy(sample)))],
    ]


def during(column: Any, period: Period) -> tuple[Any, Any]:
    """Return the two conditions of a period."""
    return column >= period.since, column < period.until


def share(part: int, whole: int) -> float | None:
    """Return a share of 1, None of nothing."""
    return round(part / whole, 4) if whole else None


def newest_tickets(db: Session, period: Period) -> Sequence[Ticket]:
    """Return the period's tickets, the newest, with what their fields were drafted as."""
    query = select(Ticket).where(*during(Ticket.confirmed_at, period))
    return db.exec(query.order_by(col(Ticket.id).desc()).limit(TICKETS_LOOKED_AT)).all()


def by_hour(db: Session, period: Period) -> list[list[Any]]:
    """Return how many calls came in each hour of the day, in the period's zone."""
    zone = period.since.tzinfo
    hours = Counter(
        at.astimezone(zone).hour for at in db.exec(select(Call.invited_at).where(*during(Call.invited_at, period)))
    )
    return [[f"{hour:02}", hours[hour]] for hour in range(24)]


def confirm_seconds(db: Session, period: Period) -> int | None:
    """Return the median time from a draft being ready to its ticket."""
    query = select(Draft.ready_at, Ticket.confirmed_at).where(Ticket.draft_id == Draft.id)
    newest = query.where(*during(Ticket.confirmed_at, period)).order_by(col(Ticket.id).desc()).limit(TICKETS_LOOKED_AT)
    taken = [(confirmed - ready).total_seconds() for ready, confirmed in db.exec(newest) if ready]
    return round(median(taken)) if taken else None


def corrected_share(db: Session, period: Period) -> float | None:
    """Return changed characters per character of the utterances that were corrected (character error rate)."""
    query = select(Utterance.text, Utterance.corrected_text).where(
        col(Utterance.corrected_text).is_not(None), *during(Utterance.corrected_at, period)
    )
    pairs = [(heard, said or "") for heard, said in db.exec(query.limit(TICKETS_LOOKED_AT))]
    return share(sum(Levenshtein.distance(*pair) for pair in pairs), sum(len(said) for _, said in pairs))


def errors_by_model(db: Session, period: Period) -> list[list[Any]]:
    """Return for each day of calls and each model what people corrected: sentences, characters said, error rate."""
    query = select(Call.invited_at, Utterance.model, Utterance.text, Utterance.corrected_text).where(
        Call.id == Utterance.call_id, col(Utterance.corrected_text).is_not(None), *during(Call.invited_at, period)
    )
    found: dict[tuple[str, str], list[int]] = {}
    for at, model, heard, said in db.exec(query.order_by(col(Utterance.id).desc()).limit(CORRECTIONS_LOOKED_AT)):
        day = at.astimezone(period.since.tzinfo).date().isoformat()
        counts = found.setdefault((day, model or "—"), [0, 0, 0])
        counts[0] += 1
        counts[1] += len(said or "")
        counts[2] += Levenshtein.distance(heard, said or "")
    return [[day, model, n, said, share(wrong, said)] for (day, model), (n, said, wrong) in sorted(found.items())]


def verdicts(db: Session, period: Period) -> list[list[Any]]:
    """Return what people found in the samples of these days; no figure is of one person."""
    days = (col(Review.day) >= period.since.date(), col(Review.day) < period.until.date())
    counts: dict[Any, int] = dict(
        db.exec(select(Review.verdict, func.count()).where(*days).group_by(col(Review.verdict))).all()
    )
    named = {verdict or "open": count for verdict, count in counts.items()}
    return [[name, named[name]] for name in LABELS["verdict"] if name in named]


def counted(name: str, title: str, sample: Sequence[Ticket], field: str) -> Table:
    """Return how often each value of a field was confirmed."""
    values = Counter(ticket.fields.get(field, {}).get("value") for ticket in sample)
    values.pop(None, None)
    rows = [[value, count] for value, count in values.most_common(TOP)]
    return Table(name, title, (mark("What"), mark("Tickets")), rows, field if field in LABELS else "")


def field_accuracy(sample: Sequence[Ticket]) -> list[list[Any]]:
    """Return for each field how often the drafted value was kept, changed, or there was none and a person added it."""
    found: dict[str, Counter[str]] = {}
    for ticket in sample:
        for name, field in ticket.fields.items():
            found.setdefault(name, Counter())[what_became(field)] += 1
    names = [name for name in LABELS["field"] if name in found]
    rows = [accuracy_row(name, found[name]) for name in names]
    return [row for row in rows if any(row[1:4])]


def what_became(field: dict[str, Any]) -> str:
    """Return whether a person kept, changed or added a value, or there is none."""
    if field.get("source") != "operator":
        return "kept" if field.get("value") is not None else "none"
    drafted = (field.get("drafted") or {}).get("value")
    if drafted is None:
        return "added"
    return "kept" if drafted == field.get("value") else "changed"


def accuracy_row(name: str, counts: Counter[str]) -> list[Any]:
    """Return a field's row."""
    kept, changed, added = counts["kept"], counts["changed"], counts["added"]
    return [name, kept, changed, added, share(kept, kept + changed + added)]


def kept_of_all(rows: Sequence[Sequence[Any]]) -> tuple[int, int]:
    """Return how many values were kept, of how many that were confirmed."""
    return sum(row[1] for row in rows), sum(sum(row[1:4]) for row in rows)


def deliveries(db: Session) -> list[list[Any]]:
    """Return how many tickets are in which state of delivery."""
    query = select(OutboxEntry.state, func.count()).group_by(col(OutboxEntry.state))
    found: dict[Any, int] = dict(db.exec(query).all())
    return [[state, found.get(state, 0)] for state in LABELS["delivery"]]

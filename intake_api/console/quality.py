"""The day's sample of confirmed drafts, and what people find in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Form, Query, Response
from sqlmodel import Session, col, select

from intake import sampling
from intake.errors import IntakeError
from intake_api.console.draft_list import value_of
from intake_api.console.labels import LABELS
from intake_api.console.page import OptionalDay, Page, SupervisorPage
from intake_api.needs import DatabaseNeeded, Now, Reading
from intake_api.problems import not_found
from models.second_looks import Review, Sample, Verdict
from models.tables import Call, Draft


@dataclass(frozen=True)
class Line:
    """A drawn draft."""

    review: Review
    draft: Draft
    call: Call

    @property
    def title(self) -> str:
        """What it is about."""
        return value_of(self.draft, "title") or value_of(self.draft, "content")


def show_quality(page: SupervisorPage, db: Reading, now: Now, day: Annotated[OptionalDay, Query()] = None) -> Response:
    """Show a day's sample; today's when none is named."""
    return shown(page, db, day or today(page, now))


def shown(page: Page, db: Session, day: date, status: int = 200, error: str = "") -> Response:
    """Return the page with what was refused."""
    sample = db.get(Sample, day)
    lines = lines_of(db, day)
    return page.show(
        "quality.html",
        status,
        here="quality",
        day=day,
        sample=sample,
        lines=lines,
        done=sum(line.review.verdict is not None for line in lines),
        share=sample.share if sample else sampling.latest_share(db),
        error=error,
    )


def today(page: Page, now: datetime) -> date:
    """Return the city's day."""
    return now.astimezone(ZoneInfo(page.service.settings.time_zone)).date()


def lines_of(db: Session, day: date) -> Sequence[Line]:
    """Return a day's reviews, those to be done first, by operator."""
    query = select(Review, Draft, Call).where(Review.day == day, Draft.id == Review.draft_id, Call.id == Draft.call_id)
    order = (col(Review.verdict).is_not(None), col(Review.confirmed_by), col(Review.id))
    return [Line(*row) for row in db.exec(query.order_by(*order))]


def draw(
    page: SupervisorPage,
    database: DatabaseNeeded,
    db: Reading,
    now: Now,
    day: Annotated[date, Form()],
    percent: Annotated[float, Form()],
) -> Response:
    """Draw the day's sample, or more of it."""
    zone = ZoneInfo(page.service.settings.time_zone)
    db.close()  # a reader must not stand in the way of the verb's own transaction
    try:
        new = sampling.draw_sample(database, day, percent / 100, page.actor.name, zone=zone, at=now)
    except IntakeError as refused:
        with database.reading() as fresh:
            return shown(page, fresh, day, 422, refused.sentence_zh if page.language == "zh" else refused.sentence)
    return page.go(f"/quality?day={day}", "drawn", str(len(new)))


def give_verdict(
    page: SupervisorPage,
    database: DatabaseNeeded,
    now: Now,
    review_id: UUID,
    verdict: Annotated[Verdict, Form()],
    note: Annotated[str, Form()] = "",
) -> Response:
    """Write what was found and lead to the next of the same day."""
    try:
        review = sampling.give_verdict(database, review_id, verdict, note, page.actor.name, at=now)
    except IntakeError as refused:
        with database.reading() as db:
            known = db.get(Review, review_id)
        if known is None:
            raise not_found("review", "抽检记录") from None
        sentence = refused.sentence_zh if page.language == "zh" else refused.sentence
        return page.go(f"/drafts/{known.draft_id}", "too_late", sentence)
    with database.reading() as db:
        left = select(Review.draft_id).where(
            Review.day == review.day, col(Review.verdict).is_(None), Review.confirmed_by != page.actor.name
        )
        following = db.exec(left.order_by(col(Review.confirmed_by), col(Review.id))).first()
    name = LABELS["verdict"][review.verdict or ""]
    return page.go(f"/drafts/{following}" if following else f"/quality?day={review.day}", "reviewed", page.say(name))

"""Quality by sample: a fair draw of confirmed drafts that people look at again; the verdict is a person's."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from intake.audit import record
from intake.errors import Conflict, Invalid, NotAllowed, NotFound
from models.database import Database
from models.second_looks import Review, Sample, Verdict
from models.tables import Ticket

LONGEST_NOTE = 1_000
USUAL_SHARE = 0.05
"One in twenty: some seven of an operator's 150 calls a day, which a supervisor hears in half an hour."


def draw_sample(
    database: Database,
    day: date,
    share: float,
    actor: str,
    *,
    zone: ZoneInfo,
    at: datetime,
    new_seed: Callable[[], str] = lambda: secrets.token_hex(16),
) -> list[Review]:
    """Draw so large a share of each operator's confirmed drafts of a day, at least one of each; return what is new.

    Who is drawn follows from the day's seed and the draft's id alone, so every draft of an operator has the same
    chance and the draw can be checked afterwards. Drawn again, when more was confirmed or the share grew, it adds and
    takes nothing away. Raises `Invalid`.
    """
    if not 0 < share <= 1:
        raise Invalid("share", "The share is above 0 and at most 100 %.", "抽检比例应大于 0 且不超过 100%。")
    with database.session() as session:
        sample = session.get(Sample, day, with_for_update=True)
        sample = sample or Sample(day=day, seed=new_seed(), share=share, drawn_by=actor, drawn_at=at)
        sample.share = share
        session.add(sample)
        session.flush()
        known = set(session.exec(select(Review.draft_id).where(Review.day == day)))
        new = [
            Review(day=day, draft_id=draft_id, confirmed_by=by)
            for by, drafts in _confirmed(session, day, zone).items()
            for draft_id in drawn(drafts, sample.seed, share)
            if draft_id not in known
        ]
        session.add_all(new)
        record(session, actor, "sample_drawn", "sample", day.isoformat(), at, share=share, drawn=len(new))
        return new


def drawn(drafts: Sequence[UUID], seed: str, share: float) -> list[UUID]:
    """Return the drafts whose hash with the seed is smallest: so large a share of them, rounded up."""
    count = math.ceil(share * len(drafts) - 1e-9)  # 5 % of 20 is 1, also in floating point
    return sorted(drafts, key=lambda draft: hashlib.sha256(f"{seed}:{draft}".encode()).digest())[:count]


def give_verdict(
    database: Database, review_id: UUID, verdict: Verdict, note: str, actor: str, *, at: datetime
) -> Review:
    """Write what a person found; again corrects one's own. A fault needs a note. Who confirmed it may not judge it.

    Raises `Conflict` (another has judged it), `Invalid`, `NotAllowed` and `NotFound`.
    """
    said = note.strip()
    if len(said) > LONGEST_NOTE or (verdict != Verdict.GOOD and not said):
        sentence = f"Write what was found, at most {LONGEST_NOTE} characters."
        raise Invalid("note", sentence, f"请写明发现的问题，最多 {LONGEST_NOTE} 字。")
    with database.session() as session:
        review = session.get(Review, review_id, with_for_update=True)
        if review is None:
            raise NotFound("review", "抽检记录")
        if actor == review.confirmed_by:
            raise NotAllowed("Nobody reviews their own draft.", "不能抽检自己确认的工单。")
        if review.reviewed_by not in (None, actor):
            by = review.reviewed_by
            raise Conflict(f"{by} has reviewed it.", f"{by}已完成抽检。", state="reviewed", version=0, by=by)
        review.verdict, review.note, review.reviewed_by, review.reviewed_at = verdict, said, actor, at
        session.add(review)
        record(session, actor, "draft_reviewed", "draft", review.draft_id, at, verdict=str(verdict))
        return review


def latest_share(session: Session) -> float:
    """Return the share that was drawn last, or the usual one."""
    share = session.exec(select(Sample.share).order_by(col(Sample.day).desc())).first()
    return share or USUAL_SHARE


def _confirmed(session: Session, day: date, zone: ZoneInfo) -> dict[str, list[UUID]]:
    """Return the drafts that each operator confirmed on a day of the city's."""
    since = datetime.combine(day, time(), zone)
    query = select(Ticket.confirmed_by, Ticket.draft_id).where(
        Ticket.confirmed_at >= since, Ticket.confirmed_at < since + timedelta(days=1)
    )
    found: dict[str, list[UUID]] = defaultdict(list)
    for by, draft_id in session.exec(query):
        found[by].append(draft_id)
    return found

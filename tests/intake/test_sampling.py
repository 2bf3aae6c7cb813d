"""The day's sample: fair, repeatable, and judged by people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from intake.claiming import claim_draft
from intake.confirming import confirm_draft
from intake.errors import Conflict, Invalid, NotAllowed
from intake.sampling import draw_sample, drawn, give_verdict
from models.database import Database
from models.second_looks import Review, Verdict
from models.tables import Draft
from tests.spool_calls import NOON

DAY = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Shanghai")
MakeDraft = Callable[..., Draft]


def confirm(database: Database, ready_draft: MakeDraft, by: str) -> Draft:
    draft = claim_draft(database, ready_draft().id, by, at=NOON)
    confirm_draft(database, draft.id, by, draft.version, at=NOON)
    return draft


def draw(database: Database, share: float, day: date = DAY) -> list[Review]:
    return draw_sample(database, day, share, "wang", zone=ZONE, at=NOON, new_seed=lambda: "seed")


def test_the_draw_follows_from_the_seed_and_every_draft_has_the_same_chance() -> None:
    drafts = [UUID(int=number) for number in range(20)]
    assert drawn(drafts, "a", 0.1) == drawn(list(reversed(drafts)), "a", 0.1)
    assert drawn(drafts, "a", 0.1) != drawn(drafts, "b", 0.1)
    times = Counter(draft for seed in range(2000) for draft in drawn(drafts, str(seed), 0.1))
    assert len(times) == 20
    assert 140 < min(times.values()) <= max(times.values()) < 260  # 200 expected, 13 the standard deviation


def test_each_operator_gives_their_share_and_at_least_one(database: Database, ready_draft: MakeDraft) -> None:
    for by in ("li",) * 6 + ("zhao",):
        confirm(database, ready_draft, by)
    assert Counter(review.confirmed_by for review in draw(database, 0.3)) == {"li": 2, "zhao": 1}
    assert draw(database, 0.3) == []
    assert Counter(review.confirmed_by for review in draw(database, 0.5)) == {"li": 1}
    assert draw(database, 0.5, date(2026, 11, 22)) == []
    with pytest.raises(Invalid):
        draw(database, 0)


def test_a_verdict_is_a_persons_and_not_of_ones_own_work(database: Database, ready_draft: MakeDraft) -> None:
    draft = confirm(database, ready_draft, "li")
    (review,) = draw(database, 0.05)
    assert (review.draft_id, review.verdict) == (draft.id, None)
    with pytest.raises(NotAllowed):
        give_verdict(database, review.id, Verdict.GOOD, "", "li", at=NOON)
    with pytest.raises(Invalid):
        give_verdict(database, review.id, Verdict.MINOR, " ", "wang", at=NOON)
    give_verdict(database, review.id, Verdict.MINOR, "地址不全", "wang", at=NOON)
    with pytest.raises(Conflict):
        give_verdict(database, review.id, Verdict.GOOD, "", "sun", at=NOON)
    give_verdict(database, review.id, Verdict.SERIOUS, "县区错误", "wang", at=NOON)
    with database.reading() as session:
        kept = session.exec(select(Review)).one()
    assert (kept.verdict, kept.note, kept.reviewed_by) == ("serious", "县区错误", "wang")

"""Repeats: finished drafts that may be the same matter as one in work, each with its reasons; a person decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from drafting.repeats import Likeness, Matter, bigrams, score
from intake.draft_row import load_draft
from models.database import Database
from models.matters import MatterGram, MatterRow
from models.states import DraftState
from models.tables import Call, Draft

LOOK_BACK = timedelta(days=180)
NEWEST_OF_NUMBER = 30
NEWEST_OF_PLACE = 40
NEWEST_OF_GRAM = 120
"Of each character pair only its newest matters are taken: a common pair tells little, and repeats are recent."
BEST_OF_TEXT = 40
WORTH_SHOWING = 0.35
STANDING = (DraftState.READY, DraftState.CLAIMED, DraftState.CONFIRMED)
NEWEST_WITH_GRAM = (
    core_select(col(MatterGram.matter_id))
    .where(col(MatterGram.gram) == bindparam("pair"))
    .order_by(col(MatterGram.matter_id).desc())
    .limit(NEWEST_OF_GRAM)
)
COMPARED = ("county", "town", "community", "address_text", "category_level_1", "category_level_2")


@dataclass(frozen=True)
class Repeat:
    """A draft that may be the same matter; `callers` counts its call and those merged into it."""

    draft: Draft
    call: Call
    likeness: Likeness
    callers: int


def find_repeats(database: Database, draft_id: UUID, *, at: datetime, limit: int = 5) -> list[Repeat]:
    """Return what may be the same matter as a draft, the likeliest first; raises `NotFound`."""
    with database.reading() as session:
        draft = load_draft(session, draft_id)
        return repeats_of(session, draft, session.get_one(Call, draft.call_id), at=at, limit=limit)


def repeats_of(session: Session, draft: Draft, call: Call, *, at: datetime, limit: int = 5) -> list[Repeat]:
    """Return the same within a transaction of the caller's."""
    matter = matter_of(draft, call)
    found = _candidates(session, matter, at - LOOK_BACK)
    rows = session.exec(select(MatterRow).where(col(MatterRow.id).in_(found), MatterRow.draft_id != draft.id)).all()
    likenesses = {row.draft_id: score(matter, _matter(row)) for row in rows}
    return _standing(session, {key: like for key, like in likenesses.items() if like.score >= WORTH_SHOWING}, limit)


def index_matter(session: Session, draft: Draft, call: Call) -> None:
    """Write the draft's matter for those to come, in the caller's transaction; again replaces it."""
    row = session.exec(select(MatterRow).where(MatterRow.draft_id == draft.id)).first() or MatterRow(draft_id=draft.id)
    matter = matter_of(draft, call)
    row.at, row.number, row.text = call.invited_at, matter.number, matter.text
    for name in COMPARED:
        setattr(row, name, getattr(matter, name))
    session.add(row)
    session.flush()
    session.execute(delete(MatterGram).where(col(MatterGram.matter_id) == row.id))
    grams = [{"gram": gram, "matter_id": row.id} for gram in bigrams(matter.text)]
    if grams:
        session.execute(insert(MatterGram), grams)


def matter_of(draft: Draft, call: Call) -> Matter:
    """Return what is compared of a draft."""
    values = {name: _text(draft.fields, name) for name in COMPARED}
    text = "\n".join(filter(None, (_text(draft.fields, "title"), _text(draft.fields, "content"))))
    return Matter(text=text, number=call.caller_number, at=call.invited_at, **values)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, {}).get("value")
    return value if isinstance(value, str) else ""


def _matter(row: MatterRow) -> Matter:
    values = {name: getattr(row, name) for name in COMPARED}
    return Matter(text=row.text, number=row.number, at=row.at, **values)


def _candidates(session: Session, matter: Matter, since: datetime) -> set[int]:
    newest = select(MatterRow.id).where(MatterRow.at >= since).order_by(col(MatterRow.id).desc())
    found: set[int | None] = set(_best_of_text(session, matter))
    if matter.number:
        found |= set(session.exec(newest.where(MatterRow.number == matter.number).limit(NEWEST_OF_NUMBER)))
    if matter.town:
        here = newest.where(MatterRow.town == matter.town, MatterRow.category_level_1 == matter.category_level_1)
        found |= set(session.exec(here.limit(NEWEST_OF_PLACE)))
    return {identifier for identifier in found if identifier is not None}


def _best_of_text(session: Session, matter: Matter) -> list[int]:
    """Return the matters that share most of the telling pairs; a pair counts for more the fewer matters have it."""
    shared: Counter[int] = Counter()
    connection = session.connection()  # sixty small questions: the row mapper would cost more than the database
    for gram in bigrams(matter.text):
        having = connection.execute(NEWEST_WITH_GRAM, {"pair": gram}).scalars().all()
        weight = NEWEST_OF_GRAM // max(1, len(having))
        for identifier in having:
            shared[identifier] += weight
    return [identifier for identifier, _ in shared.most_common(BEST_OF_TEXT)]


def _standing(session: Session, likenesses: Mapping[UUID, Likeness], limit: int) -> list[Repeat]:
    """Return the drafts that still stand; one that was merged is found by the one it was merged into."""
    query = select(Draft, Call).join(Call).where(col(Draft.id).in_(likenesses), col(Draft.state).in_(STANDING))
    found = sorted(session.exec(query).all(), key=lambda pair: -likenesses[pair[0].id].score)[:limit]
    merged = select(Draft.merged_into).where(col(Draft.merged_into).in_([draft.id for draft, _ in found]))
    callers = Counter(session.exec(merged).all())
    return [Repeat(draft, call, likenesses[draft.id], 1 + callers[draft.id]) for draft, call in found]

"""Search in closed drafts: pairs of characters lead to the few that can match, so that 100,000 are as quick as 100.

Open drafts (a shift's worth) are read through; closed ones are found by the rarest pair that the words have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from models.database import Database
from models.searching import DraftGram, SearchedDraft
from models.states import DraftState
from models.tables import Draft

OPEN = (DraftState.LISTENING, DraftState.READY, DraftState.CLAIMED)
MOST_CANDIDATES = 1_500
"A pair that more drafts have tells little: then the newest are read through instead, where matches come soon."
MOST_OPEN = 1_000
AT_ONCE = 200
"Older drafts that housekeeping adds in a round of two seconds."


def pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring characters of a text, none across a space."""
    return {word[i : i + 2] for word in text.split() for i in range(len(word) - 1)}


def index_words(session: Session, draft: Draft) -> None:
    """Make a closed draft findable, in the caller's transaction; again replaces its pairs."""
    row = session.exec(select(SearchedDraft).where(SearchedDraft.draft_id == draft.id)).first()
    if row is None:
        row = SearchedDraft(draft_id=draft.id)
        session.add(row)
        session.flush()
    else:
        session.execute(delete(DraftGram).where(col(DraftGram.searched_id) == row.id))
    grams = [{"gram": gram, "searched_id": row.id} for gram in sorted(pairs(draft.search_text))]
    if grams:
        session.execute(insert(DraftGram), grams)


def matching(session: Session, text: str, most: int = MOST_CANDIDATES) -> ColumnElement[bool] | None:
    """Return the condition on drafts that a search means, every word somewhere in the text; None for no words."""
    words = text.casefold().split()
    if not words:
        return None
    condition = contains_all(words)
    candidates = _candidates(session, words, most)
    if candidates is None:
        return condition
    found = select(Draft.id).where(col(Draft.state).in_(OPEN), condition)
    opened = session.exec(found.order_by(col(Draft.id).desc()).limit(MOST_OPEN)).all()
    return col(Draft.id).in_([*opened, *candidates]) & condition


def contains_all(words: Iterable[str]) -> ColumnElement[bool]:
    """Return that a draft's search text has every word."""
    conditions = [col(Draft.search_text).contains(word, autoescape=True) for word in words]
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = whole & condition
    return whole


def _candidates(session: Session, words: Sequence[str], most: int) -> Sequence[UUID] | None:
    """Return the closed drafts with the rarest pair of the words; None when every pair is common, or there is none."""
    rarest: tuple[int, str] | None = None
    for gram in sorted({gram for word in words for gram in pairs(word)}):
        having = core_select(col(DraftGram.searched_id)).where(col(DraftGram.gram) == gram).limit(most)
        count = session.execute(core_select(func.count()).select_from(having.subquery())).scalar_one()
        if count < most and (rarest is None or count < rarest[0]):
            rarest = count, gram
        if count == 0:
            break
    if rarest is None:
        return None
    query = select(SearchedDraft.draft_id).join(DraftGram, col(DraftGram.searched_id) == SearchedDraft.id)
    return session.exec(query.where(DraftGram.gram == rarest[1])).all()


def index_older(database: Database) -> int:
    """Add some closed drafts that cannot be found yet (of before this index, or imported); return how many."""
    missing = (
        select(Draft)
        .join(SearchedDraft, col(SearchedDraft.draft_id) == Draft.id, isouter=True)
        .where(col(Draft.state).not_in(OPEN), col(SearchedDraft.id).is_(None))
        .order_by(col(Draft.id).desc())
        .limit(AT_ONCE)
    )
    with database.reading() as session:
        if session.exec(missing).first() is None:
            return 0
    with database.session() as session:
        drafts = session.exec(missing).all()
        for draft in drafts:
            index_words(session, draft)
        return len(drafts)

"""A call's words as the draft page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Response
from sqlmodel import Session, col, select

from intake_api.console.page import ReaderPage
from intake_api.console.words import SILENCE_SECONDS, ShownWord, corrected_words, heard_words
from intake_api.needs import Reading
from intake_api.problems import not_found
from models.tables import Call, Draft, Utterance


@dataclass(frozen=True)
class ShownUtterance:
    """An utterance with its words, and the silence before it when a person would notice."""

    index: int
    start_time: float
    end_time: float
    text: str
    original: str
    "What was heard, when a person has corrected it."
    corrected_by: str
    words: Sequence[ShownWord]
    silence: float


def shown_utterances(db: Session, call_id: UUID) -> list[ShownUtterance]:
    """Return a call's words in order."""
    query = select(Utterance).where(Utterance.call_id == call_id).order_by(col(Utterance.index))
    return list(_with_silences(db.exec(query).all()))


def _with_silences(utterances: Sequence[Utterance]) -> Iterator[ShownUtterance]:
    last_end = 0.0
    for spoken in utterances:
        silence = spoken.start_time - last_end
        last_end = spoken.end_time
        yield ShownUtterance(
            index=spoken.index,
            start_time=spoken.start_time,
            end_time=spoken.end_time,
            text=spoken.text if spoken.corrected_text is None else spoken.corrected_text,
            original=spoken.text if spoken.corrected_text is not None else "",
            corrected_by=spoken.corrected_by or "",
            words=words_of(spoken),
            silence=silence if silence >= SILENCE_SECONDS else 0.0,
        )


def words_of(spoken: Utterance) -> list[ShownWord]:
    """Return the words of what was heard, or of what a person made of it."""
    heard = heard_words(spoken.text, spoken.words, spoken.start_time, spoken.end_time)
    if spoken.corrected_text is None:
        return heard
    return corrected_words(spoken.corrected_text, heard, spoken.start_time, spoken.end_time)


def evidence_of(fields: dict[str, Any]) -> dict[str, list[list[int]]]:
    """Return for each field the places of its words: `[utterance, from, to]`."""
    return {
        name: [[e["utterance"], e["start"], e["end"]] for e in field.get("evidence") or []]
        for name, field in fields.items()
        if field.get("evidence")
    }


def show_transcript(page: ReaderPage, db: Reading, draft_id: UUID) -> Response:
    """Return the words so far, for a page that has heard of new ones."""
    draft = db.get(Draft, draft_id)
    call = db.get(Call, draft.call_id) if draft else None
    if draft is None or call is None:
        raise not_found("draft", "草稿")
    utterances = shown_utterances(db, call.id)
    return page.show("parts/transcript.html", utterances=utterances, call=call, editable=is_editable(page, draft))


def is_editable(page: ReaderPage, draft: Draft) -> bool:
    """Whether the viewer holds the draft."""
    return draft.state == "claimed" and draft.claimed_by == page.actor.name

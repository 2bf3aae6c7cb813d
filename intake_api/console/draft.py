"""The draft page: what was said, the sound of it, and the ticket made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Response
from fastapi.responses import JSONResponse
from sqlalchemy import case
from sqlmodel import Session, col, select

from config.city import City, load_city
from intake.errors import Conflict
from intake.masking import mask_number
from intake_api.console import second_looks
from intake_api.console.choices import Choice, choices, who_decides
from intake_api.console.field_forms import FORMS, GROUPS, FieldForm, is_doubtful, shown_value, useful_candidates
from intake_api.console.labels import LABELS, discard_words
from intake_api.console.page import Page, ReaderPage
from intake_api.console.templating import environment
from intake_api.console.transcript import evidence_of, is_editable, shown_utterances
from intake_api.needs import Reading
from intake_api.problems import not_found
from models.second_looks import DecisionState
from models.states import CallState, DraftState
from models.tables import Call, Draft, Operator, Ticket

BLANK: dict[str, Any] = {"value": None, "confidence": 0.0, "evidence": [], "source": "none", "candidates": []}


def show_draft(page: ReaderPage, db: Reading, draft_id: UUID) -> Response:
    """Show a draft, to its holder with a form and to everybody else to read."""
    draft, call = load(db, draft_id)
    return page.show(
        "draft.html",
        here="queue",
        draft=draft,
        call=call,
        is_live=call.state != CallState.ENDED,
        is_listening=draft.state == DraftState.LISTENING,
        editable=is_editable(page, draft),
        groups=GROUPS,
        field=lambda form: field_values(page, draft, form),
        utterances=shown_utterances(db, call.id),
        evidence=evidence_of(draft.fields),
        notes=draft.notes,
        discard_reasons=LABELS["discard"],
        colleagues=colleagues(db, page.actor.name),
        lease_seconds=page.service.settings.web.lease_seconds,
        **standing(page, db, draft),
    )


def standing(page: Page, db: Session, draft: Draft) -> dict[str, Any]:
    """Return how the draft stands: who has it, what became of it, what others decided and found."""
    looks = second_looks.of_draft(page, db, draft)
    return {
        "held_by_other": draft.state == DraftState.CLAIMED and draft.claimed_by != page.actor.name,
        "ticket": db.exec(select(Ticket).where(Ticket.draft_id == draft.id)).first(),
        "discarded": discard_words(draft.discard_reason),
        "asked": any(decision.state == DecisionState.WAITING for decision in looks["decisions"]),
        **looks,
    }


def show_fields(page: ReaderPage, db: Reading, draft_id: UUID) -> Response:
    """Return every field as it is now, for a page that has heard of a change."""
    draft, _ = load(db, draft_id)
    return JSONResponse(snapshot(page, draft))


def snapshot(page: Page, draft: Draft, refused: Conflict | None = None) -> dict[str, Any]:
    """Return a draft for the script: state, version, holder, and each field's value and markup."""
    found: dict[str, Any] = {
        "version": draft.version,
        "state": str(draft.state),
        "claimed_by": draft.claimed_by,
        "editable": is_editable(page, draft),
        "evidence": evidence_of(draft.fields),
        "fields": {name: field_json(page, draft, form) for name, form in FORMS.items()},
    }
    with page.service.database.reading() as db:
        found["standing"] = page.part("parts/standing.html", draft=draft, **standing(page, db, draft))
    found["notes"] = page.part("parts/notes.html", notes=draft.notes)
    if refused is not None:
        found["sentence"] = refused.sentence_zh if page.language == "zh" else refused.sentence
    return found


def field_json(page: Page, draft: Draft, form: FieldForm) -> dict[str, Any]:
    """Return one field: its value as the control holds it, who set it, and its markup."""
    values = field_values(page, draft, form)
    template = environment(page.language).get_template("parts/field.html")
    by = values["field"].get("changed_by") or ""
    return {"value": values["value"], "by": by, "html": template.render(**values, editable=is_editable(page, draft))}


def field_values(page: Page, draft: Draft, form: FieldForm) -> dict[str, Any]:
    """Return what the field's template needs."""
    city = load_city(page.service.settings.city)
    zone = ZoneInfo(page.service.settings.time_zone)
    field = BLANK | (draft.fields.get(form.name) or {})
    value = shown_value(form, field["value"], zone)
    field |= {"candidates": useful_candidates(field)}
    hidden = form.name == "phone" and not page.actor.sees_numbers
    if hidden:
        value, field = mask_number(value), field | {"candidates": [], "drafted": None}
    listed = choices(city, form.choices, page.language) if form.kind == "choice" else ()
    return {
        "form": form,
        "field": field,
        "value": value,
        "choices": with_value(listed, value) if form.kind == "choice" else (),
        "hidden": hidden and bool(value),
        "doubtful": is_doubtful(field),
        "decides": who_decides(city, value, page.language) if form.name == "not_accept_code" else "",
        "shown": lambda candidate: shown_value(form, candidate, zone),
        "named": lambda candidate: name_of(city, page, form, candidate),
    }


def with_value(listed: tuple[Choice, ...], value: str) -> tuple[Choice, ...]:
    """Return the choices and the value, which an older list of the city may have held."""
    return listed if not value or any(choice.value == value for choice in listed) else (*listed, Choice(value, value))


def name_of(city: City, page: Page, form: FieldForm, value: Any) -> str:
    """Return what a candidate is called."""
    shown = shown_value(form, value, ZoneInfo(page.service.settings.time_zone))
    listed = choices(city, form.choices, page.language) if form.kind == "choice" else ()
    return next((choice.name for choice in listed if choice.value == shown), shown)


def colleagues(db: Session, name: str) -> Sequence[Operator]:
    """Return to whom a draft can be handed over, supervisors first."""
    query = select(Operator).where(Operator.active, Operator.name != name)
    return db.exec(query.order_by(case({"supervisor": 0}, value=col(Operator.role), else_=1), col(Operator.name))).all()


def load(db: Session, draft_id: UUID) -> tuple[Draft, Call]:
    """Return a draft and its call."""
    found = db.exec(select(Draft, Call).where(Draft.id == draft_id, Call.id == Draft.call_id)).first()
    if found is None:
        raise not_found("draft", "草稿")
    return found

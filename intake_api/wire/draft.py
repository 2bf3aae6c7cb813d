"""Drafts on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import load_only

from drafting.draft import FIELD_NAMES
from intake.claiming import LONGEST_WORDS
from intake.setting_aside import LONGEST_REASON
from intake_api.wire import examples
from intake_api.wire.field import FieldOut, ValueOut, fields_out
from models.tables import Draft


class DraftLine(BaseModel):
    """A draft as a queue shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    call_id: UUID
    state: str = Field(description="listening, ready, claimed, confirmed, discarded, merged", examples=["ready"])
    version: int = Field(description="Grows with each change of words or fields; send it with the next change.")
    urgency: str = Field(examples=["normal"])
    last_words: str
    created_at: datetime
    updated_at: datetime
    ready_at: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    discard_reason: str | None
    merged_into: UUID | None

    @classmethod
    def of_row(cls, draft: Draft) -> DraftLine:
        """Return a draft's line."""
        return cls.model_validate(draft)


def line_only() -> Any:
    """Leave a draft's large columns in the database when only its line is shown."""
    return load_only(*(getattr(Draft, name) for name in DraftLine.model_fields))


class DraftOut(DraftLine):
    """A draft with its fields; `notes` are sentences for the operator with their grounds."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DRAFT]})

    fields: dict[str, FieldOut]
    notes: list[dict[str, Any]]

    @classmethod
    def of(cls, draft: Draft, *, sees_numbers: bool) -> DraftOut:
        """Return a draft as it is shown to somebody who does, or does not, see numbers."""
        line = DraftLine.of_row(draft)
        fields = fields_out(draft.fields, sees_numbers=sees_numbers)
        return cls.model_construct(**dict(line), fields=fields, notes=draft.notes)


class DraftEdit(BaseModel):
    """New values by field name; null clears one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": 3, "fields": {"title": "路灯不亮"}}]}
    )

    version: int
    fields: Annotated[
        dict[str, ValueOut], Field(min_length=1, json_schema_extra={"propertyNames": {"enum": list(FIELD_NAMES)}})
    ]


class Versioned(BaseModel):
    """The version that was seen: somebody else's change in between makes this a 409."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 3}]})

    version: int


class Discard(Versioned):
    """Why the draft becomes no ticket."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 3, "reason": "拨错号码"}]})

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class Merge(Versioned):
    """The draft of the same matter that stands."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": []})

    into: UUID


class HandOver(BaseModel):
    """To whom, and what to say with it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "wang", "words": "这件归谁管？"}]})

    to: str
    words: Annotated[str, Field(max_length=LONGEST_WORDS)] = ""


class Correction(BaseModel):
    """What was really said."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "解放路的路灯不亮"}]})

    text: str
    version: int | None = Field(None, description="The draft's version that was seen; left out, the last word wins.")

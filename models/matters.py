"""What is compared to find repeats: a matter of each finished draft, found by number, place or character pairs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.tables import moment


class MatterRow(SQLModel, table=True):
    """A finished draft as repeats are looked for; `id` grows with time."""

    __tablename__ = "matter"
    __table_args__ = (
        Index("ix_matter_number_id", "number", "id"),
        Index("ix_matter_town_id", "town", "category_level_1", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    draft_id: UUID = Field(foreign_key="draft.id", unique=True)
    at: datetime = moment(nullable=False)
    number: str = ""
    county: str = ""
    town: str = ""
    community: str = ""
    address_text: str = ""
    category_level_1: str = ""
    category_level_2: str = ""
    text: str = ""


class MatterGram(SQLModel, table=True):
    """A pair of characters that a matter's text has; the table is its own index."""

    __tablename__ = "matter_gram"
    __table_args__ = ({"sqlite_with_rowid": False},)

    gram: str = Field(primary_key=True)
    matter_id: int = Field(primary_key=True, foreign_key="matter.id", index=True)

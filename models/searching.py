"""Where a search looks in closed drafts: pairs of characters, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Field, SQLModel


class SearchedDraft(SQLModel, table=True):
    """A closed draft that can be searched; its short number keeps the pairs small."""

    __tablename__ = "searched_draft"

    id: int | None = Field(default=None, primary_key=True)
    draft_id: UUID = Field(foreign_key="draft.id", unique=True)


class DraftGram(SQLModel, table=True):
    """A pair of characters in a draft's search text; the table is its own index."""

    __tablename__ = "draft_gram"
    __table_args__ = ({"sqlite_with_rowid": False},)

    gram: str = Field(primary_key=True)
    searched_id: int = Field(primary_key=True, foreign_key="searched_draft.id", index=True)

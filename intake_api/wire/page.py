"""Lists: `{"items": [...], "next": cursor or null}`, the newest first, read on from the key of the last item."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from intake_api.problems import Problem

MOST_ITEMS = 200
"A page of 200 drafts is about 1 MB; more would hold a thread for long."
T = TypeVar("T")
Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Items on a page.")]
Cursor = Annotated[str | None, Query(max_length=64, description="`next` of the page before; left out for the first.")]


class Page(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor of the page after it, null on the last."""

    items: list[T]
    next: str | None = None


def read_page(
    db: Session,
    query: SelectOfScalar[Row],
    key: Any,
    cursor: str | None,
    limit: int,
    show: Callable[[Row], T],
) -> Page[T]:
    """Return a page of a query, by descending `key` (a unique column of UUIDs or integers)."""
    if cursor is not None:
        query = query.where(key < read_cursor(cursor, key.type.python_type))
    rows: Sequence[Row] = db.exec(query.order_by(key.desc()).limit(limit + 1)).all()
    page = rows[:limit]
    more = len(rows) > limit
    return Page(items=[show(row) for row in page], next=write_cursor(getattr(page[-1], key.key)) if more else None)


def write_cursor(key: UUID | int) -> str:
    """Return a cursor, opaque to clients."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def read_cursor(cursor: str, kind: type[UUID] | type[int]) -> UUID | int:
    """Return the key in a cursor; a problem when it is none of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        key = kind(text)
        if isinstance(key, int) and not 0 <= key < 1 << 63:
            raise ValueError("no row has this number")
        return key
    except (binascii.Error, ValueError):
        raise Problem(422, "bad-input", "The cursor is not one of this list's.", "分页游标无效。") from None

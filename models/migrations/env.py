"""Run by Alembic for every command: uses the connection and transaction that `models.migration` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel

import models.matters
import models.searching
import models.second_looks  # noqa: F401  (with their tables the metadata is whole)
from models.tables import Moment


def render_item(_kind: str, item: Any, _autogenerate_context: Any) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's own: a migration must mean the same when ours have changed."""
    if isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return "sa.String()" if isinstance(item, AutoString) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Second looks, search of closed drafts, and names without case."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Move the tables forward; the way back is a backup."""
    _operators()
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people_needed", sa.Integer(), nullable=False),
        sa.Column("first_by", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_decision_draft_id_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_draft_id"), "decision", ["draft_id"], unique=False)
    op.create_index(op.f("ix_decision_state"), "decision", ["state"], unique=False)
    op.create_table(
        "sample",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_sample")),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["day"], ["sample.day"], name=op.f("fk_review_day_sample")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_review_draft_id_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_review_draft_id")),
    )
    op.create_index(op.f("ix_review_day"), "review", ["day"], unique=False)
    op.create_index(op.f("ix_review_reviewed_at"), "review", ["reviewed_at"], unique=False)
    op.create_table(
        "searched_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_searched_draft_draft_id_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searched_draft")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_searched_draft_draft_id")),
    )
    op.create_table(
        "draft_gram",
        sa.Column("gram", sa.String(), nullable=False),
        sa.Column("searched_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["searched_id"], ["searched_draft.id"], name=op.f("fk_draft_gram_searched_id_searched_draft")
        ),
        sa.PrimaryKeyConstraint("gram", "searched_id", name=op.f("pk_draft_gram")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_draft_gram_searched_id"), "draft_gram", ["searched_id"], unique=False)


def _operators() -> None:
    """Names become unique without case; the counters that `sign_in_counter` replaced go.

    Columns are changed in place: SQLite's way of copying the table would delete the sessions that point to it."""
    op.add_column("operator", sa.Column("name_key", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    operators = sa.table("operator", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("name_key"))
    taken: set[str] = set()
    for row in connection.execute(sa.select(operators.c.id, operators.c.name).order_by(operators.c.id)).all():
        key = row.name.casefold()
        key = f"{key}#{row.id}" if key in taken else key  # two that differ in case before today both stay
        taken.add(key)
        connection.execute(sa.update(operators).where(operators.c.id == row.id).values(name_key=key))
    op.create_index(op.f("ix_operator_name_key"), "operator", ["name_key"], unique=True)
    op.drop_column("operator", "failed_sign_ins")
    op.drop_column("operator", "locked_until")

"""Matters that repeats are looked for in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Move the tables forward; the way back is a backup."""
    op.create_table(
        "matter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("address_text", sa.String(), nullable=False),
        sa.Column("category_level_1", sa.String(), nullable=False),
        sa.Column("category_level_2", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_matter_draft_id_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_matter_draft_id")),
    )
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.create_index("ix_matter_number_id", ["number", "id"], unique=False)
        batch_op.create_index("ix_matter_town_id", ["town", "category_level_1", "id"], unique=False)

    op.create_table(
        "matter_gram",
        sa.Column("gram", sa.String(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_matter_gram_matter_id_matter")),
        sa.PrimaryKeyConstraint("gram", "matter_id", name=op.f("pk_matter_gram")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("matter_gram", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matter_gram_matter_id"), ["matter_id"], unique=False)

"""Areas and sub-themes, minority voices, quality of runs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title_ja", sa.String(length=300), nullable=True),
        sa.Column("title_en", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("theme", sa.Column("area_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_theme_area_id"), "theme", ["area_id"], unique=False)
    op.add_column("thememembership", sa.Column("part", sa.Integer(), nullable=True))
    op.add_column(
        "clusterrun", sa.Column("quality", sa.JSON(), nullable=False, server_default="{}")
    )
    op.create_table(
        "minoritygroup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nearness", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "minoritymember",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["minoritygroup.id"]),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"]),
        sa.PrimaryKeyConstraint("statement_id"),
    )
    op.create_index(op.f("ix_minoritymember_group_id"), "minoritymember", ["group_id"])
    op.create_table(
        "spotcheck",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"]),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("month", "statement_id"),
    )
    for column in ("month", "statement_id", "theme_id"):
        op.create_index(op.f(f"ix_spotcheck_{column}"), "spotcheck", [column])


def downgrade() -> None:
    for column in ("theme_id", "statement_id", "month"):
        op.drop_index(op.f(f"ix_spotcheck_{column}"), table_name="spotcheck")
    op.drop_table("spotcheck")
    op.drop_index(op.f("ix_minoritymember_group_id"), table_name="minoritymember")
    op.drop_table("minoritymember")
    op.drop_table("minoritygroup")
    op.drop_column("clusterrun", "quality")
    op.drop_column("thememembership", "part")
    op.drop_index(op.f("ix_theme_area_id"), table_name="theme")
    op.drop_column("theme", "area_id")
    op.drop_table("area")

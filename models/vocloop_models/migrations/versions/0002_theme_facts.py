"""People's edits of themes, and what runs propose"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NEW_COLUMNS = (
    ("fixed_ja", sa.Boolean(), sa.false()),
    ("fixed_en", sa.Boolean(), sa.false()),
    ("titled_for_ja", sa.JSON(), "[]"),
    ("titled_for_en", sa.JSON(), "[]"),
    ("pinned", sa.Boolean(), sa.false()),
    ("missed_runs", sa.Integer(), "0"),
)


def upgrade() -> None:
    for name, kind, filled in NEW_COLUMNS:
        op.add_column("theme", sa.Column(name, kind, nullable=False, server_default=filled))
    for language in ("ja", "en"):
        op.add_column(
            "theme",
            sa.Column(f"suggested_title_{language}", sa.String(length=300), nullable=True),
        )
    op.add_column("theme", sa.Column("merged_into", sa.Uuid(), nullable=True))
    # The titles of today were given for the keywords of today.
    op.execute("UPDATE theme SET titled_for_ja = keywords_ja, titled_for_en = keywords_en")
    op.create_table(
        "themefact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=True),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overruled_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["theme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["overruled_by"],
            ["themefact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("theme_id", "other_id", "overruled_by"):
        op.create_index(op.f(f"ix_themefact_{column}"), "themefact", [column], unique=False)
    op.create_table(
        "factstatement",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("before_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["before_id"],
            ["theme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["fact_id"],
            ["themefact.id"],
        ),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("fact_id", "statement_id"),
    )
    op.create_index(
        op.f("ix_factstatement_statement_id"), "factstatement", ["statement_id"], unique=False
    )
    op.create_table(
        "themeproposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("statements", sa.JSON(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("fact_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["fact_id"],
            ["themefact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["theme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["clusterrun.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("theme_id", "other_id", "state"):
        op.create_index(op.f(f"ix_themeproposal_{column}"), "themeproposal", [column], unique=False)


def downgrade() -> None:
    for column in ("state", "other_id", "theme_id"):
        op.drop_index(op.f(f"ix_themeproposal_{column}"), table_name="themeproposal")
    op.drop_table("themeproposal")
    op.drop_index(op.f("ix_factstatement_statement_id"), table_name="factstatement")
    op.drop_table("factstatement")
    for column in ("overruled_by", "other_id", "theme_id"):
        op.drop_index(op.f(f"ix_themefact_{column}"), table_name="themefact")
    op.drop_table("themefact")
    op.drop_column("theme", "merged_into")
    for language in ("en", "ja"):
        op.drop_column("theme", f"suggested_title_{language}")
    for name, _, _ in reversed(NEW_COLUMNS):
        op.drop_column("theme", name)

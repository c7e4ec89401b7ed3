"""Titles and summaries by a language model"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "wording",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("title_ja", sa.String(length=300), nullable=True),
        sa.Column("title_en", sa.String(length=300), nullable=True),
        sa.Column("summary_ja", sa.String(), nullable=True),
        sa.Column("summary_en", sa.String(), nullable=True),
        sa.Column("read", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    for language in ("ja", "en"):
        op.add_column("theme", sa.Column(f"summary_{language}", sa.String(), nullable=True))
        op.add_column(
            "theme",
            sa.Column(
                f"written_{language}", sa.Boolean(), nullable=False, server_default=sa.false()
            ),
        )
    op.add_column("theme", sa.Column("wording", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("theme", "wording")
    for language in ("ja", "en"):
        op.drop_column("theme", f"written_{language}")
        op.drop_column("theme", f"summary_{language}")
    op.drop_table("wording")

"""Quotes of a theme in the order they are read; what was assigned last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index(
        "ix_thememembership_quotes",
        "thememembership",
        ["theme_id", sa.text("central DESC"), sa.text("confidence DESC"), "statement_id"],
    )
    op.create_index(op.f("ix_thememembership_assigned_at"), "thememembership", ["assigned_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_thememembership_assigned_at"), "thememembership")
    op.drop_index("ix_thememembership_quotes", "thememembership")

"""Voices that come with a rating are found by date and scale"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

RATED = sa.text("rating IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_feedback_rated",
        "feedback",
        ["said_at", "rating_scale"],
        sqlite_where=RATED,
        postgresql_where=RATED,
    )


def downgrade() -> None:
    op.drop_index("ix_feedback_rated", table_name="feedback")

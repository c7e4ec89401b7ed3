"""Ratings are read from their index alone, scale by scale"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

RATED = sa.text("rating IS NOT NULL")
BEFORE = ["said_at", "rating_scale"]
COVERING = [
    "rating_scale",
    "said_at",
    "id",
    "rating",
    "contact_id",
    "customer_id",
    "repeats_id",
]


def upgrade() -> None:
    _replace(COVERING)


def downgrade() -> None:
    _replace(BEFORE)


def _replace(columns: list[str]) -> None:
    op.drop_index("ix_feedback_rated", table_name="feedback")
    op.create_index(
        "ix_feedback_rated",
        "feedback",
        columns,
        sqlite_where=RATED,
        postgresql_where=RATED,
    )

"""Scenarios are solved by a job and keep their answer meanwhile"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # What is there was solved when it was asked for.
    op.add_column(
        "scenario",
        sa.Column("state", sa.String(length=32), nullable=False, server_default="solved"),
    )
    op.add_column("scenario", sa.Column("asked", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("scenario", sa.Column("error", sa.String(), nullable=True))
    op.add_column("scenario", sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text("UPDATE scenario SET asked = changes, solved_at = at"))


def downgrade() -> None:
    for name in ("solved_at", "error", "asked", "state"):
        op.drop_column("scenario", name)

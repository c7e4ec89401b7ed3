"""Imports say whose they are"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("importjob", sa.Column("by", sa.String(length=200), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("importjob") as batch:
        batch.drop_column("by")

"""Themes are tagged with the layer of value that they hurt"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

TABLES = ("theme", "themefact")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("layer", sa.String(length=32), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("layer")

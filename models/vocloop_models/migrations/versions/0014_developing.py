"""Which success an item develops, and where to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    with op.batch_alter_table("backlogitem") as table:
        table.add_column(sa.Column("develops", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("direction", sa.String(length=32), nullable=True))
        table.create_foreign_key(
            "fk_backlogitem_develops_backlogitem", "backlogitem", ["develops"], ["id"]
        )
        table.create_index("ix_backlogitem_develops", ["develops"])


def downgrade() -> None:
    with op.batch_alter_table("backlogitem") as table:
        table.drop_index("ix_backlogitem_develops")
        table.drop_constraint("fk_backlogitem_develops_backlogitem", type_="foreignkey")
        table.drop_column("direction")
        table.drop_column("develops")

"""The audit log becomes a chain; what is in it is chained in the order it was written"""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    with op.batch_alter_table("auditentry") as batch:
        batch.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("digest", sa.String(length=64), nullable=True))
        batch.create_unique_constraint("uq_auditentry_number", ["number"])
    _chain(op.get_bind())


def _chain(connection: sa.Connection) -> None:
    """As vocloop_models.audit_chain does today; a migration must not change with it."""
    entry = sa.table(
        "auditentry",
        sa.column("id", sa.Uuid()),
        sa.column("action", sa.String()),
        sa.column("detail", sa.JSON()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("number", sa.Integer()),
        sa.column("digest", sa.String()),
    )
    previous = "0" * 64
    found = sa.select(entry.c.id, entry.c.action, entry.c.detail, entry.c.at).order_by(entry.c.id)
    for number, row in enumerate(connection.execute(found).all(), start=1):
        moment = row.at if row.at.tzinfo else row.at.replace(tzinfo=dt.UTC)
        at = moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
        content = json.dumps(
            [number, str(row.id), row.action, row.detail, at],
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        previous = hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()
        change = sa.update(entry).where(entry.c.id == row.id)
        connection.execute(change.values(number=number, digest=previous))


def downgrade() -> None:
    with op.batch_alter_table("auditentry") as batch:
        batch.drop_constraint("uq_auditentry_number")
        batch.drop_column("digest")
        batch.drop_column("number")

"""Connectors, and the signed requests that were taken"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TIMES = ("leased_until", "last_success_at", "last_event_at", "last_error_at")


def upgrade() -> None:
    op.create_table(
        "connector",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in TIMES),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("read", "stored", "repeated", "refused")
        ),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_index("ix_connector_next_at", "connector", ["next_at"])
    op.create_table(
        "connectorevent",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["connector.source"]),
        sa.PrimaryKeyConstraint("source", "digest"),
    )
    op.create_index("ix_connectorevent_received_at", "connectorevent", ["received_at"])


def downgrade() -> None:
    op.drop_table("connectorevent")
    op.drop_table("connector")

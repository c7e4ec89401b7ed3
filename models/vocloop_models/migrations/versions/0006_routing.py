"""Departments' hours, where themes and urgent feedback went, rules, alerts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

COLUMNS = (
    ("owner", sa.String(length=200), None, True),
    ("working_hours", sa.JSON(), "{}", False),
    ("timezone", sa.String(length=64), "Asia/Tokyo", False),
    ("answer_within", sa.Float(), None, True),
)


def upgrade() -> None:
    for name, kind, default, nullable in COLUMNS:
        op.add_column(
            "department", sa.Column(name, kind, server_default=default, nullable=nullable)
        )
    op.create_table(
        "routingrule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_routingrule_department_id", "routingrule", ["department_id"])
    op.create_table(
        "routing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=True),
        sa.Column("feedback_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("touched", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("seen", sa.String(length=200), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("routed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"]),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("theme_id"),
        sa.UniqueConstraint("feedback_id"),
    )
    for column in ("department_id", "state", "due_at"):
        op.create_index(f"ix_routing_{column}", "routing", [column])
    op.create_table(
        "routingevent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("routing_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["routing_id"], ["routing.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_routingevent_routing_id", "routingevent", ["routing_id"])
    op.create_table(
        "overduealert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("routing_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["routing_id"], ["routing.id"]),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("routing_id", "department_id", "resolved_at"):
        op.create_index(f"ix_overduealert_{column}", "overduealert", [column])


def downgrade() -> None:
    for table in ("overduealert", "routingevent", "routing", "routingrule"):
        op.drop_table(table)
    with op.batch_alter_table("department") as batch:
        for name, *_ in COLUMNS:
            batch.drop_column(name)

"""Issue trackers; customers' success: measures, champions, goals, alerts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "companygoal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("metric", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "successpattern",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=4000), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "tracker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("issue_type", sa.String(length=100), nullable=False),
        sa.Column("statuses", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("poll_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("episode", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=200), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_alert_customer_id"), "alert", ["customer_id"], unique=False)
    op.create_index("ix_alert_state_kind", "alert", ["state", "kind"], unique=False)
    op.create_table(
        "goalactual",
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_id"],
            ["companygoal.id"],
        ),
        sa.PrimaryKeyConstraint("goal_id", "day"),
    )
    op.create_table(
        "successmeasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("pattern_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["pattern_id"],
            ["successpattern.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_successmeasure_customer_id"), "successmeasure", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_successmeasure_pattern_id"), "successmeasure", ["pattern_id"], unique=False
    )
    op.create_table(
        "championspell",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_championspell_contact_id"), "championspell", ["contact_id"], unique=False
    )
    op.create_index(
        op.f("ix_championspell_customer_id"), "championspell", ["customer_id"], unique=False
    )
    op.create_table(
        "successactual",
        sa.Column("measure_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["successmeasure.id"],
        ),
        sa.PrimaryKeyConstraint("measure_id", "day"),
    )
    op.create_table(
        "trackerlink",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tracker_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("marker", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("status", sa.String(length=200), nullable=True),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tracker_id"],
            ["tracker.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("marker"),
        sa.UniqueConstraint("tracker_id", "external_id"),
        sa.UniqueConstraint("tracker_id", "item_id"),
    )
    op.create_index(op.f("ix_trackerlink_item_id"), "trackerlink", ["item_id"], unique=False)
    op.create_index(op.f("ix_trackerlink_state"), "trackerlink", ["state"], unique=False)
    op.create_index(op.f("ix_trackerlink_tracker_id"), "trackerlink", ["tracker_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_trackerlink_tracker_id"), table_name="trackerlink")
    op.drop_index(op.f("ix_trackerlink_state"), table_name="trackerlink")
    op.drop_index(op.f("ix_trackerlink_item_id"), table_name="trackerlink")
    op.drop_table("trackerlink")
    op.drop_table("successactual")
    op.drop_index(op.f("ix_championspell_customer_id"), table_name="championspell")
    op.drop_index(op.f("ix_championspell_contact_id"), table_name="championspell")
    op.drop_table("championspell")
    op.drop_index(op.f("ix_successmeasure_pattern_id"), table_name="successmeasure")
    op.drop_index(op.f("ix_successmeasure_customer_id"), table_name="successmeasure")
    op.drop_table("successmeasure")
    op.drop_table("goalactual")
    op.drop_index("ix_alert_state_kind", table_name="alert")
    op.drop_index(op.f("ix_alert_customer_id"), table_name="alert")
    op.drop_table("alert")
    op.drop_table("tracker")
    op.drop_table("successpattern")
    op.drop_table("companygoal")

"""Backlog, rounds, decisions, outcomes, hypotheses"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "roadmapchange",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_roadmapchange_subject_id"), "roadmapchange", ["subject_id"], unique=False
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("periods", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.JSON(), nullable=False),
        sa.Column("department_weights", sa.JSON(), nullable=False),
        sa.Column("goal_weights", sa.JSON(), nullable=False),
        sa.Column("budget", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "hypothesis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_hypothesis_theme_id"), "hypothesis", ["theme_id"], unique=False)
    op.create_table(
        "scenario",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_scenario_round_id"), "scenario", ["round_id"], unique=False)
    op.create_table(
        "backlogitem",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("horizon", sa.String(length=32), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=True),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("hypothesis_id", sa.Uuid(), nullable=True),
        sa.Column("part_of", sa.Uuid(), nullable=True),
        sa.Column("tracker_url", sa.String(length=2000), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hypothesis_id"],
            ["hypothesis.id"],
        ),
        sa.ForeignKeyConstraint(
            ["part_of"],
            ["backlogitem.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_backlogitem_part_of"), "backlogitem", ["part_of"], unique=False)
    op.create_index(op.f("ix_backlogitem_state"), "backlogitem", ["state"], unique=False)
    op.create_table(
        "hypothesisversion",
        sa.Column("hypothesis_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(length=500), nullable=False),
        sa.Column("job", sa.String(length=2000), nullable=False),
        sa.Column("cause", sa.String(length=2000), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hypothesis_id"],
            ["hypothesis.id"],
        ),
        sa.PrimaryKeyConstraint("hypothesis_id", "version"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("rationale", sa.String(length=4000), nullable=False),
        sa.Column("agree_as_customer", sa.Boolean(), nullable=False),
        sa.Column("agree_reason", sa.String(length=2000), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_decision_item_id"), "decision", ["item_id"], unique=False)
    op.create_index(op.f("ix_decision_round_id"), "decision", ["round_id"], unique=False)
    op.create_table(
        "itemdepartment",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("effort", sa.Float(), nullable=False),
        sa.Column("effect", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.PrimaryKeyConstraint("item_id", "department_id"),
    )
    op.create_index(
        op.f("ix_itemdepartment_department_id"), "itemdepartment", ["department_id"], unique=False
    )
    op.create_table(
        "itemdependency",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("needs_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["needs_id"],
            ["backlogitem.id"],
        ),
        sa.PrimaryKeyConstraint("item_id", "needs_id"),
    )
    op.create_index(
        op.f("ix_itemdependency_needs_id"), "itemdependency", ["needs_id"], unique=False
    )
    op.create_table(
        "itemtheme",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("item_id", "theme_id"),
    )
    op.create_index(op.f("ix_itemtheme_theme_id"), "itemtheme", ["theme_id"], unique=False)
    op.create_table(
        "outcomereview",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.String(length=200), nullable=True),
        sa.Column("result_good", sa.Boolean(), nullable=True),
        sa.Column("quantity_enough", sa.Boolean(), nullable=True),
        sa.Column("quality_good", sa.Boolean(), nullable=True),
        sa.Column("execution_note", sa.String(length=4000), nullable=False),
        sa.Column("next_step", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("analysis", sa.String(length=8000), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id"),
    )
    op.create_table(
        "outcometest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("movement", sa.String(length=32), nullable=False),
        sa.Column("effect", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_outcometest_item_id"), "outcometest", ["item_id"], unique=False)
    op.create_index(op.f("ix_outcometest_theme_id"), "outcometest", ["theme_id"], unique=False)
    op.create_table(
        "roundcomment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_roundcomment_round_id"), "roundcomment", ["round_id"], unique=False)
    op.create_table(
        "rounditem",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("exclusive", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("round_id", "item_id"),
    )
    op.create_index(op.f("ix_rounditem_item_id"), "rounditem", ["item_id"], unique=False)
    op.create_table(
        "targetrating",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("expertise", sa.Integer(), nullable=False),
        sa.Column("relationship", sa.Integer(), nullable=False),
        sa.Column("alternatives", sa.Integer(), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("initial_cost", sa.Float(), nullable=False),
        sa.Column("operating_cost", sa.Float(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_targetrating_item_id"), "targetrating", ["item_id"], unique=False)
    op.create_table(
        "vote",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["backlogitem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("round_id", "item_id", "department_id"),
    )
    op.create_index(op.f("ix_vote_item_id"), "vote", ["item_id"], unique=False)
    op.create_table(
        "hypothesisevidence",
        sa.Column("hypothesis_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hypothesis_id"],
            ["hypothesis.id"],
        ),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hypothesis_id", "statement_id"),
    )
    op.create_index(
        op.f("ix_hypothesisevidence_statement_id"),
        "hypothesisevidence",
        ["statement_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_hypothesisevidence_statement_id"), table_name="hypothesisevidence")
    op.drop_table("hypothesisevidence")
    op.drop_index(op.f("ix_vote_item_id"), table_name="vote")
    op.drop_table("vote")
    op.drop_index(op.f("ix_targetrating_item_id"), table_name="targetrating")
    op.drop_table("targetrating")
    op.drop_index(op.f("ix_rounditem_item_id"), table_name="rounditem")
    op.drop_table("rounditem")
    op.drop_index(op.f("ix_roundcomment_round_id"), table_name="roundcomment")
    op.drop_table("roundcomment")
    op.drop_index(op.f("ix_outcometest_theme_id"), table_name="outcometest")
    op.drop_index(op.f("ix_outcometest_item_id"), table_name="outcometest")
    op.drop_table("outcometest")
    op.drop_table("outcomereview")
    op.drop_index(op.f("ix_itemtheme_theme_id"), table_name="itemtheme")
    op.drop_table("itemtheme")
    op.drop_index(op.f("ix_itemdependency_needs_id"), table_name="itemdependency")
    op.drop_table("itemdependency")
    op.drop_index(op.f("ix_itemdepartment_department_id"), table_name="itemdepartment")
    op.drop_table("itemdepartment")
    op.drop_index(op.f("ix_decision_round_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_item_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_table("hypothesisversion")
    op.drop_index(op.f("ix_backlogitem_state"), table_name="backlogitem")
    op.drop_index(op.f("ix_backlogitem_part_of"), table_name="backlogitem")
    op.drop_table("backlogitem")
    op.drop_index(op.f("ix_scenario_round_id"), table_name="scenario")
    op.drop_table("scenario")
    op.drop_index(op.f("ix_hypothesis_theme_id"), table_name="hypothesis")
    op.drop_table("hypothesis")
    op.drop_table("round")
    op.drop_index(op.f("ix_roadmapchange_subject_id"), table_name="roadmapchange")
    op.drop_table("roadmapchange")

"""Imports, identities and erasure"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MADE_BY_IMPORTS = ("contact", "customer", "feedback")


def upgrade() -> None:
    _privacy()
    _imports()
    _told()
    _customers()
    _statements()


def downgrade() -> None:
    _statements_back()
    op.drop_index(op.f("ix_customeralias_customer_id"), table_name="customeralias")
    op.drop_table("customeralias")
    op.drop_index(op.f("ix_customermerge_kept_id"), table_name="customermerge")
    op.drop_index(op.f("ix_customermerge_other_id"), table_name="customermerge")
    op.drop_table("customermerge")
    op.drop_column("customer", "segments")
    for table in _MADE_BY_IMPORTS:
        op.drop_index(op.f(f"ix_{table}_import_id"), table_name=table)
        op.drop_column(table, "import_id")
    _told_back()
    op.drop_table("importrefusal")
    op.drop_table("importpart")
    op.drop_index(op.f("ix_importjob_source"), table_name="importjob")
    op.drop_table("importjob")
    for table in ("auditentry", "workspacekey", "sealedvalue", "sourcepolicy"):
        op.drop_table(table)


# Personal data: policies, keys, sealed values, audit


def _privacy() -> None:
    op.create_table(
        "sourcepolicy",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("personal_data", sa.String(length=32), nullable=True),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "sealedvalue",
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("placeholder", sa.String(length=40), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"]),
        sa.PrimaryKeyConstraint("feedback_id", "placeholder"),
    )
    op.create_table(
        "workspacekey",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "auditentry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


# Imports


def _imports() -> None:
    op.create_table(
        "importjob",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_importjob_source"), "importjob", ["source"], unique=False)
    op.create_table(
        "importpart",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["importjob.id"]),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )
    op.create_table(
        "importrefusal",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["importjob.id"]),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )
    for table in _MADE_BY_IMPORTS:
        op.add_column(table, sa.Column("import_id", sa.Uuid(), nullable=True))
        op.create_index(op.f(f"ix_{table}_import_id"), table, ["import_id"], unique=False)


# What exports tell besides: by whom, of what, where it stands


def _told() -> None:
    op.add_column("contact", sa.Column("address_hash", sa.String(length=60), nullable=True))
    op.create_index(op.f("ix_contact_address_hash"), "contact", ["address_hash"], unique=False)
    # SQLite can only build such a table anew.
    with op.batch_alter_table("contact") as contact:
        contact.alter_column("customer_id", existing_type=sa.Uuid(), nullable=True)
    op.create_index(
        "ix_contact_without_customer",
        "contact",
        ["external_id"],
        unique=True,
        sqlite_where=sa.text("customer_id IS NULL"),
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    op.add_column("feedback", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("feedback", sa.Column("product", sa.String(length=200), nullable=True))
    op.add_column("feedback", sa.Column("url", sa.String(length=2000), nullable=True))


def _told_back() -> None:
    for column in ("tags", "product", "url"):
        op.drop_column("feedback", column)
    op.drop_index("ix_contact_without_customer", table_name="contact")
    op.execute(
        "UPDATE feedback SET contact_id = NULL WHERE contact_id IN"
        " (SELECT id FROM contact WHERE customer_id IS NULL)"
    )
    op.execute("DELETE FROM contact WHERE customer_id IS NULL")
    with op.batch_alter_table("contact") as contact:
        contact.alter_column("customer_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_index(op.f("ix_contact_address_hash"), table_name="contact")
    op.drop_column("contact", "address_hash")


# Customers: segments, aliases, merges


def _customers() -> None:
    op.add_column("customer", sa.Column("segments", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "customeralias",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("kind", "value"),
    )
    op.create_index(
        op.f("ix_customeralias_customer_id"), "customeralias", ["customer_id"], unique=False
    )
    op.create_table(
        "customermerge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("undo", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kept_id", "other_id"),
    )
    op.create_index(op.f("ix_customermerge_kept_id"), "customermerge", ["kept_id"], unique=False)
    op.create_index(op.f("ix_customermerge_other_id"), "customermerge", ["other_id"], unique=False)


# Statements: their kind, near-duplicates, further fields of feedback


def _statements() -> None:
    op.add_column("statement", sa.Column("kind", sa.String(length=32), nullable=True))
    op.add_column("feedback", sa.Column("likeness", sa.String(length=32), nullable=True))
    op.add_column("feedback", sa.Column("repeats_id", sa.Uuid(), nullable=True))
    op.create_index("ix_feedback_likeness", "feedback", ["likeness"], unique=False)
    op.create_index(op.f("ix_feedback_repeats_id"), "feedback", ["repeats_id"], unique=False)


def _statements_back() -> None:
    op.drop_index(op.f("ix_feedback_repeats_id"), table_name="feedback")
    op.drop_index("ix_feedback_likeness", table_name="feedback")
    op.drop_column("feedback", "repeats_id")
    op.drop_column("feedback", "likeness")
    op.drop_column("statement", "kind")

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now


class Contact(Record, table=True):
    """A person at a customer, known by what they do there; vocloop keeps no name or address.

    Whose company is not known has none (``customer_id`` None).

    ``external_id`` is the source's own id, or the keyed hash of an address or name."""

    __table_args__ = (
        UniqueConstraint("customer_id", "external_id"),
        # Unknown companies are all different to a database; their people are told apart here.
        Index(
            "ix_contact_without_customer",
            "external_id",
            unique=True,
            sqlite_where=text("customer_id IS NULL"),
            postgresql_where=text("customer_id IS NULL"),
        ),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    customer_id: uuid.UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    external_id: str = Field(max_length=200)
    address_hash: str | None = Field(
        default=None, index=True, max_length=60, description="Keyed hash of the mail address"
    )
    department: str | None = Field(default=None, max_length=100)
    role: str | None = Field(default=None, max_length=100)
    champion: bool = False
    # Without a foreign key: SQLite adds none to a table that has rows.
    import_id: uuid.UUID | None = Field(
        default=None, index=True, description="The import that made this row"
    )
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)

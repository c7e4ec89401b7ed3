from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class ImportState(StrEnum):
    """The column is the queue: uploaded → checked → queued → running → done; a done, failed or
    cancelled import → undoing → undone."""

    UPLOADED = "uploaded"
    CHECKED = "checked"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


# Kinds of rows that are not voices; an import of any other format holds voices.
MASTER_DATA = ("customers", "contacts", "departments")


class ImportJob(Record, table=True):
    """One file on its way in. The counts are committed with the rows they count, so that an
    import that was killed goes on at ``read``."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=300, description="Of the file")
    source: str = Field(max_length=100, index=True)
    size: int = Field(sa_type=BigInteger, description="Bytes")
    digest: str = Field(max_length=64, description="Keyed hash of the file's bytes")
    state: ImportState = Field(default=ImportState.UPLOADED, sa_type=words(ImportState))
    cancelling: bool = False
    options: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    position: int = Field(default=0, sa_type=BigInteger, description="Bytes read, of ``size``")
    read: int = 0
    stored: int = 0
    updated: int = 0
    repeated: int = 0
    refused: int = 0
    report: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JSON, nullable=False),
        description="What the check found, what an undo kept; without personal data",
    )
    error: str | None = None
    by: str | None = Field(default=None, max_length=200, description="Whose import it is")
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def holds_master_data(self) -> bool:
        """Whether its rows are customers, contacts or departments, as far as anyone knows yet:
        somebody said so, or its check found it."""
        told = {self.options.get("format"), self.report.get("kind"), self.report.get("holds")}
        return not told.isdisjoint(MASTER_DATA)


class ImportPart(Record, table=True):
    """A piece of an uploaded file, encrypted; gone as soon as the import has ended."""

    import_id: uuid.UUID = Field(foreign_key="importjob.id", primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes


class ImportRefusal(Record, table=True):
    """A row that could not be taken, and why; ``row`` as it would have been stored (redacted)."""

    import_id: uuid.UUID = Field(foreign_key="importjob.id", primary_key=True)
    number: int = Field(primary_key=True, description="Counted up from 1")
    line: int
    reason: str
    row: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))

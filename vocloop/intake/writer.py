"""Records of any kind into the database, and what would become of them."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from pydantic import BaseModel
from sqlmodel import Session

from vocloop.intake.customers import upsert_contacts, upsert_customers, upsert_departments
from vocloop.intake.directory import Directory
from vocloop.intake.language import language_of
from vocloop.intake.privacy import Privacy
from vocloop.intake.records import ContactIn, CustomerIn, DepartmentIn, FeedbackIn
from vocloop.intake.statements import split
from vocloop.intake.store import content_digest, content_id, known_keys, store_many

Count: TypeAlias = Callable[[bytes], int]

# Small enough that a page's writer never waits long for the lock on SQLite and that a killed
# import loses a fraction of a second, large enough that commits cost little.
ROWS_A_TRANSACTION = 500


@contextmanager
def counting() -> Iterator[Count]:
    """A function that says how often it was given a key, in flat memory: SQLite keeps a database
    without a name in a temporary file of its own and removes it at the end."""
    connection = sqlite3.connect("", isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID")
    connection.execute("BEGIN")

    def count(key: bytes) -> int:
        row = connection.execute(
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET n = n + 1 RETURNING n",
            (key,),
        ).fetchone()
        return int(row[0])

    try:
        yield count
    finally:
        connection.close()


class Writer:
    """Stores the records of one file, batch by batch, each in the transaction it is given.

    ``import_id`` is written to the rows it makes."""

    def __init__(self, guard: Privacy, count: Count, import_id: uuid.UUID | None = None) -> None:
        self._guard, self._count, self._import_id = guard, count, import_id
        self._directory = Directory(import_id)

    def store(self, session: Session, values: Sequence[Any]) -> list[str]:
        """What became of each record: stored, updated or repeated."""
        if not values:
            return []
        if isinstance(values[0], CustomerIn):
            return list(upsert_customers(session, values, import_id=self._import_id))
        if isinstance(values[0], ContactIn):
            return list(
                upsert_contacts(session, values, privacy=self._guard, import_id=self._import_id)
            )
        if isinstance(values[0], DepartmentIn):
            return list(upsert_departments(session, values))
        stored = store_many(
            session,
            [self.identified(value) for value in values],
            directory=self._directory,
            guard=self._guard,
            import_id=self._import_id,
        )
        return [each.outcome for each in stored]

    def judge(self, session: Session, values: Sequence[BaseModel]) -> list[str]:
        """What ``store`` would say, for feedback to the row; master data that is already known is
        not told from new, since a row only ever completes it."""
        rows = [self.identified(value) for value in values if isinstance(value, FeedbackIn)]
        keys = [(row.source, self._guard.external_id(str(row.external_id))) for row in rows]
        known = known_keys(session, keys)
        outcomes = []
        for key in keys:
            again = self._count("\0".join(key).encode()) > 1
            outcomes.append("repeated" if again or key in known else "stored")
        return outcomes + ["stored"] * (len(values) - len(rows))

    def identified(self, row: FeedbackIn) -> FeedbackIn:
        """Rows without an id are counted over the whole file, so that a batch's end changes no
        id."""
        if row.external_id is not None:
            return row
        digest = self._guard.sealed(content_digest(row))
        return row.model_copy(update={"external_id": content_id(digest, self._count(digest))})

    def preview(self, value: BaseModel) -> dict[str, Any]:
        """A record as it will be stored, for a person to look at."""
        if not isinstance(value, FeedbackIn):
            shown = value.model_dump(mode="json", exclude_none=True)
            if isinstance(value, ContactIn):
                shown["external_id"] = self._guard.person(value.external_id)
            return shown
        row = self._guard.protect(value).row
        language = row.language or language_of(row.text)
        parts = split(row.text, channel=row.channel, language=language)
        return row.model_dump(mode="json", exclude_none=True, exclude_defaults=True) | {
            "language": language,
            "statements": [part.text for part in parts],
        }

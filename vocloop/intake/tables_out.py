"""Cells that go out again, to spreadsheets."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator

from sqlalchemy import Engine

from vocloop.intake import imports
from vocloop_models.database import reading

# What spreadsheets take for a formula (OWASP, CSV injection), in a wide letter too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def refused_csv(engine: Engine, import_id: uuid.UUID) -> Iterator[str]:
    """The rows that an import refused, with line and reason, as CSV in pieces."""
    buffer = io.StringIO()
    table = csv.writer(buffer)
    # Excel takes a file for UTF-8 only with this mark.
    buffer.write("\ufeff")
    with reading(engine) as session:
        names: list[str] | None = None
        for refusal in imports.refusals(session, import_id):
            if names is None:
                names = list(refusal.row)
                table.writerow([safe(cell) for cell in ("line", "reason", *names)])
            cells = [refusal.row.get(name, "") for name in names]
            table.writerow([safe(str(cell)) for cell in (refusal.line, refusal.reason, *cells)])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
        if names is None:
            table.writerow(["line", "reason"])
        yield buffer.getvalue()

"""A table as a CSV file that spreadsheets open as it was meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from fastapi.responses import HTMLResponse

Value = str | int | float | None
Rows = Iterator[Sequence[Value]]

# A cell that begins with one of these is a formula to a spreadsheet, and a customer's words might
# be one (OWASP, "CSV injection"): an apostrophe in front makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def text(rows: Iterable[Sequence[Value]]) -> str:
    """The table with a byte-order mark: Excel reads Japanese as UTF-8 only then."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe(value) for value in row])
    return "\ufeff" + out.getvalue()


def answer(name: str, rows: Iterable[Sequence[Value]]) -> HTMLResponse:
    """``name``: of the file, without its ending; letters and digits."""
    return HTMLResponse(
        text(rows),
        media_type="text/csv; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="vocloop-{name}.csv"',
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-cache",
        },
    )

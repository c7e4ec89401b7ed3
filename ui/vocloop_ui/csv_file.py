"""A table as a CSV file that spreadsheets open as it was meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import HTMLResponse

Value = str | int | float | None
Rows = Iterator[Sequence[Value]]


@dataclass(frozen=True)
class Column:
    """``of``: the column of the page's table that it belongs to; "" for what every file has."""

    head: str
    value: Callable[[Any], Value]
    of: str = ""


# A cell that begins with one of these is a formula to a spreadsheet, and a customer's words might
# be one (OWASP, "CSV injection"): an apostrophe in front makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def table(columns: Sequence[Column], rows: Iterable[Any], shown: Collection[str]) -> Rows:
    """The head and the rows. ``shown``: the columns that the reader chose on the page
    (vocloop_ui.columns); what belongs to another one is left out."""
    kept = [column for column in columns if not column.of or column.of in shown]
    yield [column.head for column in kept]
    for row in rows:
        yield [column.value(row) for column in kept]


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

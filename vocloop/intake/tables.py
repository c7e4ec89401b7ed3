"""Tables with separators, row by row; a row that can't be read is refused alone."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from vocloop.errors import InvalidInputError
from vocloop.intake.encodings import LONGEST_LINE, Line
from vocloop.intake.rows import Cells, Refusal, Row

# A quoted cell runs over at most this many lines; then the quote is taken for a broken one.
_LONGEST_ROW_LINES = 5_000
_DELIMITERS = ",\t;|"


_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(?P<sign>[,;|\t])\"?\s*", re.IGNORECASE)


def delimiter_of(head: list[Line]) -> str:
    """The separator that a line "sep=;" on top names, as Excel writes it, else that under which
    the first lines fall into the most columns, all alike."""
    named = _SEPARATOR_LINE.fullmatch(head[0].text) if head else None
    if named:
        return named["sign"]
    texts = [line.text for line in head]

    def fit(delimiter: str) -> tuple[int, int, int]:
        try:
            rows = [row for row in csv.reader(texts, delimiter=delimiter) if row]
        except csv.Error:
            return (0, 0, 0)
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows)
        return (width > 1, alike * width // len(rows), width)

    _allow_long_cells()
    return max(_DELIMITERS, key=fit)


def _allow_long_cells() -> None:
    # The csv module's own limit (131,072) would refuse cells that a row may hold; the length of
    # a text is judged, and named, where the row becomes a record.
    csv.field_size_limit(LONGEST_LINE)


def records(texts: Iterator[Line], delimiter: str) -> Iterator[Cells | Refusal]:
    """Rows as lists of cells. A quote that never closes refuses its own line; reading goes on
    with the next line, not after wherever a quote happens to follow."""
    _allow_long_cells()
    pending: list[Line] = []  # read while looking for the end of a row that had none

    def take() -> Line | None:
        return pending.pop() if pending else next(texts, None)

    while (line := take()) is not None:
        taken = [line]
        if not line.text.strip("\r\n\ufeff") or (
            line.number == 1 and _SEPARATOR_LINE.fullmatch(line.text)
        ):
            if line.problem:
                yield Refusal(line.number, line.problem)
            continue

        def feed(taken: list[Line] = taken, first: str = line.text) -> Iterator[str]:
            yield first
            while len(taken) < _LONGEST_ROW_LINES and (more := take()) is not None:
                taken.append(more)
                yield more.text

        try:
            cells = next(csv.reader(feed(), delimiter=delimiter, strict=True))
        except csv.Error as error:
            pending.extend(reversed(taken[1:]))
            broken = f"not a row ({error}); close every quoted cell, and double the quotes in it"
            yield Refusal(line.number, line.problem or broken)
            continue
        problem = next((each for each in taken if each.problem), None)
        if problem:
            yield Refusal(problem.number, str(problem.problem))
            continue
        yield Cells(line.number, cells)


def named_rows(rows: Iterable[Cells | Refusal], columns: list[str]) -> Iterator[Row | Refusal]:
    """Rows by column name. A row with another number of cells than the header is refused, unless
    only empty cells are too many, as spreadsheets write them."""
    for row in rows:
        if isinstance(row, Refusal):
            yield row
            continue
        cells = row.cells
        if len(cells) != len(columns):
            if len(cells) < len(columns) or any(cell.strip() for cell in cells[len(columns) :]):
                yield Refusal(
                    row.line,
                    f"{len(cells)} fields where the header has {len(columns)};"
                    " quote cells that hold separators or line ends",
                )
                continue
            cells = cells[: len(columns)]
        yield Row(row.line, dict(zip(columns, cells, strict=True)))


def header_of(
    rows: Iterator[Cells | Refusal], name: str
) -> tuple[list[str], list[Cells | Refusal]]:
    """The names in the first row that can be read, and the refusals before it."""
    refused: list[Cells | Refusal] = []
    for row in rows:
        if isinstance(row, Refusal):
            refused.append(row)
            continue
        return [cell.strip("\ufeff \t\r\n") for cell in row.cells], refused
    reason = f" ({refused[0].reason})" if refused and isinstance(refused[0], Refusal) else ""
    raise InvalidInputError(f"{name} has no row of column names that can be read{reason}")


def refuse_doubled(header: list[str], name: str) -> None:
    twice = {column for column, times in Counter(header).items() if column and times > 1}
    if twice:
        raise InvalidInputError(
            f"{name}, line 1: two columns are called {', '.join(sorted(twice))};"
            " give each its own name"
        )


def padded(rows: Iterable[Cells | Refusal], width: int) -> Iterator[Cells | Refusal]:
    """Rows of a tool's table, as wide as its header: tools leave empty cells out at the end. A
    row with more filled cells than the header has names is broken."""
    for row in rows:
        if isinstance(row, Refusal):
            yield row
        elif any(cell.strip() for cell in row.cells[width:]):
            yield Refusal(
                row.line,
                f"{len(row.cells)} fields where the header has {width};"
                " quote cells that hold separators or line ends",
            )
        elif any(cell.strip() for cell in row.cells):
            yield Cells(row.line, [*row.cells, *[""] * (width - len(row.cells))][:width])


def is_tabular(head: list[Line]) -> bool:
    """Whether a text file is a table all the same: every line falls into the same columns."""
    delimiter = delimiter_of(head)
    counts = [line.text.count(delimiter) for line in head if line.text.strip()]
    return len(counts) > 1 and min(counts) > 0 and min(counts) == max(counts) and delimiter != "|"

"""The columns of a file with the first values of each, so that a person can say what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from vocloop.errors import InvalidInputError
from vocloop.intake import formats
from vocloop.intake.files import open_rows
from vocloop.intake.reader import Options
from vocloop.intake.redact import redact
from vocloop.intake.rows import Row

_ROWS = 50
_EXAMPLES = 3
_MOST_COLUMNS = 200
_LONGEST_EXAMPLE = 60


def glance(path: Path, options: Options) -> list[dict[str, Any]]:
    """``{"name", "examples"}`` by column, without personal data. Empty for a tool's export and for
    running text, which come by our own names, and for what can't be opened."""
    try:
        with open_rows(
            path,
            file_format=options.file_format,
            mapping=options.mapping,
            plain=options.kind is not None,
        ) as opened:
            if opened.format in formats.FORMATS:
                return []
            rows = [each for each in islice(opened.entries, _ROWS) if isinstance(each, Row)]
            names = opened.columns or [name for row in rows for name in row.values]
    except InvalidInputError:
        return []
    return [
        {"name": name, "examples": _without_people(list(_examples(name, rows)))}
        for name in list(dict.fromkeys(filter(None, names)))[:_MOST_COLUMNS]
    ]


def names_of(header: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(column["name"]) for column in header]


def _examples(name: str, rows: Sequence[Row]) -> Iterator[str]:
    written = (str(row.values[name]).strip() for row in rows if row.values.get(name) is not None)
    yield from islice(dict.fromkeys(filter(None, written)), _EXAMPLES)


def _without_people(examples: list[str]) -> list[str]:
    shown = [each.replace("\0", "") for each in redact(examples).texts] if examples else []
    return [f"{s[:_LONGEST_EXAMPLE]}…" if len(s) > _LONGEST_EXAMPLE else s for s in shown]

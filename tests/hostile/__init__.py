"""Hostile requests, and what vocloop answers to each: the list behind docs/hostile.md, which
``python -m tests.hostile`` writes."""

from __future__ import annotations

from tests.hostile.doors import doors
from tests.hostile.files import files
from tests.hostile.listed import table
from tests.hostile.shapes import shapes
from tests.hostile.words import words

ROWS = [*words(), *shapes(), *doors(), *files()]
KINDS = list(dict.fromkeys(row.kind for row in ROWS))

_HEAD = """# Hostile requests

{count} requests that want more than they may, and the answer to each. A test sends every one to
the whole application, on SQLite and on PostgreSQL, and looks at the answer and at what is changed:
after a refusal every table has the rows that it had before. The list is `tests/hostile/`; this page
is written from it by `python -m tests.hostile`.

"""


def page() -> str:
    return _HEAD.format(count=len(ROWS)) + table(ROWS)

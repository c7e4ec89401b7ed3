"""Google Forms: the table of answers, with English or Japanese headers."""

from __future__ import annotations

from collections.abc import Iterator

from vocloop.intake.columns import FIELD_KEYS
from vocloop.intake.formats.port import Format, Tables
from vocloop.intake.formats.questions import answers_of, asked, response
from vocloop.intake.formats.values import table_voice
from vocloop.intake.rows import Refusal, Row, Table, key

_TIMES = ("timestamp", "タイムスタンプ")
_EMAILS = ("emailaddress", "メールアドレス", "username", "ユーザー名", "email")
_SCORES = frozenset({"score", "スコア", "得点"})


def _knows_table(table: Table) -> bool:
    """A time first, then questions. A table whose other columns vocloop knows by name is read by
    those names, since they say more than questions do."""
    keys = [key(name) for name in table.header]
    if not keys or keys[0] not in _TIMES or len(keys) < 2:
        return False
    return not any(name in FIELD_KEYS["text"] for name in keys[1:])


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    keys = [key(name) for name in table.header]
    emails = [index for index, name in enumerate(keys) if name in _EMAILS]
    skip = {0, *emails, *(index for index, name in enumerate(keys) if name in _SCORES)}
    skip |= {index for index, name in enumerate(keys) if not name}
    questions = asked(table.header, table.head, skip)
    for row in table.rows:
        if isinstance(row, Refusal):
            yield row
            continue
        email = next(
            (row.cells[place] for place in emails if place < len(row.cells) and row.cells[place]),
            None,
        )
        result = response(answers_of(questions, row.cells), said_at=row.cells[0], email=email)
        yield table_voice(row.line, result)


FORMAT = Format("google-forms", tables=Tables(_knows_table, _read_table))

"""Files of one JSON object a line: read with every bad line named, written whole or not at all."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from vocloop.errors import InvalidInputError

STANDARD = "-"


def read_rows(path: str, required: Iterable[str] = ("id",)) -> list[dict[str, Any]]:
    """The objects of a JSONL file (``-`` for standard input); blank lines are skipped.

    Raises InvalidInputError that names every line that is not a JSON object, lacks a required
    field, or repeats an id."""
    needed = tuple(required)
    rows: list[dict[str, Any]] = []
    problems: list[tuple[str, str]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            problems.append((where, f"not JSON ({error}); write one object a line"))
            continue
        if not isinstance(row, dict):
            problems.append((where, "not an object; write {…} on each line"))
            continue
        missing = [name for name in needed if row.get(name) in (None, "")]
        if missing:
            problems.append((where, f"lacks {', '.join(missing)}"))
            continue
        if "id" in needed and (first := seen.setdefault(str(row["id"]), number)) != number:
            problems.append((where, f"repeats id {row['id']!r} of line {first}"))
            continue
        rows.append(row)
    if problems:
        raise InvalidInputError(f"{path}: {len(problems)} bad lines", problems)
    return rows


def _lines(path: str) -> Iterator[str]:
    try:
        with nullcontext(sys.stdin.buffer) if path == STANDARD else Path(path).open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                try:
                    yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise InvalidInputError(
                        f"{path}: line {number} is not UTF-8 (byte {error.start}); save it as UTF-8"
                    ) from error
    except OSError as error:
        raise InvalidInputError(f"{path} can't be read: {error.strerror}") from error


def write_rows(path: str, rows: Iterable[Mapping[str, Any]]) -> None:
    with atomic(path) as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_object(path: str, value: object) -> None:
    with atomic(path) as out:
        json.dump(value, out, ensure_ascii=False, indent=1)
        out.write("\n")


@contextmanager
def atomic(path: str) -> Iterator[IO[str]]:
    """A text stream whose content appears under ``path`` only when the block ends well."""
    if path == STANDARD:
        yield sys.stdout
        sys.stdout.flush()
        return
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise InvalidInputError(f"{path} can't be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            yield out
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""Files of one JSON object a line: read with every bad line named, written whole or not at all."""

from __future__ import annotations

import io
import json
import os
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from vocloop.errors import InvalidInputError

STANDARD = "-"
# A lone surrogate can be written in JSON (\ud800) but not in UTF-8: this puts it back as it came.
_SURROGATES = "backslashreplace"


class Row(dict[str, Any]):
    """One object of a file, and the ``line`` that it stands on, counted from 1."""

    def __init__(self, values: Mapping[str, Any], line: int) -> None:
        super().__init__(values)
        self.line = line


def read_rows(path: str, required: Iterable[str] = ("id",)) -> list[Row]:
    """The objects of a JSONL file (``-`` for standard input); blank lines are skipped.

    Raises InvalidInputError that names every line that is not a JSON object in UTF-8, lacks a
    required field (null and blank strings are none), or repeats an id."""
    needed = tuple(required)
    rows: list[Row] = []
    problems: list[tuple[str, str]] = []
    seen: dict[str, int] = {}
    for number, raw in enumerate(raw_lines(path), start=1):
        if not raw.strip():
            continue
        try:
            row = Row(_object(raw, first=number == 1), number)
            _refuse_missing(row, needed)
            if "id" in needed and (first := seen.setdefault(str(row["id"]), number)) != number:
                raise ValueError(f"repeats id {row['id']!r} of line {first}")
        except ValueError as error:
            problems.append((f"line {number}", str(error)))
            continue
        rows.append(row)
    refuse_bad_lines(path, problems)
    return rows


def refuse_bad_lines(path: str, problems: list[tuple[str, str]]) -> None:
    """Raise InvalidInputError with ``problems``, pairs of (line, reason), if there are any."""
    if problems:
        count = "1 bad line" if len(problems) == 1 else f"{len(problems)} bad lines"
        raise InvalidInputError(f"{_name(path)}: {count}", problems)


def _object(raw: bytes, *, first: bool) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except ValueError as error:
        raise ValueError(f"not JSON ({error}); write one object a line") from error
    except RecursionError as error:
        raise ValueError("not JSON that can be read: nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object; write {…} on each line")
    return value


def _refuse_missing(row: Row, needed: tuple[str, ...]) -> None:
    missing = [
        name
        for name in needed
        if (value := row.get(name)) is None or (isinstance(value, str) and not value.strip())
    ]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    # A number or a word: an object has no text that two files would agree on.
    if "id" in needed and (isinstance(row["id"], bool) or not isinstance(row["id"], str | int)):
        raise ValueError(f"id is {type(row['id']).__name__}; write a string or a whole number")


def raw_lines(path: str) -> Iterator[bytes]:
    """Raises InvalidInputError for a file that can't be read."""
    try:
        with nullcontext(sys.stdin.buffer) if path == STANDARD else Path(path).open("rb") as stream:
            yield from stream
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(
            f"{_name(path)} can't be read ({reason}); give the path of a file"
        ) from error


def _name(path: str) -> str:
    return "standard input" if path == STANDARD else path


def write_rows(path: str, rows: Iterable[Mapping[str, Any]]) -> None:
    with atomic(path) as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_object(path: str, value: object) -> None:
    with atomic(path) as out:
        json.dump(value, out, ensure_ascii=False, indent=1)
        out.write("\n")


def refuse_unwritable(path: str) -> None:
    """Raise InvalidInputError when ``atomic`` could not write there: asked before long work."""
    if path == STANDARD:
        return
    target = Path(path)
    folder = target.resolve().parent
    if target.is_dir():
        reason = "it is a folder"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}"
    elif not os.access(target if _is_device(target) else folder, os.W_OK):
        reason = "permission denied"
    else:
        return
    raise InvalidInputError(f"{path} can't be written: {reason}; name a file in a folder of yours")


def _is_device(target: Path) -> bool:
    return target.exists() and not target.is_file()


@contextmanager
def atomic(path: str) -> Iterator[IO[str]]:
    """A text stream, UTF-8, whose content appears under ``path`` only when the block ends well.

    Standard output, devices and pipes can't be replaced: they are written as it goes."""
    refuse_unwritable(path)
    target = Path(path)
    if path == STANDARD or _is_device(target):
        with nullcontext(sys.stdout.buffer) if path == STANDARD else target.open("wb") as stream:
            out = io.TextIOWrapper(stream, encoding="utf-8", errors=_SURROGATES, newline="\n")
            try:
                yield out
                out.flush()
            finally:
                # Else the wrapper would close standard output when it is collected.
                out.detach()
        return
    # A link stays one: what it leads to is replaced.
    target = target.resolve()
    unfinished = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        # Opened as any new file, so that the user's umask says who may read it.
        with unfinished.open("x", encoding="utf-8", errors=_SURROGATES, newline="\n") as out:
            yield out
        if target.exists():
            unfinished.chmod(target.stat().st_mode & 0o777)
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise

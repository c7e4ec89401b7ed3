"""The audit log: whether its chain is whole, and its lines as a file to be checked elsewhere."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.jsonl import raw_lines
from vocloop_models import AuditEntry
from vocloop_models.audit_chain import START, digest, written_at

FIELDS = ("number", "id", "at", "action", "detail", "digest")
_AT_A_TIME = 1_000

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Verified:
    """``broken``: what is wrong with the first line that does not follow from the one before it.
    ``head``: the digest of the last line; a later log must still hold it."""

    entries: int
    head: str
    broken: str | None = None


def lines(session: Session) -> Iterator[Line]:
    """Every entry in the order of the chain; those that have no place come first."""
    query = (
        select(AuditEntry)
        .order_by(col(AuditEntry.number).nulls_first(), col(AuditEntry.id))
        .execution_options(yield_per=_AT_A_TIME)
    )
    # Closed also when the reader stops half-way: a server keeps a cursor for it.
    with closing(session.exec(query)) as found:
        for entry in found:
            yield {
                "number": entry.number,
                "id": str(entry.id),
                "at": written_at(entry.at),
                "action": str(entry.action),
                "detail": entry.detail,
                "digest": entry.digest,
            }


def verify(entries: Iterable[Line], known: str | None = None) -> Verified:
    """Follow the chain up to the first line that is wrong. ``known``: a digest noted earlier, which
    must still be in the chain: lines taken off its end, or a chain made anew, show only so."""
    number, previous, seen = 0, START, known in (None, START)
    for line in entries:
        number += 1
        wrong = _wrong(line, number, previous)
        if wrong is not None:
            return Verified(number - 1, previous, wrong)
        previous = line["digest"]
        seen = seen or previous == known
    broken = None if seen else f"no line has the digest {known}, which was noted earlier"
    return Verified(number, previous, broken)


def _wrong(line: Line, number: int, previous: str) -> str | None:
    found, entry = line["number"], line["id"]
    if found is None:
        return f"entry {entry} has no place in the chain; it was put in from outside"
    if found != number:
        return f"line {number} is missing; line {found} (entry {entry}) comes instead"
    made = digest(previous, number, entry, line["action"], line["detail"], line["at"])
    if made != line["digest"]:
        return f"line {number} (entry {entry}) is not as it was written, or the line before is not"
    return None


def write_jsonl(entries: Iterable[Line], out: IO[str]) -> None:
    for line in entries:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def write_csv(entries: Iterable[Line], out: IO[str]) -> None:
    writer = csv.DictWriter(out, FIELDS)
    writer.writeheader()
    for line in entries:
        # Details begin with a brace and all else is made by vocloop: no cell is ever a formula.
        writer.writerow({**line, "detail": json.dumps(line["detail"], ensure_ascii=False)})


def read_jsonl(path: Path) -> Iterator[Line]:
    """The lines of an export. Raises InvalidInputError for a file that can't be read, and for a
    line that is none."""
    for count, text in enumerate(raw_lines(str(path)), start=1):
        try:
            line = json.loads(text)
            yield {name: line[name] for name in FIELDS}
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInputError(
                f"{path} line {count} is no line of an audit log ({error}); give a file that"
                " `vocloop audit export` wrote as jsonl"
            ) from error

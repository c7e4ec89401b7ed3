"""``vocloop route``: a file of texts, each sent to a department."""

from __future__ import annotations

from typing import Any

import numpy as np

from vocloop.jsonl import Row, read_rows, refuse_bad_lines, refuse_unwritable, write_rows
from vocloop.route.classify import Encode, Floats, Lessons
from vocloop.route.departments import Described, encoded, numbers_by_name, read_departments
from vocloop.route.fields import fields_of
from vocloop.route.machine import Texts, learn

# Others that are named beside the first.
ALTERNATIVES = 3
LABELS = ("department", "label")


def route_file(
    source: str, departments: str, out: str, encode: Encode, *, train: str | None = None
) -> int:
    """Rows {"id", "text", "title"?} in; rows {"id", "department": key, "confidence": 0..1,
    "alternatives": [{"department", "confidence"}, …]} out, in the same order; how many.

    departments: a file of ``read_departments``. train: rows {"text", "department": key or name}
    whose department is known. Rows of both may have fields (fields.NAMES). Raises
    InvalidInputError with everything wrong named."""
    refuse_unwritable(out)
    known = read_departments(departments)
    rows = read_rows(source, ("id", "text"))
    lessons = read_rows(train, ("text",)) if train else []
    labels = _labels(train or "", lessons, known)
    texts = [*map(_text, rows), *map(_text, lessons)]
    fields = [*map(fields_of, rows), *map(fields_of, lessons)]
    vectors = encode(texts)
    if len(rows) == 0:
        write_rows(out, [])
        return 0
    count = len(rows)
    sample = Texts(vectors[:count], texts[:count], fields[:count])
    taught = Lessons(
        vectors[count:], texts[count:], np.array(labels, np.int64), fields=fields[count:]
    )
    machine = learn(encoded(known, encode), [d.words() for d in known], sample, taught)
    odds = machine.odds(sample, machine.sampled)
    told = zip(rows, odds, machine.confidence(odds), strict=True)
    write_rows(out, ({"id": row["id"], **_answer(known, *each)} for row, *each in told))
    return len(rows)


def _answer(known: list[Described], odds: Floats, confidence: float) -> dict[str, Any]:
    first, *others = np.argsort(-odds, kind="stable")[: ALTERNATIVES + 1]
    # What is left of 1 is theirs, as their odds say; none is surer than what was chosen.
    left = (1 - confidence) / max(1 - float(odds[first]), 1e-9)
    shares = [min(float(odds[i]) * left, confidence) for i in others]
    return {
        "department": known[first].key,
        "confidence": round(float(confidence), 4),
        "alternatives": [
            {"department": known[i].key, "confidence": round(share, 4)}
            for i, share in zip(others, shares, strict=True)
        ],
    }


def _text(row: Row) -> str:
    title, text = row.get("title"), str(row["text"])
    if not isinstance(title, str) or title.strip() in text:
        return text
    return f"{title.strip()}\n{text}"


def _labels(path: str, lessons: list[Row], known: list[Described]) -> list[int]:
    numbers = numbers_by_name(known)
    labels: list[int] = []
    problems: list[tuple[str, str]] = []
    for row in lessons:
        given = next((row[field] for field in LABELS if row.get(field) is not None), None)
        number = numbers.get(str(given).strip().lower())
        if number is None:
            keys = ", ".join(department.key for department in known)
            reason = f"department {given!r} is not in the list; write one of {keys}"
            problems.append((f"line {row.line}", reason))
            continue
        labels.append(number)
    refuse_bad_lines(path, problems)
    return labels

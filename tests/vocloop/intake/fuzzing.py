"""Exports with damage done to them: values replaced, keys lost, bytes flipped, tables torn."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(each.name for each in FIXTURES.iterdir() if each.is_file())

_ODD: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**20, "", " ", "\0", "\ud800", "あ" * 3_000, "<p><b>x", "\\" * 50),
    *([], {}, [None], [[]], {"id": {}}, [{"id": 1}], {"a": {"b": []}}, "2026-13-45", "05/06/24"),
    *("null", "NaN", "=1+1", "a@b.example", "https://x.example/ y", '"', "\r\n", "[" * 200),
]


def damaged(name: str, seed: int) -> bytes:
    """The fixture ``name`` with damage that ``seed`` decides."""
    draw = random.Random(f"{name}:{seed}")  # noqa: S311 - damage, not keys
    content = (FIXTURES / name).read_bytes()
    if draw.random() < 0.25:
        return _flipped(content, draw)
    if name.endswith(".json"):
        value = json.loads(content)
        for _ in range(draw.randint(1, 6)):
            value = _replaced(value, draw)
        return json.dumps(value, indent=draw.choice([None, 1])).encode("utf-8", "surrogatepass")
    if name.endswith(".csv"):
        return _torn(content, draw)
    return _flipped(content, draw)


def _replaced(value: Any, draw: random.Random) -> Any:
    if isinstance(value, dict) and value and draw.random() < 0.85:
        key = draw.choice(list(value))
        rest = {name: each for name, each in value.items() if name != key}
        return rest if draw.random() < 0.15 else rest | {key: _replaced(value[key], draw)}
    if isinstance(value, list) and value and draw.random() < 0.85:
        at = draw.randrange(len(value))
        return [*value[:at], _replaced(value[at], draw), *value[at + 1 :]]
    return draw.choice(_ODD)


def _torn(content: bytes, draw: random.Random) -> bytes:
    encoding = "utf-16" if content.startswith(b"\xff\xfe") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text, encoding = content.decode("cp932"), "cp932"
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(draw.randint(1, 6)):
        row = draw.choice(rows)
        at = draw.randrange(len(row)) if row else 0
        action = draw.random()
        if action < 0.6 and row:
            row[at] = str(draw.choice(_ODD))
        elif action < 0.75:
            del row[at : at + 1]
        elif action < 0.9:
            row.insert(at, str(draw.choice(_ODD)))
        else:
            rows.append(list(draw.choice(rows)))
    out = io.StringIO()
    csv.writer(out, lineterminator=draw.choice(["\n", "\r\n"])).writerows(rows)
    return out.getvalue().encode(encoding, "replace")


def _flipped(content: bytes, draw: random.Random) -> bytes:
    damaged_ = bytearray(content)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(damaged_))
        action = draw.random()
        if action < 0.6:
            damaged_[at] = draw.randrange(256)
        elif action < 0.8:
            del damaged_[at : at + draw.randint(1, 200)]
        else:
            damaged_[at:at] = damaged_[at : at + draw.randint(1, 200)]
        if not damaged_:
            return b"x"
    return bytes(damaged_)

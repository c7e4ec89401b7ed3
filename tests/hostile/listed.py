"""What a hostile request is, and how a list of them is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# What came of it. Of each the test knows how to see it.
REFUSED = "refused, nothing is changed"
NOTHING = "taken as words, nothing is found"
KEPT = "kept as words, shown as words"
IGNORED = "taken as if it were not there"
UNUSABLE = "the file can't be used, none of it is stored"
LONGEST_SHOWN = 64


@dataclass(frozen=True)
class Hostile:
    """``path`` may hold names of tests.stocked.NAMED; ``send`` is what the client takes besides;
    ``holds``: what else must be true of the answer."""

    kind: str
    short: str
    method: str
    path: str
    status: int
    effect: str = REFUSED
    send: Mapping[str, Any] = field(default_factory=dict)
    holds: Callable[[Any], bool] | None = None
    anonymous: bool = False

    @property
    def where(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


def shown(value: object) -> str:
    """A value in short, in letters that every page shows."""
    text = value if isinstance(value, str) else repr(value)
    text = json.dumps(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if len(text) > LONGEST_SHOWN:
        text = f"{text[:LONGEST_SHOWN]}… ({len(text):,} characters)"
    return text


def table(rows: Iterable[Hostile]) -> str:
    """One table of Markdown a kind."""
    made: dict[str, list[Hostile]] = {}
    for row in rows:
        made.setdefault(row.kind, []).append(row)
    parts = []
    for kind, found in made.items():
        parts.append(f"## {kind}\n\n| sent | where | answer |\n|---|---|---|")
        for row in found:
            cell = row.short.replace("|", "\\|").replace("`", "ˋ")
            parts[-1] += f"\n| `{cell}` | `{row.where}` | {row.status}, {row.effect} |"
    return "\n\n".join(parts) + "\n"

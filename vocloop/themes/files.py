"""``vocloop themes discover``: themes of a file, with ids that live on through a registry file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocloop.errors import InvalidInputError
from vocloop.jsonl import read_rows, write_object, write_rows
from vocloop.themes.discover import Discovery, discover
from vocloop.themes.identity import match
from vocloop.themes.labels import Label, label

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
LanguageOf = Callable[[str], str]
EXAMPLES = 5


def discover_file(
    source: str,
    out: str,
    *,
    encode: Encode,
    language_of: LanguageOf,
    language: str = "auto",
    themes: str | None = None,
    registry: str | None = None,
) -> int:
    """Read rows {"id", "text", "language"?}, write rows {"id", "theme", "confidence"} in the same
    order, and return the number of themes.

    ``themes``: where to write titles, keywords and examples. ``registry``: a file that keeps the
    themes' ids; read when it is there, then written. The order of the rows does not matter."""
    rows = read_rows(source, ("id", "text"))
    _refuse_wrong_types(rows)
    known = _Registry.read(registry)
    # One order for the same data however the file is sorted.
    order = sorted(range(len(rows)), key=lambda i: str(rows[i]["id"]))
    ids = [str(rows[i]["id"]) for i in order]
    texts = [rows[i]["text"] for i in order]
    languages = [_language(rows[i], language, language_of) for i in order]
    found = discover(encode(texts), languages)
    named = known.name(ids, found)
    place = {row_id: i for i, row_id in enumerate(ids)}
    write_rows(
        out,
        (
            {
                "id": row["id"],
                "theme": named[place[str(row["id"])]],
                "confidence": round(float(found.confidence[place[str(row["id"])]]), 4),
            }
            for row in rows
        ),
    )
    if themes is not None:
        labels = label(texts, languages, named, found.points)
        write_object(themes, _described(labels, named, languages, texts))
    if registry is not None:
        known.write(registry)
    return len({t for t in named if t is not None})


def _refuse_wrong_types(rows: Sequence[Mapping[str, Any]]) -> None:
    wrong = [
        (f"id {row['id']!r}", f"text is {type(row['text']).__name__}, not a string")
        for row in rows
        if not isinstance(row["text"], str)
    ]
    if wrong:
        raise InvalidInputError(f"{len(wrong)} rows have no usable text", wrong)


def _language(row: Mapping[str, Any], wanted: str, language_of: LanguageOf) -> str:
    if wanted != "auto":
        return wanted
    return str(row.get("language") or language_of(row["text"]))


def _described(
    labels: Mapping[Any, Label],
    named: Sequence[str | None],
    languages: Sequence[str],
    texts: Sequence[str],
) -> dict[str, Any]:
    size = Counter(t for t in named if t is not None)
    spoken: dict[str, Counter[str]] = defaultdict(Counter)
    for theme, language in zip(named, languages, strict=True):
        if theme is not None:
            spoken[theme][language] += 1
    return {
        theme: {
            "title_ja": labels[theme].titles.get("ja"),
            "title_en": labels[theme].titles.get("en"),
            "keywords": [w for g in ("ja", "en") for w in labels[theme].keywords.get(g, [])],
            "size": size[theme],
            "languages": dict(sorted(spoken[theme].items())),
            "examples": [texts[i] for i in labels[theme].quotes[:EXAMPLES]],
        }
        for theme in sorted(size, key=lambda t: (-size[t], t))
    }


class _Registry:
    """The known themes of a file: the next free number, and the theme of each row id."""

    def __init__(self, next_number: int, members: dict[str, str]) -> None:
        self._next = next_number
        self._members = members

    @classmethod
    def read(cls, path: str | None) -> _Registry:
        if path is None or not Path(path).exists():
            return cls(1, {})
        rows = read_rows(path, ())
        if len(rows) != 1 or not {"next", "members"} <= rows[0].keys():
            raise InvalidInputError(
                f"{path} is not a theme registry; give the file of an earlier run"
            )
        return cls(int(rows[0]["next"]), dict(rows[0]["members"]))

    def name(self, ids: Sequence[str], found: Discovery) -> list[str | None]:
        """The stable id of each row's theme; new clusters get the next numbers, largest first."""
        seen = [i for i, row_id in enumerate(ids) if row_id in self._members]
        matches = match([self._members[ids[i]] for i in seen], found.labels[seen])
        names = {m.cluster: str(m.theme) for m in matches}
        for cluster in range(int(found.labels.max(initial=-1)) + 1):
            if cluster not in names:
                names[cluster] = f"T-{self._next:04d}"
                self._next += 1
        named = [names[c] if c >= 0 else None for c in found.labels.tolist()]
        # Rows of earlier files stay known: the next file may bring them back.
        for row_id, theme in zip(ids, named, strict=True):
            if theme is None:
                self._members.pop(row_id, None)
                continue
            self._members[row_id] = theme
        return named

    def write(self, path: str) -> None:
        members = dict(sorted(self._members.items()))
        write_rows(path, [{"next": self._next, "members": members}])

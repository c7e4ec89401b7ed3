"""``vocloop themes discover``: themes of a file, with ids that live on through a registry file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from babel import Locale
from numpy.typing import NDArray

from vocloop.errors import InvalidInputError
from vocloop.jsonl import (
    STANDARD,
    Row,
    read_rows,
    refuse_bad_lines,
    refuse_unwritable,
    write_object,
    write_rows,
)
from vocloop.themes import names
from vocloop.themes.continuity import carry
from vocloop.themes.discover import Discovery, discover
from vocloop.themes.labels import Label, label
from vocloop.themes.parts import numbered_parts
from vocloop.themes.space import manners, numbered

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
LanguageOf = Callable[[str], str]
EXAMPLES = 5
# What a row may say of where it comes from, and what must not become a theme.
FIELDS = ("customer", "product", "channel")


def discover_file(
    source: str,
    out: str,
    *,
    encode: Encode,
    language_of: LanguageOf,
    language: str = "auto",
    themes: str | None = None,
    tree: str | None = None,
    registry: str | None = None,
) -> int:
    """Read rows {"id", "text", "language"?, "customer"?, "product"?, "channel"?}, write rows
    {"id", "theme", "confidence"} in the same order, and return the number of themes.

    ``themes``: where to write titles, keywords and examples; ``tree``: where to write rows {"id",
    "area", "theme", "part"}, the levels above and below each theme. ``registry``: a file that keeps
    the themes' ids; read when it is there, then written. The order of the rows does not matter.
    Nothing is written before everything is found. Raises InvalidInputError with every bad line
    named."""
    wanted = None if language == "auto" else _code(language)
    _refuse_outputs(out, themes, tree, registry)
    known = _Registry.read(registry)
    rows = read_rows(source, ("id", "text"))
    spoken = _languages(source, rows, wanted, language_of)
    # One order for the same data however the file is sorted.
    order = sorted(range(len(rows)), key=lambda i: (rows[i]["text"], str(rows[i]["id"])))
    ids = [str(rows[i]["id"]) for i in order]
    texts = [rows[i]["text"] for i in order]
    languages = [spoken[i] for i in order]
    named: list[str | None] = []
    confidence: list[float] = []
    described: dict[str, Any] = {}
    levels: list[tuple[str | None, str | None]] = []
    # Without rows there is nothing to load a model for.
    if rows:
        *fields, channels = ([_field(rows[i], key) for i in order] for key in FIELDS)
        held = names.of_texts(texts)
        manner = manners(channels, languages)
        found = discover(_encoded(texts, encode), languages, *fields, held, manner)
        named, sure = known.name(ids, found)
        confidence = [round(value, 4) for value in sure.tolist()]
        levels = list(zip(*_levels(named, found), strict=True))
        if themes is not None:
            labels = label(texts, languages, named, found.points)
            described = _described(labels, named, languages, texts)
            for theme, area in dict(zip(named, (a for a, _ in levels), strict=True)).items():
                if theme is not None:
                    described[theme]["area"] = area
    answers = dict(zip(ids, zip(named, confidence, strict=True), strict=True))
    write_rows(
        out,
        (
            {
                "id": row["id"],
                "theme": answers[str(row["id"])][0],
                "confidence": answers[str(row["id"])][1],
            }
            for row in rows
        ),
    )
    if themes is not None:
        write_object(themes, described)
    if tree is not None:
        place = dict(zip(ids, zip(named, levels, strict=True), strict=True))
        above_below = ((row["id"], *place[str(row["id"])]) for row in rows)
        write_rows(
            tree,
            (
                {"id": i, "area": area, "theme": theme, "part": part}
                for i, theme, (area, part) in above_below
            ),
        )
    if registry is not None:
        known.write(registry)
    return len({t for t in named if t is not None})


def _field(row: Row, key: str) -> str | None:
    value = row.get(key)
    return None if value in (None, "") else str(value)


def _levels(
    named: Sequence[str | None], found: Discovery
) -> tuple[list[str | None], list[str | None]]:
    """The area above each row's theme, that of most of the theme's rows, and the sub-theme below,
    .1 the largest, None where there is none."""
    above: dict[str, Counter[int]] = defaultdict(Counter)
    for theme, cluster in zip(named, found.labels.tolist(), strict=True):
        if theme is not None and cluster >= 0:
            above[theme][int(found.areas[cluster])] += 1
    area = {theme: f"A-{count.most_common(1)[0][0] + 1}" for theme, count in above.items()}
    _, themes = numbered(named)
    parts = [
        f"{theme}.{part + 1}" if part >= 0 else None
        for theme, part in zip(named, numbered_parts(themes, found.parts).tolist(), strict=True)
    ]
    return [area.get(theme) if theme else None for theme in named], parts


def _encoded(texts: Sequence[str], encode: Encode) -> NDArray[np.float32]:
    """Each text is encoded once, in sorted order: a text's last digits depend on its batch."""
    distinct = sorted(set(texts))
    place = {text: i for i, text in enumerate(distinct)}
    return encode(distinct)[[place[text] for text in texts]]


def _refuse_outputs(out: str, themes: str | None, tree: str | None, registry: str | None) -> None:
    """Before minutes of work, not after."""
    if registry == STANDARD:
        raise InvalidInputError("the registry is read and written; give a file with --registry")
    written = {"-o": out, "--themes": themes, "--tree": tree}
    for (one, path), (other, same) in combinations(written.items(), 2):
        if path is not None and path == same:
            raise InvalidInputError(
                f"{one} and {other} both write {path}; give each a file of its own, or one of"
                " them -"
            )
    for path in (out, themes, tree, registry):
        if path is not None:
            refuse_unwritable(path)


def _languages(
    source: str, rows: Sequence[Row], wanted: str | None, language_of: LanguageOf
) -> list[str]:
    """The language of each row: the one it names, else ``wanted``, else the text's own."""
    found: list[str] = []
    problems: list[tuple[str, str]] = []
    for row in rows:
        try:
            if not isinstance(row["text"], str):
                raise InvalidInputError(f"text is {type(row['text']).__name__}, not a string")
            named = row.get("language")
            code = _code(named) if named not in (None, "") else wanted
            found.append(code or language_of(row["text"]))
        except InvalidInputError as error:
            problems.append((f"line {row.line}, id {row['id']!r}", str(error)))
    refuse_bad_lines(source, problems)
    return found


def _code(language: object) -> str:
    """The ISO 639-1 code of ``ja``, ``en-US`` and the like."""
    code = re.split("[-_]", language.strip().lower())[0] if isinstance(language, str) else ""
    if code not in _codes():
        raise InvalidInputError(
            f"language {language!r} is not known; write an ISO 639-1 code such as ja or en"
        )
    return code


@cache
def _codes() -> frozenset[str]:
    codes = map(str, Locale("en").languages)
    return frozenset(code for code in codes if len(code) == 2) | {"und"}


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
        wrong = InvalidInputError(
            f"{path} is not a theme registry; give the file of an earlier run, or a new name"
        )
        try:
            rows = read_rows(path, ("next", "members"))
        except InvalidInputError as error:
            raise wrong from error
        if len(rows) != 1:
            raise wrong
        following, members = rows[0]["next"], rows[0]["members"]
        if type(following) is not int or not isinstance(members, dict):
            raise wrong
        if not all(isinstance(theme, str) for theme in members.values()):
            raise wrong
        # A number given twice would make two themes one.
        if any(number >= following for theme in members.values() if (number := _number(theme))):
            raise wrong
        return cls(following, members)

    def name(
        self, ids: Sequence[str], found: Discovery
    ) -> tuple[list[str | None], NDArray[np.float32]]:
        """The stable id of each row's theme, and how sure it is. Known themes keep their members
        unless the evidence against is strong (themes.continuity); new ones get the next numbers,
        largest first."""
        known, before = numbered([self._members.get(row_id) for row_id in ids])
        carried = carry(found, before)
        while len(known) <= carried.labels.max(initial=-1):
            known.append(_shown(self._next))
            self._next += 1
        named = [known[c] if c >= 0 else None for c in carried.labels.tolist()]
        # Rows of earlier files stay known: the next file may bring them back.
        for row_id, theme in zip(ids, named, strict=True):
            if theme is None:
                self._members.pop(row_id, None)
                continue
            self._members[row_id] = theme
        return named, carried.confidence

    def write(self, path: str) -> None:
        members = dict(sorted(self._members.items()))
        write_rows(path, [{"next": self._next, "members": members}])


def _shown(number: int) -> str:
    return f"T-{number:04d}"


def _number(theme: str) -> int | None:
    return int(theme[2:]) if re.fullmatch("T-[0-9]+", theme) else None

"""Departments as a file tells them: a list, or a mapping of name to description."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from vocloop.errors import InvalidInputError
from vocloop.route.classify import Encode, Floats

NAMES = ("name", "name_en", "name_ja", "title")
DESCRIPTIONS = ("description_en", "description_ja", "description", "keywords", "examples")
WRAPPERS = ("departments", "queues", "teams")
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True)
class Described:
    """A department by its key, the names it goes by, and what it says of itself."""

    key: str
    names: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()

    def texts(self) -> list[str]:
        """What is encoded: names, whole descriptions, and their sentences."""
        names = [readable(name) for name in self.names or (self.key,)]
        sentences = [s.strip() for whole in self.descriptions for s in _SENTENCE.split(whole)]
        whole = [f"{names[0]}. {each}" for each in self.descriptions]
        return list(dict.fromkeys(t for t in (*names, *whole, *sentences) if t))

    def words(self) -> str:
        """All of it, its key too: people write "to the DFIR team"."""
        return "\n".join((readable(self.key), *map(readable, self.names), *self.descriptions))


def readable(name: str) -> str:
    """``customer_success`` and ``DFIR::phishing`` as words."""
    return " ".join(re.split(r"[_:/\s]+", name)).strip() or name


def encoded(departments: Sequence[Described], encode: Encode) -> list[Floats]:
    """The vectors (m_k, d) of each department's texts, in one call of ``encode``."""
    texts = [department.texts() for department in departments]
    vectors = encode([text for each in texts for text in each])
    ends = np.cumsum([len(each) for each in texts])[:-1]
    return list(np.split(vectors, ends))


def read_departments(path: str) -> list[Described]:
    """Departments of a YAML or JSON file: a list of names or of {key?, name?, name_ja?, name_en?,
    description?, description_ja?, description_en?, …}, a mapping of name to description or to such
    an object, or one of these under ``departments``.

    Raises InvalidInputError that names every entry that can't be read."""
    try:
        told = yaml.safe_load(Path(path).read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            f"{path} can't be read ({error}); name a YAML file in UTF-8"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidInputError(f"{path} is not YAML: {error}; mend it there") from error
    return departments_of(told, path)


def departments_of(told: Any, where: str) -> list[Described]:
    """See ``read_departments``; ``where`` is named in errors."""
    if isinstance(told, Mapping):
        for wrapper in WRAPPERS:
            if isinstance(told.get(wrapper), list | Mapping):
                told = told[wrapper]
                break
    entries = [(None, each) for each in told] if isinstance(told, list) else []
    if isinstance(told, Mapping):
        entries = list(told.items())
    found: list[Described] = []
    problems: list[tuple[str, str]] = []
    for number, (name, entry) in enumerate(entries, start=1):
        try:
            department = _department(name, entry)
            if any(department.key == each.key for each in found):
                raise ValueError(f"repeats {department.key!r}; give each department once")
            found.append(department)
        except ValueError as error:
            problems.append((f"department {number}", str(error)))
    if problems:
        raise InvalidInputError(f"{where}: {len(problems)} departments can't be read", problems)
    if len(found) < 2:
        raise InvalidInputError(
            f"{where} holds {len(found)} departments; write a list of two or more, each with a "
            "name and a description"
        )
    return found


def _department(name: Any, entry: Any) -> Described:
    if isinstance(entry, Mapping):
        names = [_word(entry[field], field) for field in NAMES if entry.get(field)]
        given = entry.get("key", entry.get("id", name))
        key = _word(given, "key") if given is not None else (names[0] if names else "")
        if not key:
            raise ValueError("has no name; give it a key or a name")
        told = [part for field in DESCRIPTIONS for part in _paragraphs(entry.get(field), field)]
        return Described(key, tuple(dict.fromkeys(names or [key])), tuple(told))
    if name is None:
        key = _word(entry, "name")
        return Described(key, (key,))
    key = _word(name, "name")
    return Described(key, (key,), tuple(_paragraphs(entry, "description")))


def _word(value: Any, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError(f"{field} is {value!r}; write a name")
    return str(value).strip()


def _paragraphs(value: Any, field: str) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, Mapping):  # description: {ja: …, en: …}
        return [part for each in value.values() for part in _paragraphs(each, field)]
    if isinstance(value, list):
        return [part for each in value for part in _paragraphs(each, field)]
    if not isinstance(value, str | int | float):
        raise ValueError(f"{field} is {type(value).__name__}; write text")
    return [str(value).strip()]


def numbers_by_name(departments: Sequence[Described]) -> dict[str, int]:
    """The number of each department by its key and names, in lower case."""
    found: dict[str, int] = {}
    for number, department in enumerate(departments):
        for name in (department.key, *department.names):
            found.setdefault(name.strip().lower(), number)
    for number, department in enumerate(departments):
        found[department.key.strip().lower()] = number
    return found

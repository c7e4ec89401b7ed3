"""What all scores are made from: who said what of which theme, and when, as columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vocloop.score.generality import Segments
from vocloop.score.longevity import HISTORY_MONTHS, MONTH_DAYS, exposure, month_back
from vocloop.score.severity import Voice, severities

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = TypeVar("Key", bound=Hashable)

DAY_SECONDS = 86_400.0
# Who could have said it: two years hold a yearly problem twice, so that a customer who kept quiet
# one year is heard in the other; customers of longer ago may not be ours any more.
PERIOD_MONTHS = 24
NO_WORDS = Voice("")
WEEKS = 26

COMPANY, CONTACT, MESSAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Company:
    """``attributes`` that are not known are left out; ``active``: still a customer."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    active: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """One statement. Without a company its contact stands in, and without that its message.

    ``person``: attributes of who said it (department, role). ``theme`` None: heard, in none."""

    id: str
    theme: str | None
    message: str
    company: str | None = None
    contact: str | None = None
    at: dt.datetime | None = None
    voice: Voice = NO_WORDS
    person: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Who:
    """Someone who can be heard: key is the id of the company, contact or message."""

    kind: int
    key: str


@dataclass(frozen=True)
class Voices:
    """Statements as columns, n of them, sorted by id; none was said after ``as_of``.

    theme: (n,) index into ``themes``, −1 none. who: (n,) index into ``people``. age: (n,) days
    before as_of, NaN undated. month: (n,) index into ``months`` columns, oldest first, −1 undated.
    severity: (n,) NaN where theme is −1; ``signals`` likewise empty.
    """

    as_of: dt.datetime
    themes: tuple[str, ...]
    people: tuple[Who, ...]
    kinds: Ints
    said: tuple[Said, ...]
    theme: Ints
    who: Ints
    age: Floats
    month: Ints
    months: int
    severity: Floats
    signals: tuple[Mapping[str, float], ...]
    exposures: Floats
    companies: Mapping[str, Company]


def gather(
    said: Iterable[Said],
    companies: Mapping[str, Company],
    themes: Iterable[str],
    as_of: dt.datetime,
) -> Voices:
    """The columns, whatever the order of ``said`` and ``themes``.

    Statements after ``as_of`` are left out. Those without a date stay: we know that they were
    said, not when."""
    rows = sorted((s for s in said if s.at is None or s.at <= as_of), key=lambda s: s.id)
    names = tuple(sorted(themes))
    place = {name: i for i, name in enumerate(names)}
    people, who = _coded(rows, _speaker)
    age = np.array(
        [np.nan if s.at is None else (as_of - s.at).total_seconds() / DAY_SECONDS for s in rows],
        dtype=np.float64,
    )
    theme = np.array([-1 if s.theme is None else place.get(s.theme, -1) for s in rows], np.int64)
    dated = ~np.isnan(age)
    back = np.full(len(rows), -1, dtype=np.int64)
    # What is older than the history is kept in its oldest month: it is still a first report.
    back[dated] = np.minimum(month_back(age[dated]), HISTORY_MONTHS - 1)
    months = int(back.max(initial=0)) + 1
    month = np.where(dated, months - 1 - back, -1)
    judged = severities([s.voice for s, t in zip(rows, theme, strict=True) if t >= 0])
    severity = np.full(len(rows), np.nan)
    severity[theme >= 0] = [j.value for j in judged]
    signals = iter([j.signals for j in judged])
    volume = np.bincount(
        np.unique(np.stack([month[dated], who[dated]]), axis=1)[0], minlength=months
    )
    return Voices(
        as_of,
        names,
        people,
        np.array([p.kind for p in people], dtype=np.int64),
        tuple(rows),
        theme,
        who,
        age,
        month,
        months,
        severity,
        tuple(next(signals) if t >= 0 else {} for t in theme),
        exposure(volume.astype(np.float64)),
        companies,
    )


def _speaker(said: Said) -> Who:
    if said.company is not None:
        return Who(COMPANY, said.company)
    if said.contact is not None:
        return Who(CONTACT, said.contact)
    return Who(MESSAGE, said.message)


def _coded(rows: Sequence[Said], of: Callable[[Said], Key]) -> tuple[tuple[Key, ...], Ints]:
    codes: dict[Key, int] = {}
    index = [codes.setdefault(of(row), len(codes)) for row in rows]
    return tuple(codes), np.array(index, dtype=np.int64)


def pairs(theme: Ints, other: Ints) -> tuple[Ints, Ints]:
    """The distinct (theme, other) pairs as two columns, sorted by theme."""
    both = np.unique(np.stack([theme, other]), axis=1)
    return both[0], both[1]


def month_counts(voices: Voices) -> Ints:
    """(themes, months) distinct people who say it, by month, oldest first."""
    rows = (voices.theme >= 0) & (voices.month >= 0)
    cell = voices.theme[rows] * voices.months + voices.month[rows]
    return _distinct(cell, voices.who[rows], (len(voices.themes), voices.months))


def week_counts(voices: Voices) -> Ints:
    """(themes, WEEKS) distinct people who say it in each of the last weeks, oldest first."""
    recent = np.nan_to_num(voices.age, nan=np.inf) < WEEKS * 7
    rows = (voices.theme >= 0) & recent
    week = WEEKS - 1 - (voices.age[rows] // 7).astype(np.int64)
    cell = voices.theme[rows] * WEEKS + week
    return _distinct(cell, voices.who[rows], (len(voices.themes), WEEKS))


def _distinct(cell: Ints, who: Ints, shape: tuple[int, int]) -> Ints:
    cells, _ = pairs(cell, who)
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


@dataclass(frozen=True)
class Reach:
    """Who was heard from in the period, and who faces what.

    theme, who: distinct pairs of a theme and someone who faces it. people: (p,) who was heard
    from. said: (themes, s) companies of each segment that face each theme; attribute_said: the
    same for all values of the segment's attribute together.
    """

    theme: Ints
    who: Ints
    people: Ints
    segments: Segments
    said: Ints
    attribute_said: Ints


def reach(voices: Voices) -> Reach:
    """Active companies, and voices without a company, of the last PERIOD_MONTHS or undated."""
    left = [
        p.kind == COMPANY and not voices.companies.get(p.key, Company()).active
        for p in voices.people
    ]
    here = ~np.array(left, dtype=np.bool_)[voices.who] if voices.people else np.zeros(0, np.bool_)
    here &= np.nan_to_num(voices.age, nan=0.0) < PERIOD_MONTHS * MONTH_DAYS
    facing = here & (voices.theme >= 0)
    theme, who = pairs(voices.theme[facing], voices.who[facing])
    people = np.unique(voices.who[here])
    segments, said, attribute_said = _segments(voices, here, theme, who, people)
    return Reach(theme, who, people, segments, said, attribute_said)


def _segments(
    voices: Voices, here: NDArray[np.bool_], theme: Ints, who: Ints, people: Ints
) -> tuple[Segments, Ints, Ints]:
    codes: dict[tuple[str, str], int] = {}
    # Attributes of the company hold for all it says, attributes of a person for that statement.
    of_company: list[tuple[int, int]] = []
    for person in people.tolist():
        if voices.people[person].kind == COMPANY:
            company = voices.companies.get(voices.people[person].key, Company())
            of_company += [
                (person, codes.setdefault(item, len(codes)))
                for item in sorted(company.attributes.items())
            ]
    of_person: set[tuple[int, int, int]] = set()
    for row in np.flatnonzero(here).tolist():
        person = int(voices.who[row])
        if voices.said[row].person and voices.people[person].kind == COMPANY:
            of_person |= {
                (int(voices.theme[row]), person, codes.setdefault(item, len(codes)))
                for item in sorted(voices.said[row].person.items())
            }
    shape = (len(voices.people), len(codes))
    company = _indicator(of_company, shape)
    personal = _indicator({(person, code) for _, person, code in of_person}, shape)
    heard = np.asarray((company + personal).sum(axis=0), dtype=np.int64).ravel()
    faces = _indicator(
        zip(theme.tolist(), who.tolist(), strict=True), (len(voices.themes), shape[0])
    )
    said = (faces @ company).toarray().astype(np.int64)
    for row_theme, _, code in of_person:
        if row_theme >= 0:
            said[row_theme, code] += 1
    attributes = [attribute for attribute, _ in codes]
    _, group = np.unique(np.array(attributes, dtype=str), return_inverse=True)
    same = group[:, None] == group[None, :]
    segments = Segments(
        tuple(attributes), tuple(value for _, value in codes), heard, same.astype(np.int64) @ heard
    )
    return segments, said, said @ same.astype(np.int64)


def _indicator(cells: Iterable[tuple[int, int]], shape: tuple[int, int]) -> csr_matrix:
    at = np.array(sorted(cells), dtype=np.int64).reshape(-1, 2)
    return csr_matrix((np.ones(len(at), dtype=np.int64), (at[:, 0], at[:, 1])), shape=shape)

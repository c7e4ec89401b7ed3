"""What all scores are made from: who said what of which theme, and when, as columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vocloop.score.longevity import HISTORY_MONTHS, MONTH_DAYS, MONTH_SLACK_DAYS, month_back
from vocloop.score.segments import Segments, Traits, segments_of
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
    """``attributes`` that are not known are left out; ``active``: still a customer; ``people``:
    attributes (department, role) of each person that is known there."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    people: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One statement. Without a company its contact stands in, and without that its message.

    ``person``: attributes of who said it (department, role; without a company all that is known).
    ``about``: what it is about, not who said it (product, area). ``theme`` None: heard, in none."""

    id: str
    theme: str | None
    message: str
    company: str | None = None
    contact: str | None = None
    at: dt.datetime | None = None
    voice: Voice = NO_WORDS
    person: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)


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
    severity: (n,) NaN where theme is −1; ``signals`` likewise empty. volume: (months,) how much
    was heard of anything: distinct pairs of a company and a theme, or none.
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
    traits: Traits
    volume: Floats
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
    # What a company says of three themes is three voices: a month's volume is its theme voices.
    spoken = np.unique(np.stack([month[dated], who[dated], theme[dated]]), axis=1)[0]
    volume = np.bincount(spoken, minlength=months)
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
        _traits(rows, who, people, companies),
        volume.astype(np.float64),
        companies,
    )


def _speaker(said: Said) -> Who:
    if said.company is not None:
        return Who(COMPANY, said.company)
    if said.contact is not None:
        return Who(CONTACT, said.contact)
    return Who(MESSAGE, said.message)


def _traits(
    rows: Sequence[Said], who: Ints, people: Sequence[Who], companies: Mapping[str, Company]
) -> Traits:
    """Attributes of the company hold for all it says, attributes of a person for that statement."""
    known: dict[tuple[int, tuple[tuple[str, str], ...]], int] = {}
    kinds: list[dict[str, str]] = []
    of_row = np.empty(len(rows), dtype=np.int64)
    for row, (said, person) in enumerate(zip(rows, who.tolist(), strict=True)):
        speaker = people[person]
        key = (person if speaker.kind == COMPANY else -1, tuple(sorted(said.person.items())))
        if key not in known:
            company = companies.get(speaker.key) if speaker.kind == COMPANY else None
            known[key] = len(kinds)
            kinds.append({**(company.attributes if company else {}), **said.person})
        of_row[row] = known[key]
    attributes = tuple(sorted({name for kind in kinds for name in kind}))
    values = tuple(
        tuple(sorted({kind[name] for kind in kinds if name in kind})) for name in attributes
    )
    table = np.full((len(kinds), len(attributes)), -1, dtype=np.int64)
    for column, (name, named) in enumerate(zip(attributes, values, strict=True)):
        place = {value: i for i, value in enumerate(named)}
        table[:, column] = [place[kind[name]] if name in kind else -1 for kind in kinds]
    return Traits(attributes, values, table[of_row])


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


def month_voices(voices: Voices) -> Ints:
    """(themes, months) distinct pairs of someone who says it and a day on which they do."""
    rows = (voices.theme >= 0) & (voices.month >= 0)
    day = np.floor(voices.age[rows]).astype(np.int64)
    cell = voices.theme[rows] * voices.months + voices.month[rows]
    days = int(day.max(initial=0)) + 1
    return _distinct(cell, voices.who[rows] * days + day, (len(voices.themes), voices.months))


def whole_months(voices: Voices, counts: Ints) -> tuple[Ints, Floats]:
    """``counts`` (themes, months) and the volume (months,) with the oldest month in the next one
    when records begin at its end: themes that it lacks were not silent in it."""
    volume, age = voices.volume, float(np.nanmax(voices.age, initial=0.0))
    covered = age + MONTH_SLACK_DAYS - (voices.months - 1) * MONTH_DAYS
    if voices.months < 2 or covered >= MONTH_DAYS / 2 or volume[0] >= volume[1] / 2:
        return counts, volume
    first = counts[:, :2].sum(axis=1, keepdims=True)
    return np.append(first, counts[:, 2:], axis=1), np.append(volume[:2].sum(), volume[2:])


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


def spoken_months(voices: Voices) -> dict[str, csr_matrix]:
    """By attribute (themes, values): months in which those with that value spoke of the theme.

    What longevity learns from kin. Attributes of who said it have their own names, ``customer``
    is the company itself, and what it is about has an ``about `` before its name."""
    dated = (voices.theme >= 0) & (voices.month >= 0)
    named = voices.kinds[voices.who] == COMPANY if voices.people else np.zeros(0, np.bool_)
    about = sorted({name for said in voices.said for name in said.about})
    columns = {
        "customer": np.where(named, voices.who, -1),
        **{name: voices.traits.codes[:, i] for i, name in enumerate(voices.traits.attributes)},
        **{f"about {name}": _of(voices.said, name) for name in about},
    }
    tables = {}
    for name, code in columns.items():
        rows = dated & (code >= 0)
        if not rows.any():
            continue
        size = int(code.max()) + 1
        cells = np.unique(
            (voices.theme[rows] * size + code[rows]) * voices.months + voices.month[rows]
        )
        cell, months = np.unique(cells // voices.months, return_counts=True)
        tables[name] = csr_matrix(
            (months.astype(np.float64), (cell // size, cell % size)),
            shape=(len(voices.themes), size),
        )
    return tables


def _of(said: Sequence[Said], name: str) -> Ints:
    values, codes = _coded(said, lambda row: row.about.get(name))
    return np.where(codes == values.index(None), -1, codes) if None in values else codes


@dataclass(frozen=True)
class Reach:
    """Who was heard from in the period, and who faces what.

    theme, who: distinct pairs of a theme and someone who faces it. people: (p,) who was heard
    from. segments: of the companies among them; of contacts, or messages, where there are none.
    """

    theme: Ints
    who: Ints
    people: Ints
    segments: Segments


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
    # Companies before contacts before messages: the kinds are numbered so.
    unit = int(voices.kinds[people].min(initial=MESSAGE))
    counted = here & (voices.kinds[voices.who] == unit) if voices.people else here
    traits = voices.traits
    segments = segments_of(
        Traits(traits.attributes, traits.values, traits.codes[counted]),
        voices.who[counted],
        voices.theme[counted],
        len(voices.themes),
    )
    return Reach(theme, who, people, segments)

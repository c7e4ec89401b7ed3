"""The quality of a run: measured when it is made, kept with it, shown to people."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.themes.continuity import Proposal
from vocloop.themes.dial import Dial
from vocloop.themes.discover import Discovery
from vocloop.themes.quality import Quality, of_run
from vocloop_models import SHOWN_STATES, ClusterRun, RunState, Theme, ThemeMembership
from vocloop_models.bulk import among

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# Runs whose figures are shown beside the newest one.
HISTORY = 12
# Of a theme that the newest run did not measure.
_UNTOLD: Mapping[str, float | None] = {"stability": None, "separation": None}


@dataclass(frozen=True)
class Measured:
    """Of the themes that a run wrote, by label: ``stability`` and ``separation`` (see
    themes.quality), ``near``: pairs that are perhaps one, with their cosine."""

    quality: Quality
    languages: dict[str, int]
    stability: dict[int, float]
    separation: dict[int, float]
    near: list[tuple[int, int, float]]


def measure(found: Discovery, labels: Ints, languages: Sequence[str]) -> Measured:
    """The quality of themes ``labels`` (n,), −1 for none, that are carried over from ``found``.

    A theme has the stability and separation of the clusters that its members lie in (mean over
    members); one outside all clusters has neither, and does not count in the run's mean."""
    names, compact = np.unique(labels[labels >= 0], return_inverse=True)
    dense = np.full(len(labels), -1, np.int32)
    dense[labels >= 0] = compact
    both = np.flatnonzero((dense >= 0) & (found.labels >= 0))
    size = np.bincount(dense[both], minlength=len(names))

    def mean(of: Floats) -> Floats:
        total = np.bincount(dense[both], weights=of[found.labels[both]], minlength=len(names))
        return (total / np.maximum(size, 1)).astype(np.float32)

    stability, separation = mean(found.stability), mean(found.separation)
    whole = of_run(dense, found.points, languages, stability, separation)
    if size.any():
        whole = replace(
            whole,
            stability=float(np.average(stability, weights=size)),
            separation=float(np.average(separation, weights=size)),
        )
    told = [i for i in range(len(names)) if size[i]]
    return Measured(
        whole,
        dict(Counter(languages).most_common()),
        {int(names[i]): round(float(stability[i]), 3) for i in told},
        {int(names[i]): round(float(separation[i]), 3) for i in told},
        [(int(names[a]), int(names[b]), near) for a, b, near in whole.near_duplicates],
    )


def merges(near: Sequence[tuple[int, int, float]], known: Sequence[Proposal]) -> list[Proposal]:
    """Near-duplicate themes as proposals to merge the smaller (the later) into the other one,
    without those that are proposed already."""
    asked = {frozenset(each.themes) for each in known if each.kind == "merge"}
    rows = np.zeros(0, np.int32)
    return [
        Proposal("merge", (a, b), rows, cosine)
        for a, b, cosine in near
        if frozenset((a, b)) not in asked
    ]


def told(
    measured: Measured, dial: Dial, usual: float | None, themes: Mapping[int, uuid.UUID]
) -> dict[str, Any]:
    """What a run keeps of its quality; ids as text."""
    whole = measured.quality
    return {
        "stability": _rounded(whole.stability),
        "separation": _rounded(whole.separation),
        "mixed": _rounded(whole.mixed),
        "languages": measured.languages,
        "usual_nearness": _rounded(usual),
        "dial": asdict(dial),
        "themes": {
            str(themes[label]): {
                "stability": measured.stability[label],
                "separation": measured.separation[label],
            }
            for label in measured.stability
            if label in themes
        },
        "near_duplicates": [
            [str(themes[a]), str(themes[b]), near]
            for a, b, near in measured.near
            if a in themes and b in themes
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


@dataclass(frozen=True)
class ThemeQuality:
    theme: Theme
    statements: int
    stability: float | None
    separation: float | None


@dataclass(frozen=True)
class NearPair:
    theme: Theme
    other: Theme
    nearness: float


@dataclass(frozen=True)
class RunQuality:
    """The figures of one run, shares in [0, 1]; None where it could not tell."""

    run_id: uuid.UUID
    finished_at: dt.datetime | None
    statements: int
    themes: int
    unassigned: float
    stability: float | None
    separation: float | None
    mixed: float | None
    languages: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """``runs``: newest first; ``themes``: the least stable first; ``dial`` None before the first
    run that kept it."""

    runs: list[RunQuality]
    themes: list[ThemeQuality]
    near_duplicates: list[NearPair]
    dial: Dial | None


def standing_of(session: Session, most: int | None = None) -> Standing:
    """How good the themes of today are, as far as it can be told without people, and how good
    those of earlier runs were. ``most``: of how many themes to tell; None for all."""
    runs = session.exec(
        select(ClusterRun)
        .where(ClusterRun.state == RunState.DONE)
        .order_by(col(ClusterRun.id).desc())
        .limit(HISTORY)
    ).all()
    if not runs:
        return Standing([], [], [], None)
    kept = runs[0].quality
    figures = {uuid.UUID(each): told for each, told in kept.get("themes", {}).items()}
    pairs = [(uuid.UUID(a), uuid.UUID(b), n) for a, b, n in kept.get("near_duplicates", [])]
    dial = kept.get("dial")
    ranked = _least_stable(session, figures)[:most]
    named = {*ranked, *(theme for a, b, _ in pairs for theme in (a, b))}
    shown = {
        theme.id: theme
        for theme in session.exec(
            select(Theme).where(
                among(session, col(Theme.id), named), col(Theme.state).in_(SHOWN_STATES)
            )
        )
    }
    sizes = dict(
        session.exec(
            select(ThemeMembership.theme_id, func.count())
            .where(among(session, col(ThemeMembership.theme_id), ranked))
            .group_by(col(ThemeMembership.theme_id))
        ).all()
    )
    return Standing(
        [_figures(run) for run in runs],
        [
            ThemeQuality(shown[theme], sizes.get(theme, 0), **figures.get(theme, _UNTOLD))
            for theme in ranked
            if theme in shown
        ],
        [NearPair(shown[a], shown[b], n) for a, b, n in pairs if a in shown and b in shown],
        Dial(**dial | {"curve": [(s, c) for s, c in dial["curve"]]}) if dial else None,
    )


def _least_stable(
    session: Session, figures: Mapping[uuid.UUID, Mapping[str, float | None]]
) -> list[uuid.UUID]:
    """The themes of today; before the least stable one those that the run did not measure."""
    numbers = session.execute(
        rows_of(col(Theme.id), col(Theme.number)).where(col(Theme.state).in_(SHOWN_STATES))
    )

    def place(row: tuple[uuid.UUID, int]) -> tuple[float, int]:
        stability = figures.get(row[0], _UNTOLD)["stability"]
        return -1.0 if stability is None else stability, row[1]

    return [theme for theme, _ in sorted(numbers, key=place)]


def _figures(run: ClusterRun) -> RunQuality:
    return RunQuality(
        run.id,
        run.finished_at,
        run.statements,
        run.themes,
        run.unassigned / run.statements if run.statements else 0.0,
        run.quality.get("stability"),
        run.quality.get("separation"),
        run.quality.get("mixed"),
        run.quality.get("languages", {}),
    )

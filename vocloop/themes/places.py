"""A map of themes: like problems lie near each other. Drawn by each run, from themes' middles."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes
from sqlalchemy import delete
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.themes import query
from vocloop_models import (
    SHOWN_STATES,
    Area,
    Statement,
    StatementVector,
    Theme,
    ThemeMembership,
    ThemePlace,
    ThemeScore,
)

Floats = NDArray[np.float64]

# Nearest themes that are kept with each.
NEIGHBOURS = 8
# Fewer themes are laid out by their two main axes: t-SNE (van der Maaten & Hinton, 2008) wants
# more neighbours than that.
LEAST_TSNE = 8
PERPLEXITY = 15.0
SEED = 7
ROWS = 5_000


@dataclass(frozen=True)
class Placed:
    """A theme on the map; x and y in [0, 1]. Figures are None before it has a score."""

    theme: query.Titled
    area: Area | None
    x: float
    y: float
    impact: float | None
    impact_low: float | None
    impact_high: float | None
    customers: int | None


@dataclass(frozen=True)
class Neighbour:
    """``nearness``: cosine of the two middles."""

    theme: Theme
    nearness: float


def place_themes(session: Session, encoder: str) -> int:
    """Write the place and the neighbours of every shown theme; how many. The same vectors give
    the same map, and a theme that was on it stays about where it was."""
    ids, middles = _middles(session, encoder)
    before = {p.theme_id: (p.x, p.y) for p in session.exec(select(ThemePlace))}
    session.exec(delete(ThemePlace))
    if not ids:
        return 0
    cosine = middles @ middles.T
    places = layout(middles, [before.get(theme) for theme in ids])
    for i, theme in enumerate(ids):
        order = [int(j) for j in np.argsort(-cosine[i], kind="stable") if j != i][:NEIGHBOURS]
        session.add(
            ThemePlace(
                theme_id=theme,
                x=round(float(places[i, 0]), 4),
                y=round(float(places[i, 1]), 4),
                near=[[str(ids[j]), round(float(cosine[i, j]), 3)] for j in order],
            )
        )
    session.flush()
    return len(ids)


def layout(middles: Floats, before: Sequence[tuple[float, float] | None]) -> Floats:
    """(k, d) unit rows → (k, 2) in [0, 1]. Begins from ``before`` where most have a place, from
    the two main axes else."""
    axes = _main_axes(middles)
    if len(middles) < LEAST_TSNE:
        return _unit_square(axes)
    # scikit-learn takes long to load, and only a run draws maps.
    from sklearn.manifold import TSNE

    kept = [i for i, place in enumerate(before) if place is not None]
    start = axes
    if 2 * len(kept) > len(middles):
        start = np.array([place or (0.5, 0.5) for place in before], np.float64)
        for i in sorted(set(range(len(middles))) - set(kept)):
            nearest = kept[int(np.argmax(middles[kept] @ middles[i]))]
            # A hair's breadth apart, so that the two can part.
            start[i] = start[nearest] + 1e-3 * (axes[i] - axes[nearest])
    # As t-SNE wants it: small, so that the first steps are free.
    start = 1e-4 * (start - start.mean(axis=0)) / max(float(start[:, 0].std()), 1e-9)
    found = TSNE(
        perplexity=min(PERPLEXITY, (len(middles) - 1) / 3),
        init=start.astype(np.float32),
        metric="cosine",
        random_state=SEED,
        n_jobs=1,
    ).fit_transform(middles.astype(np.float32))
    return _unit_square(_turned(np.asarray(found, np.float64), before, kept))


def _turned(
    places: Floats, before: Sequence[tuple[float, float] | None], kept: Sequence[int]
) -> Floats:
    """A map may be turned and mirrored freely: so that it lies as it did ``before`` (orthogonal
    Procrustes problem; Schönemann, 1966)."""
    if 2 * len(kept) <= len(places):
        return places
    old = np.array([before[i] for i in kept], np.float64)
    new = places[kept]
    turn, _ = orthogonal_procrustes(new - new.mean(axis=0), old - old.mean(axis=0))
    return np.asarray((places - new.mean(axis=0)) @ turn, np.float64)


def neighbours(session: Session, theme_id: uuid.UUID) -> list[Neighbour]:
    """The nearest themes that are still shown, nearest first; none before a run drew the map."""
    place = session.get(ThemePlace, theme_id)
    if place is None:
        return []
    near = {uuid.UUID(str(other)): float(cosine) for other, cosine in place.near}
    shown = session.exec(
        select(Theme).where(col(Theme.id).in_(near), col(Theme.state).in_(SHOWN_STATES))
    )
    found = [Neighbour(theme, near[theme.id]) for theme in shown]
    return sorted(found, key=lambda each: (-each.nearness, each.theme.number))


def on_the_map(session: Session) -> list[Placed]:
    """Shown themes that have a place, by number."""
    areas = {area.id: area for area in session.exec(select(Area))}
    rows = session.execute(
        rows_of(
            *query.TITLED,
            col(ThemePlace.x),
            col(ThemePlace.y),
            col(ThemeScore.impact),
            col(ThemeScore.impact_low),
            col(ThemeScore.impact_high),
            col(ThemeScore.customers),
        )
        .join(ThemePlace, col(ThemePlace.theme_id) == col(Theme.id))
        .join(
            ThemeScore,
            (col(ThemeScore.theme_id) == col(Theme.id))
            & (col(ThemeScore.day) == col(Theme.scored_on)),
            isouter=True,
        )
        .where(col(Theme.state).in_(SHOWN_STATES))
        .order_by(col(Theme.number))
    )
    wide = len(query.TITLED)
    return [
        Placed(theme, areas.get(theme.area_id) if theme.area_id else None, *figures)
        for theme, figures in ((query.Titled(*row[:wide]), row[wide:]) for row in rows)
    ]


def _middles(session: Session, encoder: str) -> tuple[list[uuid.UUID], Floats]:
    """Shown themes with vectors, by number, and the mean direction of each, (k, d) unit rows.

    The mean of each language is taken off first: what is said in Japanese would lie on one side of
    the map otherwise, whatever it is about."""
    order = session.exec(
        select(Theme.id).where(col(Theme.state).in_(SHOWN_STATES)).order_by(col(Theme.number))
    ).all()
    rows = session.exec(
        select(ThemeMembership.theme_id, Statement.language, StatementVector.vector)
        .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
        .join(StatementVector, col(StatementVector.statement_id) == col(Statement.id))
        .where(StatementVector.encoder == encoder)
        .execution_options(yield_per=ROWS)
    )
    sums: dict[tuple[uuid.UUID, str], Floats] = {}
    counts: dict[tuple[uuid.UUID, str], int] = {}
    for theme, language, packed in rows:
        key = theme, language
        vector = np.frombuffer(packed, "<f2").astype(np.float64)
        sums[key] = sums[key] + vector if key in sums else vector
        counts[key] = counts.get(key, 0) + 1
    usual: dict[str, Floats] = {}
    for language in {language for _, language in sums}:
        own = [key for key in sums if key[1] == language]
        total = np.sum([sums[key] for key in own], axis=0)
        usual[language] = total / sum(counts[key] for key in own)
    middle: dict[uuid.UUID, Floats] = {}
    for (theme, language), total in sums.items():
        part = total - counts[theme, language] * usual[language]
        middle[theme] = middle[theme] + part if theme in middle else part
    ids = [theme for theme in order if theme in middle]
    if not ids:
        return [], np.zeros((0, 0))
    found = np.stack([middle[theme] for theme in ids])
    return ids, found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)


def _main_axes(points: Floats) -> Floats:
    """(k, d) → (k, 2): the two directions of most variance, their signs fixed."""
    centred = points - points.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    axes = np.zeros((len(points), 2))
    for i in range(min(2, len(s))):
        column = u[:, i] * s[i]
        axes[:, i] = column * (1 if column[int(np.argmax(np.abs(column)))] >= 0 else -1)
    return axes


def _unit_square(places: Floats) -> Floats:
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    return np.where(span > 0, (places - low) / np.where(span > 0, span, 1), 0.5)

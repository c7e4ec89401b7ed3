"""Areas: the level above themes. Found anew by each run, the same areas as before to people."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.themes.query import TITLED, Titled
from vocloop_models import KNOWN_STATES, SHOWN_STATES, Area, Theme, ThemeMembership

Ints = NDArray[np.int32]

# Keywords in the title of an area.
TITLE_WORDS = 3
JOINED = {"ja": "・", "en": ", "}


def of_themes(labels: Ints, clusters: Ints, areas: Ints) -> dict[int, int]:
    """The area of each theme of ``labels`` (n,) that has members in ``clusters`` (n,): that of
    most of its members' clusters. ``areas`` (k,): the area of each cluster."""
    both = (labels >= 0) & (clusters >= 0)
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    pairs = np.stack([labels[both], areas[clusters[both]]], axis=1)
    for (theme, area), n in zip(*np.unique(pairs, axis=0, return_counts=True), strict=True):
        votes[int(theme)][int(area)] += int(n)
    return {theme: min(found, key=lambda a: (-found[a], a)) for theme, found in votes.items()}


def write_areas(
    session: Session, themes: Mapping[int, uuid.UUID], areas: Mapping[int, int]
) -> None:
    """Give every known theme its area. ``themes``: ids by label; ``areas``: a run's area number
    by label.

    A run's area is the earlier one with which it has most in common, in statements of themes, one
    to one (the assignment problem on the Jaccard index); others are new. A theme that the run says
    nothing of stays where it was, and goes to the largest area when it was nowhere."""
    known = session.exec(
        select(Theme).where(col(Theme.state).in_(KNOWN_STATES)).order_by(col(Theme.number))
    ).all()
    sizes = sizes_of(session)
    number: dict[uuid.UUID, int] = {}
    for label in sorted(areas):
        if label in themes:
            number.setdefault(themes[label], areas[label])
    seen = [theme for theme in known if theme.id in number]
    ids = _matched(seen, number, sizes)
    for area in sorted(set(number.values()) - set(ids)):
        made = Area()
        session.add(made)
        ids[area] = made.id
    for theme in known:
        if theme.id in number:
            theme.area_id = ids[number[theme.id]]
        elif theme.area_id is None and ids:
            theme.area_id = ids[min(ids)]
    session.flush()
    name_areas(session, known, sizes)


def sizes_of(session: Session) -> dict[uuid.UUID, int]:
    return dict(
        session.exec(
            select(ThemeMembership.theme_id, func.count()).group_by(col(ThemeMembership.theme_id))
        ).all()
    )


def _matched(
    themes: Sequence[Theme], number: Mapping[uuid.UUID, int], sizes: Mapping[uuid.UUID, int]
) -> dict[int, uuid.UUID]:
    """The earlier area that continues as each number, for those that have one."""
    old = sorted({theme.area_id for theme in themes if theme.area_id is not None})
    if not old:
        return {}
    common = np.zeros((len(old), max(number.values()) + 1))
    before, after = np.zeros(len(old)), np.zeros(common.shape[1])
    for theme in themes:
        weight = sizes.get(theme.id, 0) + 1
        after[number[theme.id]] += weight
        if theme.area_id is None:
            continue
        before[old.index(theme.area_id)] += weight
        common[old.index(theme.area_id), number[theme.id]] += weight
    jaccard = common / np.maximum(before[:, None] + after[None, :] - common, 1)
    pairs = zip(*linear_sum_assignment(jaccard, maximize=True), strict=True)
    return {int(new): old[area] for area, new in pairs if jaccard[area, new] > 0}


def name_areas(session: Session, themes: Sequence[Theme], sizes: Mapping[uuid.UUID, int]) -> None:
    """Title each area by the keywords that stand first in its themes, by size, and in few other
    areas."""
    members: dict[uuid.UUID, list[Theme]] = defaultdict(list)
    for theme in themes:
        if theme.area_id is not None and theme.state in SHOWN_STATES:
            members[theme.area_id].append(theme)
    for language in ("ja", "en"):
        weight = {
            area: _weights(own, sizes, f"keywords_{language}") for area, own in members.items()
        }
        spread = Counter(word for words in weight.values() for word in words)
        for area in session.exec(select(Area).where(col(Area.id).in_(members))):
            rare = {
                word: w * float(np.log1p(len(members) / spread[word]))
                for word, w in weight[area.id].items()
            }
            title = JOINED[language].join(_distinct(rare))[:300] or None
            if getattr(area, f"title_{language}") != title:
                setattr(area, f"title_{language}", title)
    session.flush()


def _weights(
    themes: Sequence[Theme], sizes: Mapping[uuid.UUID, int], keywords: str
) -> Counter[str]:
    weight: Counter[str] = Counter()
    for theme in themes:
        for place, word in enumerate(getattr(theme, keywords), start=1):
            weight[word] += (sizes.get(theme.id, 0) + 1) / place  # type: ignore[assignment]
    return weight


def _distinct(weight: Mapping[str, float]) -> list[str]:
    taken: list[str] = []
    for word in sorted(weight, key=lambda w: (-weight[w], w)):
        if not any(word in t or t in word for t in taken):
            taken.append(word)
        if len(taken) == TITLE_WORDS:
            break
    return taken


@dataclass(frozen=True)
class AreaBranch:
    """An area with its shown themes, largest first, each with the number of its statements."""

    area: Area
    statements: int
    themes: list[tuple[Titled, int]]


def area_tree(session: Session) -> list[AreaBranch]:
    """All areas that have themes, the one with most statements first."""
    sizes = sizes_of(session)
    areas = {area.id: area for area in session.exec(select(Area))}
    themes: dict[uuid.UUID, list[tuple[Titled, int]]] = defaultdict(list)
    for row in session.execute(rows_of(*TITLED).where(col(Theme.state).in_(SHOWN_STATES))):
        theme = Titled(*row)
        if theme.area_id in areas:
            themes[theme.area_id].append((theme, sizes.get(theme.id, 0)))
    for own in themes.values():
        own.sort(key=lambda each: (-each[1], each[0].id))
    branches = [AreaBranch(areas[a], sum(n for _, n in own), own) for a, own in themes.items()]
    return sorted(branches, key=lambda branch: (-branch.statements, branch.area.id))


def areas_by_size(session: Session) -> list[Area]:
    """All areas that have shown themes, the one with most of them first."""
    rows = session.exec(
        select(Area)
        .join(Theme, col(Theme.area_id) == col(Area.id))
        .where(col(Theme.state).in_(SHOWN_STATES))
        .group_by(col(Area.id))
        .order_by(func.count(col(Theme.id)).desc(), col(Area.id))
    )
    return list(rows)

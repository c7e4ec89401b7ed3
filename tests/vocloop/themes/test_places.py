"""The map: like themes near each other, the same map from the same themes."""

from __future__ import annotations

import numpy as np
import pytest
from sqlmodel import Session

from vocloop.themes.places import layout, neighbours, on_the_map, place_themes
from vocloop_models import (
    AssignedBy,
    Feedback,
    Statement,
    StatementVector,
    Theme,
    ThemeMembership,
    ThemePlace,
    ThemeState,
)

ENCODER = "test"
DIMENSIONS = 16


def unit(points: np.ndarray) -> np.ndarray:
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def groups(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """30 themes in three groups, (30, 16), and their groups."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(3, DIMENSIONS)) * 3
    group = np.repeat(np.arange(3), 10)
    return unit(centres[group] + random.normal(size=(30, DIMENSIONS))), group


def test_groups_lie_apart_inside_the_square() -> None:
    points, group = groups()
    places = layout(points, [None] * len(points))
    assert places.min() >= 0
    assert places.max() <= 1
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    same = group[:, None] == group[None]
    assert distance[same].mean() < 0.5 * distance[~same].mean()


def test_the_same_themes_give_the_same_map_and_a_new_one_turns_nothing_over() -> None:
    points, _ = groups()
    first = layout(points[:-1], [None] * 29)
    assert np.array_equal(first, layout(points[:-1], [None] * 29))
    before = [(float(x), float(y)) for x, y in first]
    second = layout(points, [*before, None])
    assert np.corrcoef(first[:, 0], second[:-1, 0])[0, 1] > 0.5
    assert np.corrcoef(first[:, 1], second[:-1, 1])[0, 1] > 0.5


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_few_themes_need_no_more_than_their_axes(count: int) -> None:
    points, _ = groups()
    places = layout(points[:count], [None] * count)
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()


def test_neighbours_are_the_nearest_that_are_shown(session: Session) -> None:
    points, _ = groups()
    themes = [Theme(number=n + 1) for n in range(6)]
    session.add_all(themes)
    session.flush()
    for theme, point in zip(themes, points[[0, 1, 2, 10, 11, 20]], strict=True):
        for language in ("ja", "en"):
            feedback = Feedback(
                source="t", external_id=f"{theme.number}{language}", text="x", language=language
            )
            session.add(feedback)
            session.flush()
            said = Statement(feedback_id=feedback.id, position=0, text="x", language=language)
            session.add(said)
            session.flush()
            # One language lies elsewhere altogether: the map must not show it.
            shift = np.full(DIMENSIONS, 5.0 if language == "ja" else 0.0)
            vector = (point + shift).astype("<f2").tobytes()
            session.add(StatementVector(statement_id=said.id, encoder=ENCODER, vector=vector))
            session.add(
                ThemeMembership(
                    statement_id=said.id,
                    theme_id=theme.id,
                    confidence=1,
                    assigned_by=AssignedBy.RUN,
                )
            )
    session.flush()
    assert place_themes(session, ENCODER) == 6
    near = [each.theme.number for each in neighbours(session, themes[0].id)]
    assert set(near[:2]) == {2, 3}
    themes[1].state = ThemeState.ARCHIVED
    session.flush()
    assert 2 not in [each.theme.number for each in neighbours(session, themes[0].id)]
    assert len(on_the_map(session)) == 5
    assert place_themes(session, "another model") == 0
    assert session.get(ThemePlace, themes[0].id) is None
    assert neighbours(session, themes[0].id) == []

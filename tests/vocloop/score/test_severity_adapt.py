"""What people of a workspace mark changes how its statements are judged, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from vocloop.score.severity import Voice, severities, traits
from vocloop.score.severity_adapt import (
    Taught,
    Teaching,
    concordance,
    learn,
    nearby,
    out_of_fold,
    pack,
    sloped,
    unpack,
)

COUNT = 80


def vectors(count: int = COUNT, seed: int = 0) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(count, 6))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


SILENT = traits([Voice("")] * COUNT)


def said(taught: Taught, rows: np.ndarray) -> np.ndarray:
    return nearby(taught, rows) + sloped(taught.slopes, SILENT[0])


def test_statements_near_taught_ones_follow_them() -> None:
    rows = vectors()
    targets = np.where(rows[:, 0] > 0, 2.0, -2.0)
    taught = learn("any", rows, SILENT, targets, np.ones(COUNT))
    found = said(taught, vectors(seed=1))
    assert roc_auc_score(vectors(seed=1)[:, 0] > 0, found) > 0.9


def test_words_that_mean_more_here_weigh_more_here() -> None:
    spoken = [Voice("error" if i % 2 else "") for i in range(COUNT)]
    targets = np.array([2.0 if i % 2 else -2.0 for i in range(COUNT)])
    taught = learn("any", vectors(), traits(spoken), targets, np.ones(COUNT))
    elsewhere = Teaching(0.0, taught.slopes)
    plain, here = severities([Voice("error"), Voice("error", teaching=elsewhere)])
    assert here.value > plain.value
    assert set(here.signals) == {"failure", "workspace"}


def test_a_label_of_weight_two_is_two_labels() -> None:
    rows, targets = vectors(), np.linspace(-2, 2, COUNT)
    twice = learn(
        "any", np.vstack([rows, rows]), SILENT * 2, np.tile(targets, 2), np.ones(2 * COUNT)
    )
    heavy = learn("any", rows, SILENT, targets, np.full(COUNT, 2.0))
    assert said(heavy, vectors(seed=2)) == pytest.approx(said(twice, vectors(seed=2)), abs=1e-4)


def test_no_statement_is_judged_by_its_own_label_nor_by_its_message() -> None:
    rows = np.repeat(vectors(COUNT // 2), 2, axis=0)
    targets = np.repeat(np.random.default_rng(3).normal(size=COUNT // 2), 2)
    group = np.arange(COUNT) // 2
    found = out_of_fold(rows, SILENT, targets, np.ones(COUNT), group)
    # Each statement has a twin with the same label: only the group keeps it from being known.
    assert abs(np.corrcoef(found, targets)[0, 1]) < 0.5


def test_it_comes_back_as_it_was_stored() -> None:
    taught = learn("any", vectors(), SILENT, np.linspace(-2, 2, COUNT), np.ones(COUNT))
    again = unpack(pack(taught))
    assert (again.encoder, again.slopes) == ("any", taught.slopes)
    assert said(again, vectors(seed=4)) == pytest.approx(said(taught, vectors(seed=4)), abs=0.02)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=30))
def test_with_two_targets_concordance_is_the_area_under_the_curve(
    rows: list[tuple[int, bool]],
) -> None:
    found, high = np.array([f for f, _ in rows], float), np.array([h for _, h in rows])
    share = concordance(found, high * 3.0 - 1, np.ones(len(rows)))
    expected = roc_auc_score(high, found) if 0 < high.sum() < len(high) else 0.5
    assert share == pytest.approx(expected)

"""A round solved while someone waits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from tests.ui.planned import plan
from vocloop.roadmap import scenarios
from vocloop.roadmap.nouns import Candidate, Limits, Roadmap
from vocloop_models.database import reading, transaction


def test_it_is_solved_in_the_time_that_one_waits_and_once_for_all_who_ask_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float | None, float]] = []

    def solve(items: Sequence[Candidate], limits: Limits, *, seconds: float) -> Roadmap:
        asked.append((limits.budget, seconds))
        return Roadmap({items[0].id: 0}, 1.0, optimal=False, gap=0.02)

    monkeypatch.setattr(scenarios, "solve", solve)
    with transaction(engine) as session:
        planned = plan(session)
    for _ in range(2):
        with reading(engine) as session:
            found = scenarios.preview(session, planned.round)
        assert (found.roadmap.optimal, found.roadmap.gap) == (False, 0.02)
    with reading(engine) as session:
        scenarios.preview(session, planned.round, {"budget": 3.0})
    assert asked == [(None, scenarios.WAITING_SECONDS), (3.0, scenarios.WAITING_SECONDS)]

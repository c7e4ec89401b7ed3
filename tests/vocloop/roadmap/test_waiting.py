"""What a round answers while someone waits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from tests.ui.planned import plan
from vocloop.roadmap import scenarios, waiting
from vocloop.roadmap.explain import Why
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
            found = waiting.preview(waiting.question(session, planned.round))
        assert (found.roadmap.optimal, found.roadmap.gap) == (False, 0.02)
    with reading(engine) as session:
        waiting.preview(waiting.question(session, planned.round, {"budget": 3.0}))
    assert asked == [(None, waiting.SOLVE_SECONDS), (3.0, waiting.SOLVE_SECONDS)]


def test_reasons_end_with_the_time_and_those_that_are_known_are_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def why(items: Sequence[Candidate], limits: Limits, item: str, *, seconds: float) -> Why:
        assert items
        assert limits.periods
        assert seconds == waiting.COMPARE_SECONDS
        asked.append(item)
        return Why(True, 1.0, None, None, None, [])

    monkeypatch.setattr(waiting.explain, "why", why)
    with transaction(engine) as session:
        planned = plan(session)
    with reading(engine) as session:
        question = waiting.question(session, planned.round)
    ids = [str(planned.item), str(planned.second)]
    monkeypatch.setattr(waiting, "REASONS_SECONDS", -1.0)
    assert list(waiting.reasons(question, ids)) == ids[:1]
    monkeypatch.setattr(waiting, "REASONS_SECONDS", 60.0)
    assert list(waiting.reasons(question, ids)) == ids
    assert asked == ids, "what was known already is not worked out again"

"""The best roadmap is the best, and what is said to flip an item flips it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from tests.vocloop.roadmap.rounds_at_random import best_value, draw, fits
from vocloop.errors import ConflictError, InvalidInputError
from vocloop.roadmap import arbitrate
from vocloop.roadmap.arbitrate import solve, weight
from vocloop.roadmap.explain import conflicts, effects, frontier, why
from vocloop.roadmap.nouns import Candidate, Floats, Limits

ROUNDS = 500


def test_no_roadmap_is_better_in_500_small_rounds() -> None:
    for seed in range(ROUNDS):
        items, limits = draw(seed)
        best = best_value(items, limits)
        if best is None:
            with pytest.raises(ConflictError, match="must"):
                solve(items, limits)
            continue
        found = solve(items, limits)
        assert found.optimal
        assert fits(items, limits, found.period), seed
        assert found.value == pytest.approx(best, abs=1e-6), seed


def test_what_time_ended_is_not_told_as_if_it_were_sure() -> None:
    items, limits = draw(3)
    reason = why(items, limits, items[0].id, seconds=0)
    assert not reason.proven
    assert (reason.value_to, reason.effort_to, reason.costs) == (None, None, None)
    assert why(items, limits, items[0].id).proven


def flipped(item: Candidate, items: list[Candidate], limits: Limits) -> bool:
    """Whether the item is in after all, when it stands in the round as ``item``."""
    changed = [item if each.id == item.id else each for each in items]
    return item.id in solve(changed, limits).period


def scaled(item: Candidate, share: float) -> Candidate:
    return replace(item, effort={d: weeks * share for d, weeks in item.effort.items()})


def test_an_item_changes_sides_just_beyond_what_is_said_and_not_before() -> None:
    values = efforts = 0
    for seed in range(60):
        items, limits = draw(seed, most=7)
        try:
            roadmap = solve(items, limits)
        except ConflictError:
            continue
        for item in items:
            reason = why(items, limits, item.id)
            if reason.costs is not None and reason.costs < 1e-3:
                continue  # a tie: either side is as good
            taken = item.id in roadmap.period
            assert reason.taken == taken
            step = -0.01 if taken else 0.01
            if reason.value_to is not None and reason.value_to > 0.02:
                values += 1
                assert flipped(replace(item, value=reason.value_to + step), items, limits) != taken
                assert flipped(replace(item, value=reason.value_to - step), items, limits) == taken
            if reason.effort_to is not None and reason.effort_to > 0.02:
                efforts += 1
                assert flipped(scaled(item, reason.effort_to - step), items, limits) != taken
                assert flipped(scaled(item, reason.effort_to + step), items, limits) == taken
    assert min(values, efforts) >= 40


def test_must_do_items_that_do_not_fit_are_named() -> None:
    items = [Candidate(name, 1.0, {"a": 3.0}) for name in "xy"]
    limits = Limits(1, {"a": [4.0]}, must=frozenset("xy"))
    with pytest.raises(ConflictError, match=r"at least 1 must go, for example [xy]"):
        solve(items, limits)


def test_what_needs_something_outside_the_round_is_out_and_no_must_do() -> None:
    items = [Candidate("x", 9.0, {"a": 1.0}, needs=["z"]), Candidate("y", 1.0, {"a": 1.0})]
    limits = Limits(1, {"a": [1.0]})
    roadmap = solve(items, limits)
    assert roadmap.period == {"y": 0}
    assert why(items, limits, "x").bound_by == ["needs z"]
    assert not why(items, limits, "x").taken
    assert conflicts(items, limits, roadmap) == []
    with pytest.raises(ConflictError, match="at least 1 must go, for example x"):
        solve(items, replace(limits, must=frozenset("x")))


def test_what_contradicts_itself_is_named() -> None:
    items = [Candidate("x", -1.0, needs=["z"])]
    limits = Limits(2, {"a": [1.0]}, must=frozenset("x"), must_not=frozenset("x"))
    with pytest.raises(InvalidInputError) as raised:
        solve(items, limits)
    assert {where for where, _ in raised.value.problems} == {"capacity", "x", "must"}


def test_items_come_as_early_as_there_is_room() -> None:
    items = [Candidate("x", 1.0, {"a": 1.0}), Candidate("y", 1.0, {"a": 1.0}, needs=["x"])]
    assert solve(items, Limits(3, {"a": [1.0, 1.0, 1.0]})).period == {"x": 0, "y": 1}


def test_the_frontier_holds_the_best_roadmap_of_every_weight() -> None:
    items, limits = draw(11, most=7)
    limits = replace(limits, must=frozenset())
    found = frontier(items, limits, "department", "a", low=0.0, high=4.0)
    assert (found[0].start, found[-1].end) == (0.0, 4.0)
    for stretch in found:
        for at in np.linspace(stretch.start, stretch.end, 5):
            best = solve(items, replace(limits, departments={**limits.departments, "a": float(at)}))
            kept = [i for i in items if i.id in stretch.roadmap.period]
            under = replace(limits, departments={**limits.departments, "a": float(at)})
            assert sum(i.value * weight(i, under) for i in kept) == pytest.approx(best.value)


def test_gains_losses_and_conflicts_are_told() -> None:
    items = [
        Candidate(
            "x", 3.0, {"a": 2.0, "c": 1.0}, effects={"a": 1.0, "b": -0.5}, segments={"food": 4}
        ),
        Candidate("y", 1.0, {"a": 2.0}, effects={"b": 1.0}, segments={"care": 2}),
    ]
    limits = Limits(1, {"a": [2.0], "c": [1.0]})
    roadmap = solve(items, limits)
    told = effects(items, limits, roadmap)
    assert told.departments == {"a": 3.0, "b": -1.5}
    assert (told.missed, told.segments, told.segments_missed) == (
        {"b": 1.0},
        {"food": 3.0},
        {"care": 1.0},
    )
    assert told.used == {"a": [2.0], "c": [1.0]}
    found = {(c.kind, c.department, c.items, c.declared) for c in conflicts(items, limits, roadmap)}
    assert found == {
        ("burden", "b", ("x",), True),
        ("burden", "c", ("x",), False),
        ("burden", "a", ("y",), False),
        ("capacity", "a", ("x", "y"), True),
    }


def test_a_large_round_keeps_its_limits_and_says_how_good_it_is() -> None:
    rng = np.random.default_rng(3)
    items = [
        Candidate(f"i{i}", float(rng.uniform(1, 2)), {"ab"[i % 2]: float(rng.integers(1, 4))})
        for i in range(100)
    ]
    limits = Limits(3, {"a": [20.0] * 3, "b": [15.0] * 3})
    found = solve(items, limits)
    assert fits(items, limits, found.period)
    assert found.gap < 0.01
    assert found.optimal == (found.gap == 0)


def test_capacity_that_no_work_can_fill_is_not_counted_as_room() -> None:
    items = [Candidate(f"i{i}", 1.0, {"a": 3.0}) for i in range(90)]
    found = solve(items, Limits(3, {"a": [32.0] * 3}))
    # Ten of three weeks fit into 32: over all quarters as one it would be 32 items.
    assert (len(found.period), found.optimal) == (30, True)


def test_a_large_round_keeps_what_must_be_done_and_what_it_needs() -> None:
    items = [Candidate(f"i{i}", float(i + 1), {"a": 2.0}) for i in range(90)]
    items[0] = replace(items[0], needs=["i1"])
    limits = Limits(3, {"a": [21.0] * 3}, must=frozenset({"i0"}), must_not=frozenset({"i89"}))
    found = solve(items, limits)
    assert {"i0", "i1"} <= set(found.period)
    assert "i89" not in found.period
    assert found.period["i1"] <= found.period["i0"]
    assert found.optimal


def test_a_round_that_time_stopped_at_nothing_tells_a_gap_that_is_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(costs: Floats, **_: object) -> OptimizeResult:
        nothing = {"x": np.zeros(len(costs)), "status": 1}
        return OptimizeResult(mip_gap=np.inf, mip_dual_bound=-np.inf, **nothing)

    monkeypatch.setattr(arbitrate, "milp", stopped)
    items = [Candidate(f"{n}", 2.0, {"dev": 1.0}) for n in range(3)]
    limits = Limits(2, {"dev": [5.0, 5.0]})
    programme = arbitrate.Programme(items, limits)
    found = programme.best()
    assert found is not None
    assert (found.value, found.optimal, found.gap, found.bound) == (0.0, False, 1.0, 6.0)

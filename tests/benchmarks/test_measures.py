"""The figures of the documentation mean what benchmarks/measures.py says they mean."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

SOURCE = Path(__file__).parents[2] / "benchmarks" / "measures.py"


def loaded() -> ModuleType:
    """benchmarks/ holds scripts, not a package."""
    spec = importlib.util.spec_from_file_location("benchmark_measures", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


measures = loaded()
assignments = st.lists(st.integers(-1, 4), min_size=1, max_size=40)


def judged(themes: list[int], labels: list[str], **given: list[str]) -> object:
    languages = given.get("languages", ["en"] * len(themes))
    return measures.quality(themes, labels, languages, given.get("pairs", [None] * len(themes)))


def test_the_labels_themselves_agree_wholly() -> None:
    found = judged([0, 0, 1, 1], ["a", "a", "b", "b"])
    assert (found.ami, found.ari, found.purity, found.unassigned) == (1, 1, 1, 0)


def test_leaving_texts_out_costs_agreement_but_not_purity() -> None:
    found = judged([0, 0, -1, 1, 1, -1], ["a", "a", "a", "b", "b", "b"])
    assert found.ari < 1
    assert found.ami < 1
    assert found.purity == 1
    assert found.unassigned == pytest.approx(1 / 3)


def test_what_belongs_to_no_theme_is_left_out_of_agreement() -> None:
    found = judged([0, 0, 1, 1, 0, -1], ["a", "a", "b", "b", "oos", "oos"])
    assert (found.ami, found.ari, found.purity) == (1, 1, 1)
    assert found.unassigned == pytest.approx(1 / 6)


def test_translations_are_together_only_in_a_theme() -> None:
    pairs = ["p", "p", "q", "q", "r", "r", "alone"]
    languages = ["ja", "en"] * 3 + ["ja"]
    assert measures.pairs_together([0, 0, 0, 1, -1, -1, 0], languages, pairs) == pytest.approx(
        1 / 3
    )


def test_a_theme_mixes_when_each_language_has_half_its_share() -> None:
    languages = ["ja", "en"] * 8
    both = [0] * 8 + [1] * 8
    apart = [0 if g == "ja" else 1 for g in languages]
    assert measures.mixed(both, languages) == 1
    assert measures.mixed(apart, languages) == 0
    assert measures.mixed(both, ["en"] * 16) is None


def test_a_giant_theme_holds_no_other_theme_still() -> None:
    first = {str(i): i // 10 for i in range(30)}
    found = measures.survival(first, dict.fromkeys(first, 0))
    assert found.still == 0
    assert found.identical == 0


def test_a_theme_that_lost_a_few_texts_is_still_there_but_not_identical() -> None:
    first = {str(i): i // 10 for i in range(20)}
    second = first | {"0": -1, "1": 1}
    found = measures.survival(first, second)
    assert (found.still, found.identical) == (1, 0)
    assert 0 < found.ari < 1


def test_only_common_texts_are_looked_at() -> None:
    first = {str(i): i // 10 for i in range(20)}
    found = measures.survival(first, first | {f"new-{i}": 0 for i in range(50)})
    assert (found.ari, found.still, found.identical) == (1, 1, 1)


@given(assignments, st.permutations(range(5)))
def test_a_run_survives_itself_whatever_its_themes_are_called(
    themes: list[int], names: list[int]
) -> None:
    first = {str(i): t for i, t in enumerate(themes)}
    second = {i: names[t] if t >= 0 else -1 for i, t in first.items()}
    found = measures.survival(first, second)
    assert found.ari == pytest.approx(1)
    assert found.identical in {None, 1}
    assert found.still in {None, 1}


@given(assignments)
def test_each_unassigned_text_is_a_theme_of_its_own(themes: list[int]) -> None:
    found = measures.singletons(themes)
    alone = [t for t, given in zip(found, themes, strict=True) if given < 0]
    assert len(set(alone)) == len(alone)
    assert not set(alone) & {t for t in themes if t >= 0}

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vocloop.encode import BALANCE, load_encoder
from vocloop.encode.pair import PairEncoder
from vocloop.encode.port import Encoder, Progress
from vocloop.encode.universal import UniversalEncoder


class Counting:
    """Remembers what it was given."""

    dimensions = 2

    def __init__(self, name: str) -> None:
        self.name = name
        self.given: list[str] = []

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        self.given += texts
        if progress:
            progress(len(texts), len(texts))
        return np.tile(np.array([0.6, 0.8], np.float32), (len(texts), 1))


@pytest.fixture(scope="module")
def universal() -> UniversalEncoder:
    return UniversalEncoder()


@pytest.fixture(scope="module")
def pair(model_cache: Path) -> Encoder:
    return load_encoder("default", model_cache)


def test_both_halves_are_there_in_their_share() -> None:
    vectors = PairEncoder(Counting("a"), Counting("b"), 0.6).encode(["x"])
    assert vectors.shape == (1, 4)
    assert np.allclose(vectors[0], [0.36, 0.48, 0.48, 0.64])


def test_its_name_tells_both_models_and_the_balance() -> None:
    assert PairEncoder(Counting("a"), Counting("b"), 0.6).name == "a+b*0.6"


def test_width_of_characters_makes_no_difference() -> None:
    first = Counting("a")
    PairEncoder(first, Counting("b"), 0.6).encode(["ﾄﾞﾗｲﾊﾞｰ　ＣＳＶ"])
    assert first.given == ["ドライバー CSV"]


def test_progress_counts_each_text_once() -> None:
    told: list[tuple[int, int]] = []
    PairEncoder(Counting("a"), Counting("b"), 0.6).encode(
        ["x"] * 10, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(5, 10), (10, 10)]


def test_the_default_is_the_pair(pair: Encoder) -> None:
    assert "e5" in pair.name
    assert "universal-sentence-encoder" in pair.name
    assert pair.name.endswith(f"*{BALANCE}")
    assert pair.dimensions == 384 + 512


def test_rows_have_length_one_and_no_texts_give_no_rows(pair: Encoder) -> None:
    vectors = pair.encode(["承認が止まる", "Approvals stall.", "😀", ""])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert pair.encode([]).shape == (0, pair.dimensions)


def test_a_text_means_the_same_alone_and_among_others(universal: UniversalEncoder) -> None:
    texts = ["承認が止まる", "Approvals stall when the manager is away.", "a", "x " * 900] * 20
    together = universal.encode(texts)
    for i in range(4):
        assert np.allclose(universal.encode([texts[i]])[0], together[i], atol=1e-5)


def test_the_same_problem_is_nearest_in_the_other_language(pair: Encoder) -> None:
    english = ["The CSV export stops halfway.", "I was logged out again.", "Mail arrives twice."]
    japanese = ["CSVの書き出しが途中で止まる", "またログアウトされた", "メールが二重に届く"]
    likeness = pair.encode(english) @ pair.encode(japanese).T
    assert likeness.argmax(axis=1).tolist() == [0, 1, 2]


def test_half_a_character_is_no_error(universal: UniversalEncoder) -> None:
    assert np.isfinite(universal.encode(["broken \ud83d text"])).all()

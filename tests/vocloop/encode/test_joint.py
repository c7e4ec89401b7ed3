from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from vocloop.encode.joint import JointEncoder, Part, in_latin_script
from vocloop.encode.port import Encoder, Progress
from vocloop.encode.universal import UniversalEncoder

pytestmark = pytest.mark.model


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


def joint(first: Counting, second: Counting) -> JointEncoder:
    return JointEncoder(Part(first, 0.6), Part(second, 0.8, in_latin_script))


@pytest.fixture(scope="module")
def universal() -> UniversalEncoder:
    return UniversalEncoder()


def test_each_part_has_its_share() -> None:
    vectors = joint(Counting("a"), Counting("b")).encode(["x"])
    assert np.allclose(vectors[0], [0.36, 0.48, 0.48, 0.64])


def test_a_part_that_does_not_read_a_text_leaves_it_to_the_others() -> None:
    second = Counting("b")
    vectors = joint(Counting("a"), second).encode(["承認が止まる", "stalls"])
    assert np.allclose(vectors[0], [0.6, 0.8, 0, 0])
    assert second.given == ["stalls"]


def test_its_name_tells_the_models_and_their_shares() -> None:
    assert joint(Counting("a"), Counting("b")).name == "a*0.6+b*0.8"


def test_width_of_characters_makes_no_difference() -> None:
    first = Counting("a")
    joint(first, Counting("b")).encode(["ﾄﾞﾗｲﾊﾞｰ　ＣＳＶ"])
    assert first.given == ["ドライバー CSV"]


def test_a_text_in_capitals_is_read_in_small_letters() -> None:
    first = Counting("a")
    joint(first, Counting("b")).encode(
        ["38YOF FELL ON ICE. DX: WRIST FX", "ABS warning", "HTTP ERROR", "ＥＲＰのＡＰＩで障害です"]
    )
    assert first.given == [
        "38yof fell on ice. dx: wrist fx",
        "ABS warning",
        "HTTP ERROR",
        "ERPのAPIで障害です",
    ]


def test_progress_counts_each_text_once() -> None:
    told: list[tuple[int, int]] = []
    joint(Counting("a"), Counting("b")).encode(
        ["x"] * 10, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(5, 10), (10, 10), (10, 10)]


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Approvals stall.", True),
        ("Réservé à l'administrateur", True),
        ("承認が止まる", False),
        ("CSVの書き出し", False),
        ("Ошибка", False),
        ("123 – 😀", False),
        ("", False),
    ],
)
def test_what_an_english_model_reads(text: str, latin: bool) -> None:
    assert in_latin_script(text) is latin


def test_the_default_holds_all_offline_models(default_encoder: Encoder) -> None:
    for name in ("e5", "universal-sentence-encoder", "all-MiniLM-L6-v2"):
        assert name in default_encoder.name
    assert default_encoder.dimensions == 384 + 512 + 384


def test_rows_have_length_one_and_no_texts_give_no_rows(default_encoder: Encoder) -> None:
    vectors = default_encoder.encode(["承認が止まる", "Approvals stall.", "😀", ""])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert default_encoder.encode([]).shape == (0, default_encoder.dimensions)


def test_a_text_means_the_same_alone_and_among_others(universal: UniversalEncoder) -> None:
    texts = ["承認が止まる", "Approvals stall when the manager is away.", "a", "x " * 900] * 20
    together = universal.encode(texts)
    for i in range(4):
        assert np.allclose(universal.encode([texts[i]])[0], together[i], atol=1e-5)


def test_the_same_problem_is_nearest_in_the_other_language(default_encoder: Encoder) -> None:
    english = ["The CSV export stops halfway.", "I was logged out again.", "Mail arrives twice."]
    japanese = ["CSVの書き出しが途中で止まる", "またログアウトされた", "メールが二重に届く"]
    likeness = default_encoder.encode(english) @ default_encoder.encode(japanese).T
    assert likeness.argmax(axis=1).tolist() == [0, 1, 2]


def test_half_a_character_is_no_error(universal: UniversalEncoder) -> None:
    assert np.isfinite(universal.encode(["broken \ud83d text"])).all()

"""The head reads severity from vectors, as it was taught by marked texts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocloop.encode import Encoder
from vocloop.score.severity import Voice, severities, statement_severity
from vocloop.score.severity_head import (
    LENSES,
    Head,
    Lens,
    Reading,
    core,
    default_head,
    head_for,
    pack,
    read,
    scores,
    unpack,
)
from vocloop.score.severity_training import Lensed, Marked, train

EXAMPLES = Path(__file__).parents[3] / "examples" / "severity"


def own() -> Head:
    head = default_head()
    assert head is not None
    return head


def towards(harm: np.ndarray, seed: int = 0) -> np.ndarray:
    """(n, 8) vectors of length 1 that lean to one side by ``harm`` (n,), else random."""
    made = np.random.default_rng(seed).normal(size=(len(harm), 8)) / 3
    made[:, 0] += harm - 2
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def lesson(count: int = 150) -> tuple[Marked, Lensed, np.ndarray]:
    """Texts whose level shows in their vectors; those of level 4 are on the mainstream."""
    levels = np.arange(count) % 5.0
    lenses = np.zeros((count, len(LENSES)))
    lenses[:, LENSES.index(Lens.MAINSTREAM)] = levels == 4
    vectors, all_, own_ = core(towards(levels)), np.ones(count), np.ones(count, np.bool_)
    groups = np.arange(count) // 5
    return (
        Marked(vectors, levels, all_, own_, groups, np.zeros(count)),
        Lensed(vectors, lenses, all_, own_, groups),
        # Voices as they come: hardly one of them on the mainstream.
        core(towards(np.arange(400) % 4.0, seed=3)),
    )


def test_it_learns_levels_and_lenses_from_vectors() -> None:
    head = train(*lesson())
    readings = read(head, towards(np.array([0.0, 0, 2, 2, 4, 4]), seed=7))
    odds = [reading.log_odds for reading in readings]
    assert max(odds[:2]) < min(odds[2:4])
    assert max(odds[2:4]) < min(odds[4:])
    shares = []
    for level in (2.0, 4.0):
        readings = read(head, towards(np.full(200, level), seed=7))
        shares.append(np.mean([Lens.MAINSTREAM in reading.lenses for reading in readings]))
        assert {lens for reading in readings for lens in reading.lenses} <= {Lens.MAINSTREAM}
    assert shares[0] < 0.02
    assert shares[1] > 0.1


def test_what_it_says_on_average_is_what_people_marked() -> None:
    marked, lensed, ordinary = lesson()
    readings = read(train(marked, lensed, ordinary), towards(marked.levels, seed=5))
    given_ = [s.value for s in severities([Voice("", reading=r) for r in readings])]
    assert np.mean(given_) == pytest.approx(np.mean(marked.levels) / 4, abs=0.05)


def test_it_comes_back_from_its_file_as_it_was() -> None:
    head = train(*lesson())
    again = unpack(pack(head))
    vectors = towards(np.array([0.0, 1, 2, 3, 4]))
    assert np.allclose(scores(again, core(vectors)), scores(head, core(vectors)), atol=0.05)


PAIR = "intfloat/multilingual-e5-small@q4-12ab*0.92+universal-sentence-encoder-multilingual-3@1*0.4"


def test_it_reads_whatever_begins_with_its_two_models() -> None:
    assert head_for(PAIR) is own()
    assert head_for(f"{PAIR}+all-MiniLM-L6-v2@0.1.0*0.33") is own()
    assert head_for("intfloat/multilingual-e5-small@q4-12ab") is None
    assert head_for("someone/else") is None


def test_it_reads_the_same_whatever_share_its_models_have_and_what_follows_them() -> None:
    made = np.random.default_rng(0).normal(size=(3, 896)).astype(np.float32)
    other = np.hstack([0.3 * made[:, :384], 2 * made[:, 384:], np.ones((3, 5), np.float32)])
    plain, mixed = (read(own(), vectors) for vectors in (made, other.astype(np.float32)))
    assert [r.log_odds for r in plain] == pytest.approx([r.log_odds for r in mixed], abs=1e-4)


def example_texts(name: str) -> list[str]:
    return [
        json.loads(line)["text"]
        for language in ("en", "ja")
        for line in (EXAMPLES / f"{name}{language}.jsonl").read_text("utf-8").splitlines()
    ]


def test_its_known_texts_are_those_of_the_examples() -> None:
    texts = example_texts("")
    assert len(own().level.known) == len(texts) == len(set(texts))
    lensed = example_texts("lenses.")
    assert len(own().lens.known) == len(lensed) == len(set(lensed))


def test_no_lens_is_named_where_nothing_is_wrong() -> None:
    text = "Your tool is the backbone of our practice."
    for problem in (True, False):
        found = severities([Voice(text, "en", reading=Reading(-2.0, problem=problem))])[0]
        assert ("main_component" in found.signals) is problem


def test_no_vectors_give_no_readings() -> None:
    assert read(own(), np.zeros((0, len(own().level.centre)), np.float32)) == []


texts = st.text(st.sampled_from("エラー最悪良い ない。error not great!"), max_size=40)


@settings(max_examples=50)
@given(texts, st.floats(-5, 5), st.floats(0, 5))
def test_the_graver_the_reading_the_graver_the_statement(
    text: str, odds: float, more: float
) -> None:
    low, high = (severities([Voice(text, reading=Reading(o))])[0] for o in (odds, odds + more))
    assert low.value <= high.value
    lens = severities([Voice(text, reading=Reading(odds, (Lens.ROOT_CAUSE,)))])[0]
    assert lens.value >= low.value
    assert "root_cause" in lens.signals


def test_beside_a_reading_the_lexicon_counts_less() -> None:
    alone = statement_severity("error")
    both = severities([Voice("error", reading=Reading(1.5))])[0]
    assert both.signals["words"] == 1.5
    assert 0 < both.signals["failure"] < alone.signals["failure"]


@pytest.mark.model
def test_texts_that_it_never_saw_are_put_into_order(default_encoder: Encoder) -> None:
    pairs = [
        ("The lift fell with two people inside, one broke her leg.", "Lift buttons look dated."),
        ("Every invoice of this year has vanished from the archive.", "Is there an archive?"),
        ("Arrived dead, no answer, no money back.", "Arrived early, lovely colour."),
        ("工場の制御盤が全部落ちて、出荷が止まっています。", "制御盤の色は選べますか。"),
        ("患者さんの記録が他の病院に見えています。", "記録の見出しを少し大きくしてほしいです。"),
        ("一週間で壊れて、連絡しても無視されました。", "一年使っていますが快適そのものです。"),
    ]
    head = head_for(default_encoder.name)
    assert head is not None
    vectors = default_encoder.encode([text for pair in pairs for text in pair])
    odds = [reading.log_odds for reading in read(head, vectors)]
    for graver, milder in zip(odds[::2], odds[1::2], strict=True):
        assert graver > milder + 1


@pytest.mark.model
def test_lenses_are_named_in_texts_that_were_held_out(default_encoder: Encoder) -> None:
    rows = [
        json.loads(line)
        for language in ("en", "ja")
        for line in (EXAMPLES / f"held_out.{language}.jsonl").read_text("utf-8").splitlines()
    ]
    head = head_for(default_encoder.name)
    assert head is not None
    readings = read(head, default_encoder.encode([row["text"] for row in rows]))
    marked = {(i, lens) for i, row in enumerate(rows) for lens in row["lenses"]}
    named = {(i, str(lens)) for i, reading in enumerate(readings) for lens in reading.lenses}
    assert len(named & marked) > 0.45 * len(marked)
    assert len(named & marked) > 0.85 * len(named)

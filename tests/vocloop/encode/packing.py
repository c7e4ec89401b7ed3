"""Writes packed models small enough for tests, as the wheel's own converter would."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

HIDDEN, WIDE, POSITIONS, TOKEN_TYPES = 32, 64, 16, 2
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", ":", "query", "ガ")
REPLACEMENTS = {"Ａ": "a", "㌔": "ab", "\t": " ", "\u0001": ""}


def packed(
    *,
    seed: int = 0,
    pieces: Sequence[str] = PIECES,
    replacements: Mapping[str, str] = REPLACEMENTS,
    extra: Mapping[str, tuple[int, int, bytes]] | None = None,
    without: str = "",
) -> bytes:
    """``extra`` adds tensors as (kind, number of weights, bytes); ``without`` leaves one out."""
    random = np.random.default_rng(seed)

    def floats(count: int) -> tuple[int, int, bytes]:
        return 0, count, random.normal(size=count).astype("<f4").tobytes()

    def blocks(count: int) -> tuple[int, int, bytes]:
        scales = random.uniform(0.01, 0.1, size=count // 32).astype("<f2")
        nibbles = random.integers(0, 256, size=(count // 32, 16), dtype=np.uint8)
        both = zip(scales, nibbles, strict=True)
        return 1, count, b"".join(scale.tobytes() + row.tobytes() for scale, row in both)

    tensors = {
        "emb.word": blocks(len(pieces) * HIDDEN),
        "emb.pos": floats(POSITIONS * HIDDEN),
        "emb.type": floats(TOKEN_TYPES * HIDDEN),
        "emb.ln.w": floats(HIDDEN),
        "emb.ln.b": floats(HIDDEN),
    }
    for name, (out, into) in {
        "q": (HIDDEN, HIDDEN),
        "k": (HIDDEN, HIDDEN),
        "v": (HIDDEN, HIDDEN),
        "ao": (HIDDEN, HIDDEN),
        "fi": (WIDE, HIDDEN),
        "fo": (HIDDEN, WIDE),
    }.items():
        tensors[f"l0.{name}.w"] = blocks(out * into)
        tensors[f"l0.{name}.b"] = floats(out)
    for name in ("aln", "oln"):
        tensors[f"l0.{name}.w"] = floats(HIDDEN)
        tensors[f"l0.{name}.b"] = floats(HIDDEN)
    tensors |= extra or {}
    tensors.pop(without, None)

    letters = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, letters)]).astype("<u4")
    scores = np.array([0.0, 0.0, 0.0, 0.0, *(-float(n) for n in range(4, len(pieces)))], "<f4")
    mapped = b"".join(
        struct.pack(f"<IB{len(text)}I", ord(character), len(text), *map(ord, text))
        for character, text in sorted(replacements.items())
    )
    head = b"".join(
        (
            struct.pack("<4sI", b"E5S1", 1),
            struct.pack("<7i", HIDDEN, 1, 2, WIDE, len(pieces), POSITIONS, TOKEN_TYPES),
            struct.pack("<fi", 1e-12, 32),
            struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, letters))),
            offsets.tobytes() + scores[: len(pieces)].tobytes() + b"".join(letters),
            struct.pack("<iI", len(replacements), len(mapped)) + mapped,
            struct.pack("<i", len(tensors)),
        )
    )
    at = len(head) + sum(2 + len(name) + 21 for name in tensors)
    directory = body = b""
    for name, (kind, count, data) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, at + len(body), len(data))
        body += data
    return head + directory + body

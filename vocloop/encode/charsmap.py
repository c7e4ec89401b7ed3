"""A character map as SentencePiece stores it, for the Precompiled normaliser of tokenizers.

The layout is that of SentencePiece's ``precompiled_charsmap``: the byte length of a trie (uint32,
little-endian), the trie, then the replacement strings, each ended by a NUL. The trie is a
double array in the unit format of darts-clone (https://github.com/s-yata/darts-clone): it maps
the UTF-8 bytes of a character to the byte offset of its replacement.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping
from itertools import count

# Unit format of darts-clone: bits 0-7 the label, bit 8 "a value hangs below this node",
# bits 10-30 the offset to the children; a value unit has bit 31 set and the value below it.
_HAS_VALUE = 1 << 8
_OFFSET_SHIFT = 10
_OFFSET_LIMIT = 1 << 21
_VALUE = 1 << 31
# A label is a byte, and a child's place is its parent's base XOR the label: whole blocks of 256
# units keep every such place inside the array, so that readers need no bounds check.
_BLOCK = 256
# No UTF-8 byte of a mapped character is 0, so label 0 is free to stand for "the key ends here".
_END = 0


def charsmap(replacements: Mapping[str, str]) -> bytes:
    """Pack ``replacements`` (one character each → any string, also empty).

    Raises ValueError for a key that is not one character, for NUL in a key or a value (it ends a
    string in this format), and for a map too large for the format (about two million units).
    """
    strings = bytearray()
    values: dict[bytes, int] = {}
    for character, replacement in replacements.items():
        if len(character) != 1 or "\0" in character + replacement:
            raise ValueError(
                f"{character!r} → {replacement!r} can't be packed: map one character to a string,"
                " neither with NUL"
            )
        values[character.encode()] = len(strings)
        strings += replacement.encode() + b"\0"
    units = _double_array(values)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(strings)


class _Node:
    __slots__ = ("children", "value")

    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.value: int | None = None


def _trie(values: Mapping[bytes, int]) -> _Node:
    root = _Node()
    for key, value in values.items():
        node = root
        for byte in key:
            node = node.children.setdefault(byte, _Node())
        node.value = value
    return root


def _double_array(values: Mapping[bytes, int]) -> list[int]:
    units = [0] * _BLOCK
    taken = {0}  # place 0 is the root
    # Two nodes with one base would find each other's children.
    bases: set[int] = set()
    # A base refused once for a set of labels is refused for ever, as places only fill up: the
    # next node with the same labels (thousands have none but the end) goes on from there.
    next_base: dict[tuple[int, ...], int] = {}
    waiting = deque([(0, _trie(values))])
    while waiting:
        place, node = waiting.popleft()
        labels = tuple(sorted(node.children))
        if node.value is not None:
            labels = (_END, *labels)
        if not labels:
            continue
        base = next(
            candidate
            for candidate in count(next_base.get(labels, 0))
            if candidate not in bases and all(candidate ^ label not in taken for label in labels)
        )
        offset = place ^ base
        if offset >= _OFFSET_LIMIT:
            raise ValueError(f"a map of {len(values)} characters is too large for a double array")
        next_base[labels] = base + 1
        bases.add(base)
        taken.update(base ^ label for label in labels)
        units += [0] * (_BLOCK * (base // _BLOCK + 1) - len(units))
        units[place] |= offset << _OFFSET_SHIFT
        if node.value is not None:
            units[place] |= _HAS_VALUE
            units[base ^ _END] = _VALUE | node.value
        for label, child in node.children.items():
            units[base ^ label] |= label
            waiting.append((base ^ label, child))
    return units

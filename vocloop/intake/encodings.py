"""Which encoding a file is in, decided from its own lines, and those lines one by one.

Each line is decoded strictly and alone, so that a broken one costs itself only.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

# A line beyond this is no row; it is skipped unread, so that memory stays flat.
LONGEST_LINE = 8 * 1024 * 1024
# So many lines that are not ASCII settle the encoding; they are looked for in the whole file,
# because the first Japanese word may stand a million rows down.
_TELLING_LINES = 400
# Share of everyday Japanese letters that text decoded rightly shows. Measured on Japanese texts in
# each encoding: right decodings stay above 0.8, wrong ones below 0.2.
_PLAUSIBLE = 0.5
_LAST_EVERYDAY_LEAD_BYTE = 0x97  # of Shift_JIS: kana, signs, and kanji of JIS level 1

_PIECE = 1024 * 1024
# Share of letters that text in UTF-16 without a mark shows as ASCII or everyday Japanese; what
# merely holds a NUL somewhere shows next to none.
_WIDE_PLAUSIBLE = 0.9

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_JAPANESE = ("cp932", "euc_jp")
# What mailers and old systems write (JIS): ASCII bytes alone, told by how its kanji begin.
_SHIFTED, _KANJI_IN = "iso2022_jp_ext", (b"\x1b$B", b"\x1b$@")


@dataclass(frozen=True)
class Line:
    """``number`` counts from 1. With a ``problem`` the text is only an approximation."""

    number: int
    text: str
    problem: str | None = None


def detect(stream: IO[bytes]) -> str:
    """Name of the codec; the stream stands at its start afterwards.

    A byte order mark decides; else UTF-16 if there are NUL bytes and it reads well; else, where
    all is ASCII, JIS if kanji begin anywhere as they do there; else UTF-8 if most lines that are
    not ASCII are valid UTF-8; else the Japanese encoding whose decoding reads like Japanese; else
    UTF-8, whose errors are then reported line by line.
    """
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    wide = _wide_codec(stream)
    if wide:
        return wide
    telling: list[bytes] = []
    shifted = False
    while len(telling) < _TELLING_LINES:
        line = stream.readline(LONGEST_LINE)
        if not line:
            break
        if not line.isascii():
            telling.append(line)
        shifted = shifted or any(mark in line for mark in _KANJI_IN)
    stream.seek(0)
    if shifted and not telling:
        return _SHIFTED
    valid = sum(_decodes(line, "utf-8") for line in telling)
    if valid * 2 >= len(telling):
        return "utf-8"
    best = max(_JAPANESE, key=lambda name: _plausibility(telling, name))
    return best if _plausibility(telling, best) >= _PLAUSIBLE else "utf-8"


def lines(stream: IO[bytes], encoding: str) -> Iterator[Line]:
    """The lines of a stream that stands at its start, with their newlines."""
    codec = _past_mark(stream, encoding)
    wide = codec.startswith("utf-16")
    raw_lines = _wide_lines(stream, codec) if wide else _narrow_lines(stream)
    shown = "UTF-8" if codec == "utf-8" else codec
    for number, raw in enumerate(raw_lines, start=1):
        if len(raw) >= LONGEST_LINE:
            yield Line(number, "\n", f"the line is longer than {LONGEST_LINE // 2**20} MB")
            continue
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError as error:
            problem = (
                f"not {shown}: byte 0x{raw[error.start]:02X} at position {error.start + 1};"
                " save the file as UTF-8"
            )
            yield Line(number, raw.decode(codec, errors="replace"), problem)
            continue
        if "\0" in text:
            yield Line(number, text.replace("\0", "\ufffd"), "holds a NUL character; remove it")
            continue
        yield Line(number, text)


def pieces(stream: IO[bytes], encoding: str) -> Iterator[Line]:
    """The text of a stream that stands at its start, in pieces of at most a megabyte whatever its
    lines are; ``number`` is the line on which a piece begins. No piece ends in a backslash, which
    would part an escape. Raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(_past_mark(stream, encoding))()
    number, pending = 1, ""
    while True:
        raw = stream.read(_PIECE)
        text = pending + decoder.decode(raw, final=not raw)
        pending = ""
        kept = text.rstrip("\\")
        if raw and len(kept) < len(text):
            text, pending = kept, text[len(kept) :]
        yield Line(number, text)
        number += text.count("\n")
        if not raw:
            return


def whole(stream: IO[bytes], encoding: str) -> str:
    """All of a stream as text. Raises UnicodeDecodeError."""
    stream.seek(0)
    codec = _past_mark(stream, encoding)
    return stream.read().decode(codec)


def _past_mark(stream: IO[bytes], encoding: str) -> str:
    """Skips a byte order mark at the start of a stream; returns the codec of what follows."""
    start = stream.read(4)
    mark = next((mark for mark, name in _BOMS if name == encoding and start.startswith(mark)), b"")
    stream.seek(len(mark))
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _wide_codec(stream: IO[bytes]) -> str | None:
    """UTF-16 without a mark: its ASCII letters and line ends have a NUL on one side, always the
    same. Text in any other encoding has none."""
    sample = stream.read(_PIECE // 16)
    stream.seek(0)
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if not even + odd:
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    letters = sample[: len(sample) // 2 * 2].decode(codec, errors="replace")
    known = sum(each.isascii() or _is_everyday(each) for each in letters)
    return codec if known >= len(letters) * _WIDE_PLAUSIBLE else None


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _plausibility(telling: list[bytes], encoding: str) -> float:
    letters = everyday = 0
    for line in telling:
        if not _decodes(line, encoding):
            # Counts as that many wrong letters, so that a few broken lines do not decide.
            letters += len(line) // 2
            continue
        for letter in line.decode(encoding):
            if letter.isascii():
                continue
            letters += 1
            everyday += _is_everyday(letter)
    return everyday / letters if letters else 0.0


def _is_everyday(letter: str) -> bool:
    written = letter.encode("cp932", errors="ignore")
    return len(written) == 2 and written[0] <= _LAST_EVERYDAY_LEAD_BYTE


def _narrow_lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(LONGEST_LINE):
        yield line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)


def _wide_lines(stream: IO[bytes], codec: str) -> Iterator[bytes]:
    newline = "\n".encode(codec)
    pending = b""
    searched = 0
    while True:
        at = pending.find(newline, searched)
        if at >= 0 and at % 2:
            searched = at + 1  # half of one letter and half of the next
            continue
        if at >= 0 or len(pending) >= LONGEST_LINE:
            end = at + 2 if at >= 0 else LONGEST_LINE
            yield pending[:end]
            pending, searched = pending[end:], 0
            continue
        searched = max(0, len(pending) - 1)
        chunk = stream.read(64 * 1024)
        if not chunk:
            break
        pending += chunk
    if pending:
        yield pending

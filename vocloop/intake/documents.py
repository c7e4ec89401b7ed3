"""Words out of documents: .docx, subtitles (.vtt, .srt), and feeds (Atom)."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from vocloop.errors import InvalidInputError
from vocloop.intake.workbook import LARGEST_PART

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_BROKEN = (
    *(ParseError, zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, ValueError),
    *(NotImplementedError, RuntimeError),
)
_TIMES = re.compile(r"(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}")
# No tag reaches into the next one, so that the whole scan is linear.
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?[ \t]{1,10}([^<>\n]{1,100})>")
_CUE_TAG = re.compile(r"</?(?:[cibuv]|lang|ruby|rt)(?:[.\s][^<>]{0,200})?>|<\d+:[\d:.]{1,20}>")
_SPEAKS = re.compile(r"(?P<who>[^:：]{1,40})[:：]\s*(?P<words>.*)", re.DOTALL)


def docx_text(stream: IO[bytes], name: str) -> str:
    """The paragraphs of a Word document, one a line; the cells of a table's row on one line, tabs
    between."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    lines: list[str] = []
    rows: list[list[str]] = []  # being read; a table may stand in a cell of another
    cells: list[int] = []  # where their lines begin
    try:
        with zipfile.ZipFile(stream) as archive, archive.open("word/document.xml") as part:
            for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
                what = event, element.tag.removeprefix(_WORD)
                if what == ("end", "p"):
                    lines.append("".join(_runs(element)))
                    element.clear()
                elif what == ("start", "tr"):
                    rows.append([])
                elif what == ("start", "tc"):
                    cells.append(len(lines))
                elif what == ("end", "tc") and rows:
                    start = cells.pop()
                    rows[-1].append(" ".join(filter(None, lines[start:])).replace("\n", " "))
                    del lines[start:]
                elif what == ("end", "tr"):
                    lines.append("\t".join(rows.pop()))
    except DefusedXmlException as error:
        raise InvalidInputError(
            f"{name} declares XML entities, which no word processor writes; save it as text"
        ) from error
    except _BROKEN as error:
        raise InvalidInputError(f"{name} is a broken document ({error}); save it again") from error
    return "\n".join(lines)


def _runs(paragraph: Element) -> Iterator[str]:
    for each in paragraph.iter():
        if each.tag == f"{_WORD}t":
            yield each.text or ""
        elif each.tag in {f"{_WORD}br", f"{_WORD}cr"}:
            yield "\n"
        elif each.tag == f"{_WORD}tab":
            yield "\t"


def is_subtitles(head: Iterable[str]) -> bool:
    lines = [line.strip("\ufeff \r\n") for line in head]
    lines = [line for line in lines if line]
    if not lines:
        return False
    if re.match(r"WEBVTT(?:\s|$)", lines[0]):
        return True
    return len(lines) > 1 and lines[0].isdecimal() and _TIMES.match(lines[1]) is not None


def subtitles_text(text: str) -> str:
    """What is said, one speaker's turn a line; cues of one speaker in a row are one turn."""
    turns: list[tuple[str, list[str]]] = []
    notes: list[str] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").lstrip("\ufeff")):
        lines = [line.strip() for line in block.strip().split("\n") if line.strip()]
        if not lines:
            continue
        at = next((index for index, line in enumerate(lines) if _TIMES.match(line)), None)
        if at is None:
            # Where, with whom and when people write into the notes on top.
            notes += [re.sub(r"^NOTE\s*", "", line) for line in lines if line.startswith("NOTE ")]
            notes += lines[1:] if lines[0] == "NOTE" else []
            continue
        for who, words in _cue("\n".join(lines[at + 1 :])):
            if turns and (turns[-1][0] == who or not who):
                turns[-1][1].append(words)
            elif words:
                turns.append((who, [words]))
    said = [f"{who}: {' '.join(words)}" if who else " ".join(words) for who, words in turns]
    return "\n".join([*notes, *said])


def _cue(payload: str) -> Iterator[tuple[str, str]]:
    voices = _VOICE.split(payload)
    if len(voices) > 1:
        yield from _named_cue(voices)
        return
    words = _CUE_TAG.sub("", payload).replace("\n", " ").strip()
    match = _SPEAKS.fullmatch(words)
    if match:
        yield match["who"].strip(), match["words"].strip()
        return
    yield "", words


def _named_cue(voices: list[str]) -> Iterator[tuple[str, str]]:
    before = _CUE_TAG.sub("", voices[0]).replace("\n", " ").strip()
    if before:
        yield "", before
    for who, words in zip(voices[1::2], voices[2::2], strict=False):
        yield who.strip(), _CUE_TAG.sub("", words).replace("\n", " ").strip()


def feed(stream: IO[bytes], name: str) -> dict[str, Any]:
    """An Atom feed as the object that the same feed is in JSON: {"feed": {"entry": [{"id":
    {"label": …}, "im:rating": {"label": "5"}, …}]}}."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    stream.seek(0, 2)
    if stream.tell() > LARGEST_PART:
        raise InvalidInputError(f"{name} is larger than {LARGEST_PART // 2**20} MB; split it")
    stream.seek(0)
    try:
        # Nothing may stand before an XML declaration; what was copied often has a blank line.
        root = fromstring(stream.read().lstrip(b"\xef\xbb\xbf \t\r\n"), forbid_dtd=True)
    except DefusedXmlException as error:
        raise InvalidInputError(f"{name} declares XML entities; take them out") from error
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidInputError(
            f"{name} is not XML that can be read ({error}); save it again"
        ) from error
    if root.tag != f"{_ATOM}feed":
        raise InvalidInputError(f"{name} is XML but no Atom feed; export JSON or CSV instead")
    found: dict[str, Any] = {"entry": []}
    for child in root:
        if child.tag == f"{_ATOM}entry":
            found["entry"].append(_entry(child))
        else:
            found[_local(child.tag)] = {"label": child.text}
    return {"feed": found}


def _entry(element: Element) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for child in element:
        value: dict[str, Any] = {
            "label": (child.text or "").strip(),
            "attributes": dict(child.attrib),
        }
        value |= {_local(each.tag): {"label": each.text} for each in child}
        name = _local(child.tag)
        if name in entry:
            held = entry[name]
            entry[name] = [*(held if isinstance(held, list) else [held]), value]
        else:
            entry[name] = value
    return entry


def _local(tag: Any) -> str:
    """``im:rating`` as the feed's JSON calls it; Atom's own names bare."""
    written = str(tag)
    space, _, local = written.removeprefix("{").rpartition("}")
    return f"im:{local}" if "itunes" in space else local

"""Sentences of Japanese and English, lists and wrapped lines put right."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The encoder reads about 500 tokens, but the meaning of longer statements blurs.
LONGEST_SENTENCE = 400
# Mailers wrap near 72 columns, Japanese ones near 35 characters: a line this long that does not
# end its sentence goes on in the next.
_WRAPPED_LATIN, _WRAPPED_JAPANESE = 60, 30
# A Japanese sentence has a Japanese character among so many at least.
_LATIN_A_JAPANESE = 4
# Below this width a list item is a label or a value, not a wish or a complaint.
_TELLING_ITEM = 12
# A shorter line above a list ("三点お願いです。") is its heading.
_SHORT_LEAD = 50

_BULLET = re.compile(
    r"\s*(?:[-*•‣・●○◦▪■□◆◇►▶※](?![-*])\s*|[(（]?\d{1,2}[)）]\s*|\d{1,2}\.\s+|[①-⑳]\s*)(?=\S)"
)
# A list below these words tells how one thing came about.
_STEPS = re.compile(
    r"手順|再現|操作|流れ|経緯|結果|測定|計測|記録|状況|環境|報告|列挙"
    r"|step|reproduc|how to|result|measure|log|what i did|details",
    re.IGNORECASE,
)
# "ホーム：11秒", "9:14:07 差戻し", "Home: 11 s": a measured value, not a wish.
_VALUE = re.compile(r"[^\s:：]{1,20}\s?[:：]|\d{1,2}[:：/時月]|[【\[]")
_JAPANESE_SAYS = re.compile(
    r"(?:[いるたすんくうだねよか]|ない|下さい|希望|要望|不可|不足|不便|遅延|多すぎ)[。！!]?$"
)
_STOP = re.compile(r"[。．｡！？!?.…]+[」』）)\]】\"'”’]*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:mr|mrs|ms|dr|prof|st|no|nos|vs|etc|e\.g|i\.e|eg|ie|approx|inc|ltd|co|corp|dept"
    r"|fig|ver|v|est|min|max|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|[a-hj-z]|[a-z]\.[a-z])$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 8
_ENDED = re.compile(r"[。．｡！？!?.…:：;；][」』）)\]】\"'”’]*\s*$")
_JAPANESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_NUMBERING = re.compile(r"(?:^|[:：.)。、]\s)\d{1,2}$")
_HAS_STOP = re.compile(r"[。．｡！？!?.…]")


@dataclass
class Sentence:
    """``item``: begins a list item that is a statement, the first of which ``heads_list``;
    ``paragraph``: follows a blank line; ``turn``: begins what a speaker says."""

    text: str
    item: bool = False
    heads_list: bool = False
    paragraph: bool = False
    after_list: bool = False
    turn: bool = False


@dataclass
class _Unit:
    lines: list[str]
    marker: str = ""
    paragraph: bool = False


def width(text: str) -> int:
    """Columns: a Japanese character says about as much as two Latin letters."""
    # UTF-8 has three bytes for it and one for an ASCII letter; far quicker than to look at each.
    return (len(text) + len(text.encode(errors="replace"))) // 2


def is_japanese(text: str) -> bool:
    """Whether a sentence is Japanese, not one that quotes a Japanese word or an English one."""
    if text.isascii():
        return False
    return len(_JAPANESE.findall(text)) * _LATIN_A_JAPANESE >= len(text)


def sentences(text: str) -> list[Sentence]:
    """The sentences of ``text`` in order, each at most LONGEST_SENTENCE characters."""
    if "\n" not in text:
        return [Sentence(part) for part in _cut(text.strip())]
    found: list[Sentence] = []
    units = _units(text)
    index = 0
    listed = False
    while index < len(units):
        end = index
        while end < len(units) and units[end].marker:
            end += 1
        if end > index:
            lead = found[-1].text if found else ""
            listed = _are_statements(units[index:end], lead)
            start = len(found)
            for unit in units[index:end]:
                found.extend(_item(unit, own=listed))
            if listed and start and width(lead) < _SHORT_LEAD:
                found[start].heads_list = True
            index = end
            continue
        unit = units[index]
        for number, part in enumerate(_cut(joined(unit.lines))):
            first = number == 0
            found.append(
                Sentence(part, paragraph=first and unit.paragraph, after_list=first and listed)
            )
        listed = False
        index += 1
    return found


def _item(unit: _Unit, *, own: bool) -> list[Sentence]:
    words = joined(unit.lines)
    parts = _cut(words if own else unit.marker + words)
    return [Sentence(part, item=own and number == 0) for number, part in enumerate(parts)]


def _are_statements(items: list[_Unit], lead: str) -> bool:
    """Whether list items are wishes or complaints of their own, not steps, values or evidence."""
    if len(items) < 2 or _STEPS.search(lead[-40:]):
        return False
    telling = sum(_says_something(joined(item.lines)) for item in items)
    return telling * 2 > len(items)


def _says_something(item: str) -> bool:
    if _VALUE.match(item) or width(item) < _TELLING_ITEM:
        return False
    if _JAPANESE.search(item):
        return _JAPANESE_SAYS.search(item) is not None
    return item.count(" ") >= 2


def _units(text: str) -> list[_Unit]:
    """Lines, wrapped ones put together again, with the mark of those that are list items."""
    units: list[_Unit] = []
    previous = ""
    for raw in text.split("\n"):
        line = raw.strip()
        match = _BULLET.match(line)
        if match:
            units.append(_Unit([line[match.end() :]], line[: match.end()], not previous))
        elif line and previous and units and _goes_on(previous, line):
            units[-1].lines.append(line)
        elif line:
            units.append(_Unit([line], "", not previous))
        previous = line
    return units


def _goes_on(previous: str, line: str) -> bool:
    if _ENDED.search(previous[-12:]):
        return False
    if _JAPANESE.match(previous[-1]):
        return len(previous) >= _WRAPPED_JAPANESE or previous[-1] in "、，"
    return line[0].islower() or previous[-1] == "," or len(previous) >= _WRAPPED_LATIN


def joined(lines: list[str]) -> str:
    """Lines of one sentence: Japanese needs no space at the seam, Latin does."""
    out: list[str] = []
    last = ""
    for line in (part.strip() for part in lines):
        if not line:
            continue
        if last and not (_JAPANESE.match(last) or _JAPANESE.match(line[0])):
            out.append(" ")
        out.append(line)
        last = line[-1]
    return "".join(out)


def together(parts: list[str]) -> str:
    """Sentences as one statement: a space wherever no Japanese stop separates them."""
    if len(parts) == 1:
        return parts[0]
    out: list[str] = []
    for part in parts:
        if out and out[-1][-1] not in "。．！？」』）…、：":
            out.append(" ")
        out.append(part)
    return "".join(out)


def _cut(unit: str) -> list[str]:
    if not _HAS_STOP.search(unit, 0, max(0, len(unit) - 1)) and len(unit) <= LONGEST_SENTENCE:
        return [unit] if unit else []
    pieces: list[str] = []
    start = 0
    for match in _STOP.finditer(unit):
        if not _ends_sentence(unit, match):
            continue
        pieces.append(unit[start : match.end()])
        start = match.end()
    pieces.append(unit[start:])
    stripped = [piece.strip() for piece in pieces]
    if len(unit) <= LONGEST_SENTENCE:
        return [piece for piece in stripped if piece]
    return [part for piece in stripped if piece for part in _shortened(piece)]


def _ends_sentence(unit: str, match: re.Match[str]) -> bool:
    marks, after = match[0], unit[match.end() : match.end() + 2]
    if not after:
        return True
    if marks[0] in "。．｡！？":
        # 「…です。」と表示される: the sentence goes on after the quotation.
        quoted = marks[-1] in '」』）)】"”'
        return not (quoted and "\u3041" <= after[0] <= "\u3096")
    if not after[0].isspace():
        return marks[0] in "!?…" and _JAPANESE.match(after[0]) is not None
    following = after[1:2]
    if following.islower():
        return False
    before = unit[max(0, match.start() - _LONGEST_ABBREVIATION) : match.start()]
    return not (marks == "." and (_ABBREVIATION.search(before) or _NUMBERING.search(before)))


def _shortened(sentence: str) -> list[str]:
    """Pieces of at most LONGEST_SENTENCE characters, cut at a comma or space where there is one
    in the second half."""
    pieces = []
    start = 0
    while len(sentence) - start > LONGEST_SENTENCE:
        end = start + LONGEST_SENTENCE
        half = start + LONGEST_SENTENCE // 2
        cut = max(sentence.rfind(mark, half, end) for mark in "、,;；，")
        if cut < 0:
            cut = max(sentence.rfind(mark, half, end) for mark in " \u3000")
        cut = cut + 1 if cut >= 0 else end
        pieces.append(sentence[start:cut].strip())
        start = cut
    pieces.append(sentence[start:].strip())
    return [piece for piece in pieces if piece]

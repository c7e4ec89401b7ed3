"""The words of a voice with placeholders where personal data stood.

What is found is replaced and looked at again until nothing more is found, so that a text that went
through once goes through again unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vocloop.intake.redact.addresses import find_addresses
from vocloop.intake.redact.network import find_network
from vocloop.intake.redact.numbers import find_numbers
from vocloop.intake.redact.people import find_people, is_name
from vocloop.intake.redact.phones import find_phones
from vocloop.intake.redact.recogniser import Recogniser
from vocloop.intake.redact.spans import PLACEHOLDER, Kind, Span, fold

# Of two finds at one place the first kind here is right: a card number may look like a telephone's.
_STRONGEST = (
    Kind.SECRET,
    Kind.EMAIL,
    Kind.CARD,
    Kind.BANK,
    Kind.ID,
    Kind.ADDRESS,
    Kind.PHONE,
    Kind.IP,
    Kind.PERSON,
)
_RANK = {kind: rank for rank, kind in enumerate(_STRONGEST)}
# A replacement brings at most a few new finds to light; the bound only guards against a mistake.
_MOST_ROUNDS = 4
# Texts without any of these hold nothing that a finder could find; most texts are such.
_DIGITS = re.compile(r"\d(?:\D{0,3}\d){5}|名義")
_PLACES = re.compile(r"\d|[番丁][地目]")
# Each choice begins with a letter that has to be there, which lets the search pass over others.
_NETWORK = re.compile(
    r"@|://|::|eyJ|at(?<=\bat)\b|アット|\(at|[☆★◎]|[_-][A-Za-z0-9_-]{12}|[Bb]earer|Basic|AKIA|AIza|"
    r"[Pp]ass ?|PASS|pwd|PW(?<=\bPW)|[Pp][Ii][Nn]\b|[Kk]ey|[Tt]oken|[Ss]ecret|パス|暗証|キー"
    r"|トークン|シークレット|\d\.\d|:[0-9A-Fa-f]{2}"
)


@dataclass
class Redacted:
    """``texts`` in the order they were given; ``originals`` by placeholder, in order of their
    appearance."""

    texts: list[str]
    originals: dict[str, str] = field(default_factory=dict)


class Redaction:
    """The numbers that the personal data of one voice has: the same thing said twice, in title
    and text, is one."""

    def __init__(self, *, numbered: bool = True) -> None:
        self.originals: dict[str, str] = {}
        self._numbered = numbered
        self._labels: dict[tuple[Kind, str], str] = {}
        self._last: dict[Kind, int] = {}

    def skip_numbers_in(self, text: str) -> None:
        """Never give out a number that ``text`` has already."""
        for match in PLACEHOLDER.finditer(text):
            kind = Kind(match["kind"])
            self._last[kind] = max(self._last.get(kind, 0), int(match["number"] or 0))

    def label(self, kind: Kind, original: str) -> str:
        if not self._numbered:
            return f"[{kind}]"
        key = (kind, _key(kind, original))
        label = self._labels.get(key) or self._same_person(kind, key[1])
        if label is None:
            self._last[kind] = self._last.get(kind, 0) + 1
            label = f"[{kind}-{self._last[kind]}]"
            self.originals[label] = original
        self._labels[key] = label
        return label

    def _same_person(self, kind: Kind, key: str) -> str | None:
        """田中 after 田中太郎, John after John Smith."""
        if kind is not Kind.PERSON or len(key) < 2:
            return None
        for (known_kind, known), label in self._labels.items():
            if known_kind is not kind:
                continue
            shorter, longer = sorted((key, known), key=len)
            words = longer.split()
            if len(words) > 1 and shorter in words:
                return label
            if not longer.isascii() and longer.startswith(shorter):
                return label
        return None


def redact(
    texts: Sequence[str],
    *,
    people: Iterable[str] = (),
    numbered: bool = True,
    recognise: Recogniser | None = None,
) -> Redacted:
    """``texts`` of one voice (title, words, …) with a placeholder for each piece of personal data.

    ``people`` are names and addresses that the record itself tells. Placeholders are
    ``[KIND-n]``, numbered in the order of the texts, the same n for the same thing; without
    ``numbered`` they are ``[KIND]``. ``recognise`` finds more names. Redacting again changes
    nothing.
    """
    if recognise is not None:
        people = [*people, *(name for text in texts for name in recognise(text))]
    known = tuple(
        name for name in dict.fromkeys(fold(each).strip() for each in people) if is_name(name)
    )
    redaction = Redaction(numbered=numbered)
    for text in texts:
        if "[" in text:
            redaction.skip_numbers_in(text)
    return Redacted(
        [_redacted(text, known, redaction) if text else text for text in texts],
        redaction.originals,
    )


def _redacted(text: str, known: tuple[str, ...], redaction: Redaction) -> str:
    for _ in range(_MOST_ROUNDS):
        spans = find(text, known)
        if not spans:
            break
        pieces: list[str] = []
        end = 0
        for span in spans:
            pieces += [
                text[end : span.start],
                redaction.label(span.kind, text[span.start : span.end]),
            ]
            end = span.end
        text = "".join([*pieces, text[end:]])
    return text


def find(text: str, known: Sequence[str] = ()) -> list[Span]:
    """Personal data in ``text``, in order, without overlaps. ``known``: names, folded."""
    folded = fold(text)
    found: list[Span] = []
    if _DIGITS.search(folded):
        found += find_numbers(folded)
        found += find_phones(folded)
    if _PLACES.search(folded):
        found += find_addresses(folded)
    if _NETWORK.search(folded):
        found += find_network(folded)
    found += find_people(folded, known)
    if not found:
        return found
    taken = [Span(*match.span(), Kind(match["kind"])) for match in PLACEHOLDER.finditer(text)]
    return _without_overlaps(found, len(text), taken)


def _without_overlaps(found: list[Span], length: int, placeholders: list[Span]) -> list[Span]:
    """The strongest, then the longest, of finds that overlap; none over a placeholder."""
    taken = bytearray(length)
    for span in placeholders:
        taken[span.start : span.end] = b"1" * (span.end - span.start)
    kept: list[Span] = []
    for span in sorted(found, key=lambda s: (_RANK[s.kind], s.start - s.end, s.start)):
        if span.end <= span.start or any(taken[span.start : span.end]):
            continue
        taken[span.start : span.end] = b"1" * (span.end - span.start)
        kept.append(span)
    return sorted(kept)


def _key(kind: Kind, original: str) -> str:
    plain = fold(original).casefold()
    if kind in {Kind.PHONE, Kind.CARD, Kind.BANK, Kind.ID}:
        return re.sub(r"\W", "", plain)
    if kind is Kind.PERSON:
        return " ".join(plain.split()) if plain.isascii() else re.sub(r"\s", "", plain)
    return plain

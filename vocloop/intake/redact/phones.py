"""Telephone numbers: Japanese and international, in all the ways that people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from vocloop.intake.redact.numbers import of_a_thing
from vocloop.intake.redact.spans import Kind, Span

# Digits in groups; between two groups at most a space, a hyphen (or what is taken for one), a dot,
# a slash or brackets.
_CANDIDATE = re.compile(
    r"(?<![\d.,_A-Za-z/])(?<![A-Za-z]-)(?:\+|\(\+?"
    r"|00(?=[1-9]\d))?\d(?:[ ]?[-ー.()/・][ ]?[()]?[ ]?|[ ])?"
    r"(?:\d(?:[ ]?[-ー.()/・][ ]?[()]?[ ]?|[ ])?){5,15}\d(?![\d_A-Za-z]|:\d|-[A-Za-z])"
)
_WORD_BEFORE = re.compile(
    r"(?:tel|telephone|phone|mobile|cell(?:phone)?|fax|call(?: me| us| back)?|text me"
    r"|reach me|whats ?app|sms|number is"
    r"|電話|携帯|でんわ|連絡先|ケータイ|スマホ|ファックス|ファクス|FAX|直通|代表|\(代\)"
    r"|番号は|TEL|☎|📞|℡)"
    r"(?:[ :;.,/()]|番号|number|numbers|no|at|on|is|me|us|または|[はがへにを、：])*\s*$",
    re.IGNORECASE,
)
_MOBILE_JA = re.compile(r"0[5789]0\d{8}")
_GROUPED_JA = re.compile(r"\(?0\d{1,4}\)?[ ]?[-ー.・(]?[ ]?\d{1,4}\)?[ ]?[-ー.・]?[ ]?\d{3,4}")
_NORTH_AMERICA = re.compile(
    r"(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\)[-. ]?|[2-9]\d{2}[-.])\d{3}[-. ]\d{4}|1-8\d{2}-\d{3}-\d{4}"
)
_FICTION = re.compile(r"555-\d{4}")
_DATE = re.compile(
    r"(?:19|20)\d{2}([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:19|20)?\d{2}(?!\d)"
    r"|(?:19|20)\d{2} ?[-ー] ?(?:19|20)\d{2}|(?:19|20)\d{6}(?:[ -]?\d{4,6})?"
)
_DECIMAL = re.compile(r"0\.\d|\d+ - ")
_EXTENSION = re.compile(r"[ ]?(?:\(?内線|ext\.?|extension|x)[ ]?[:.]?[ ]?\d{1,5}\)?", re.IGNORECASE)
# Countries whose numbers people write with a leading zero and without a prefix.
_REGIONS = ("JP", "GB", "DE", "FR", "AU", "IT", "KR")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15


def find_phones(text: str) -> Iterator[Span]:
    """Spans in ``text`` (folded, as spans.fold does)."""
    for match in _CANDIDATE.finditer(text):
        start, end = _trimmed(match)
        written = text[start:end]
        digits = re.sub(r"\D", "", written)
        if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS or _DATE.match(written):
            continue
        if _is_phone(text, start, written, digits):
            more = _EXTENSION.match(text, end)
            yield Span(start, more.end() if more else end, Kind.PHONE)


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    """Without a bracket that the number does not close or open itself."""
    start, end = match.span()
    if match[0].startswith("(") and ")" not in match[0]:
        start += 1
    return start, end


def _is_phone(text: str, start: int, written: str, digits: str) -> bool:
    if written.startswith(("+", "(+")):
        return len(digits) >= 8
    if of_a_thing(text, start) or _WORD_BEFORE.search(text[max(0, start - 24) : start]):
        return not of_a_thing(text, start)
    if written.startswith("00"):
        return _valid("+" + digits[2:], None)
    if digits.startswith("0"):
        return not _DECIMAL.match(written) and _is_domestic(written, digits)
    if _NORTH_AMERICA.fullmatch(written) or _FICTION.fullmatch(written):
        return True
    japanese = digits.startswith("81") and len(digits) in {11, 12} and written != digits
    return japanese and _valid("+" + digits, None)


def _is_domestic(written: str, digits: str) -> bool:
    """A number with its leading zero: in groups as Japan writes them, or known to be one."""
    if _MOBILE_JA.fullmatch(digits):
        return True
    grouped = written != digits
    if grouped and len(digits) in {10, 11} and _GROUPED_JA.fullmatch(written):
        return "." not in written or _valid(digits, "JP")
    if len(digits) < 9:
        return False
    if not grouped:
        return _valid(digits, "JP")
    return any(_valid(digits, region) for region in _REGIONS)


def _valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False

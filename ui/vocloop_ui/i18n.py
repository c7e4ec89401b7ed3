"""The reader's language: catalogues, numbers and dates.

Messages are written in English where they are used; locale/{ja,en}/LC_MESSAGES/messages.po holds
what the reader sees (``python ui/messages.py`` keeps the two in step with the source).
"""

from __future__ import annotations

import datetime as dt
import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import localcontext
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_currency, format_decimal, get_currency_symbol

LANGUAGES = ("ja", "en")
LOCALE = Path(__file__).parent / "locale"
# As in running text: 2026年9月11日 / 11 Sep 2026. Babel's own English styles put the month first
# or, in British English, write "Sept".
DATE_PATTERNS: Mapping[str, str] = {"ja": "y年M月d日", "en": "d MMM y"}
# Marks messages that come from the domain, not from the pages (ui/messages.py).
DOMAIN = "error"
MONTH_PATTERNS: Mapping[str, str] = {"ja": "y年M月", "en": "MMM y"}
# As many as Python writes of a number; Babel rounds within the context's own 28 and fails beyond.
DIGITS = 4_400


@cache
def _catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def domain_messages(language: str) -> list[tuple[str, str]]:
    """What the domain says of its errors: in English, and translated."""
    return [
        (message.id, message.string)
        for message in _catalogue(language)
        if message.context == DOMAIN
        and isinstance(message.id, str)
        and isinstance(message.string, str)
    ]


@cache
def translations(language: str) -> gettext.GNUTranslations:
    """The catalogue of ``language``, compiled in memory; read once."""
    compiled = BytesIO()
    write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


# A page tells the same few hundred numbers and days again and again, and Babel parses its pattern
# each time.
@lru_cache(maxsize=4096)
def _decimal(value: float, language: str) -> str:
    with localcontext(prec=DIGITS):
        return format_decimal(value, locale=language)


@lru_cache(maxsize=4096)
def _date(day: dt.date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def accepted(header: str) -> str | None:
    """The first of LANGUAGES that an Accept-Language header (RFC 9110) prefers, or None."""
    wishes = []
    for position, part in enumerate(header.split(",")):
        tag, _, parameters = part.strip().partition(";")
        try:
            weight = float(parameters.partition("q=")[2]) if "q=" in parameters else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().split("-")[0]
        if primary in LANGUAGES and weight > 0:
            wishes.append((-weight, position, primary))
    return min(wishes)[2] if wishes else None


@dataclass(frozen=True)
class Reader:
    """The person who reads the page: their language, and the clock that dates are told by."""

    language: str
    timezone: ZoneInfo

    @property
    def gap(self) -> str:
        """What stands between two sentences; 。 brings its own space."""
        return "" if self.language == "ja" else " "

    @property
    def to(self) -> str:
        """Between the ends of a span whose ends may bear a sign or be dates."""
        return "〜" if self.language == "ja" else " – "

    def gettext(self, message: str) -> str:
        return translations(self.language).gettext(message)

    def pgettext(self, context: str, message: str) -> str:
        return translations(self.language).pgettext(context, message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return translations(self.language).ngettext(one, many, n)

    def npgettext(self, context: str, one: str, many: str, n: int) -> str:
        return translations(self.language).npgettext(context, one, many, n)

    def number(self, value: float) -> str:
        return _decimal(value, self.language)

    def money(self, value: float, currency: str) -> str:
        """A whole amount: $43,000, SGD 340,000."""
        symbol = get_currency_symbol(currency, self.language)
        between = "\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else ""
        return f"{symbol}{between}{self.number(round(value))}"

    def short_money(self, value: float, currency: str) -> str:
        """An amount of few digits: $61M, $6100万."""
        return format_compact_currency(value, currency, locale=self.language, fraction_digits=1)

    def share(self, value: float) -> str:
        """A share in [0, 1] as whole percent: 62%."""
        return f"{round(100 * value)}%"

    def date(self, value: dt.datetime | dt.date) -> str:
        return _date(self._day(value), DATE_PATTERNS[self.language], self.language)

    def moment(self, value: dt.datetime) -> str:
        """A day with its time, by the reader's clock: 11 Sep 2026 09:30."""
        local = value.astimezone(self.timezone)
        return f"{self.date(value)} {local:%H:%M}"

    def month(self, value: dt.datetime | dt.date) -> str:
        return _date(self._day(value), MONTH_PATTERNS[self.language], self.language)

    def language_name(self, code: str) -> str:
        """The name of an ISO 639-1 code in the reader's language; the code itself if unknown."""
        if code == "und":
            return self.gettext("unknown language")
        return str(Locale(self.language).languages.get(code, code))

    def today(self) -> dt.date:
        return dt.datetime.now(self.timezone).date()

    def _day(self, value: dt.datetime | dt.date) -> dt.date:
        if isinstance(value, dt.datetime):
            return value.astimezone(self.timezone).date()
        return value

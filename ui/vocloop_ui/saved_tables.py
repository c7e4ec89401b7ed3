"""Tables of a page as rows for a file: what is on the page is what is saved, under the page's own
filters and permission.

A ``<table data-save="NAME">`` is read row by row. Any other element with data-save is a list: in it
each ``data-record`` is a row, each ``data-field="HEAD"`` beneath it a cell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from vocloop_ui.csv_file import Value

# Rows of the longest file; beyond it people narrow the filter, or use the API.
MOST_ROWS = 5_000
# Of these nothing is text for a reader of a table.
_SILENT = frozenset({"svg", "script", "style", "form", "button", "label", "textarea", "dialog"})
_VOID = frozenset({"br", "img", "input", "hr", "meta", "link", "col", "wbr", "area", "source"})
_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "dl", "dd", "dt", "blockquote"})
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")

Attributes = Mapping[str, str]


def rows_of(page: str, name: str, zone: ZoneInfo) -> list[list[Value]] | None:
    """The head and the rows of the table of that name; None when the page has none. Times become
    days in ``zone``, as YYYY-MM-DD."""
    reader = _Reader(name, zone)
    reader.feed(page)
    reader.close()
    return reader.table() if reader.found else None


class _Reader(HTMLParser):
    def __init__(self, name: str, zone: ZoneInfo) -> None:
        super().__init__()
        self.name, self.zone = name, zone
        self.found = False
        self._open: list[str] = []  # tags inside the table, itself included
        self._silent = 0  # how deep the part is of which nothing is read
        self._heads: dict[str, str] = {}  # by the key of their column
        self._hidden: set[str] = set()  # places of columns that the reader left out
        self._rows: list[dict[str, Value]] = []
        self._cell: list[str] | None = None
        self._cell_at, self._head, self._numeric = 0, "", False
        self._place = ""
        self._in_table = False
        self._column = 0

    def table(self) -> list[list[Value]]:
        """Columns without a head that one sees and without words, as those of buttons and bars,
        are left out; so is a head that has no words at all."""
        kept = [
            (key, head)
            for key, head in self._columns().items()
            if head or any(row.get(key, "") != "" for row in self._rows)
        ]
        body = [[row.get(key, "") for key, _ in kept] for row in self._rows]
        heads: list[Value] = [head for _, head in kept]
        return [heads, *body] if any(heads) else body

    def _columns(self) -> dict[str, str]:
        """Key and head of each, also where a table has no heads."""
        return {key: "" for row in self._rows for key in row} | self._heads

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if not self._open and (self.found or given.get("data-save") != self.name):
            return
        if tag in _VOID:
            self._say(" ")
            return
        self._open.append(tag)
        if len(self._open) == 1:
            self.found, self._in_table = True, tag == "table"
            self._hidden = _places("hide-", given)
        elif self._silent:
            return
        elif tag in _SILENT or self._is_beside(tag, given):
            self._silent = len(self._open)
        elif "data-value" in given:
            self._begin(tag, given)
            self._say(given["data-value"])
            self._silent = len(self._open)
        elif tag == "time" and given.get("datetime"):
            self._begin(tag, given)
            self._say(_day(given["datetime"], self.zone))
            self._silent = len(self._open)
        else:
            self._begin(tag, given)

    def _is_beside(self, tag: str, given: Attributes) -> bool:
        """Whether an element is no part of what a cell says."""
        if given.get("aria-hidden") == "true" or (tag == "option" and "selected" not in given):
            return True
        classes = given.get("class", "").split()
        return "add-filter" in classes or ("sr" in classes and "thead" in self._open)

    def _begin(self, tag: str, given: Attributes) -> None:
        """A row or a cell, if the element is one."""
        if "data-record" in given or (self._in_table and tag == "tr"):
            self._rows.append({})
            self._column = 0
        starts = tag in ("td", "th") if self._in_table else "data-field" in given
        if starts and self._cell is None:
            self._cell, self._cell_at = [], len(self._open)
            self._head = given.get("data-field", "")
            self._place = "".join(_places("col-", given))
            classes = given.get("class", "").split()
            self._numeric = "n" in classes
            if "bar-cell" in classes:
                self._silent = len(self._open)
        else:
            self._say(" " if tag in _BLOCKS else "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of drawings only: nothing is read of them."""

    def handle_endtag(self, tag: str) -> None:
        if not self._open or tag in _VOID:
            return
        if tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        depth = len(self._open) + 1
        if self._silent and depth <= self._silent:
            self._silent = 0
        if self._cell is not None and depth <= self._cell_at:
            self._end_cell()
        elif tag == "thead" and self._in_table:
            self._take_heads()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._say(data)

    def _say(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(text)

    def _end_cell(self) -> None:
        text = " ".join("".join(self._cell or ()).split())
        self._cell = None
        self._column += 1
        key = str(self._column) if self._in_table else self._head
        if not self._rows or str(self._place or self._column) in self._hidden:
            return
        if not self._in_table:
            self._heads.setdefault(key, key)
        before = self._rows[-1].get(key, "")
        value: Value = _number(text) if self._numeric else text
        self._rows[-1][key] = f"{before}; {text}" if before and text else value

    def _take_heads(self) -> None:
        first, *_ = self._rows or [{}]
        self._heads = {key: str(value) for key, value in first.items()}
        self._rows = []


def _places(prefix: str, given: Attributes) -> set[str]:
    """The numbers in classes such as hide-3."""
    classes = given.get("class", "").split()
    return {each.removeprefix(prefix) for each in classes if each.startswith(prefix)}


def _day(written: str, zone: ZoneInfo) -> str:
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        return written
    if moment.tzinfo is None:
        return written
    return moment.astimezone(zone).date().isoformat()


def _number(text: str) -> Value:
    plain = text.replace("−", "-")
    if not _NUMBER.fullmatch(plain):
        return text
    digits = plain.replace(",", "")
    return float(digits) if "." in digits else int(digits)

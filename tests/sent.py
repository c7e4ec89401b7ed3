"""What a browser sends of a form on a page that nobody has touched."""

from __future__ import annotations

from html.parser import HTMLParser

Fields = dict[str, list[str]]


def sent(page: str, action: str) -> Fields:
    """The fields, name to values, of the first form of ``page`` that posts to ``action``."""
    return next(fields for to, fields in every_form(page) if to == action)


def every_form(page: str) -> list[tuple[str, Fields]]:
    """Where each form of ``page`` goes to, and its fields."""
    reading = _Forms()
    reading.feed(page)
    return reading.forms


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self._select: str = ""
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if of.get("type") in ("checkbox", "radio") and "checked" not in of:
            return
        if tag == "form":
            self.forms.append((of.get("action", "").partition("#")[0], {}))
        elif tag == "select":
            self._select = of.get("name", "")
        elif tag == "textarea":
            self._text = (of["name"], [])
        elif tag == "option" and self._select:
            # Without a choice the first one counts.
            known = self.forms[-1][1].setdefault(self._select, [of["value"]])
            known[:] = [of["value"]] if "selected" in of else known
        elif tag == "input" and "name" in of:
            self._add(of["name"], of.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea" and self._text is not None:
            name, words = self._text
            self._add(name, "".join(words).removeprefix("\n").replace("\n", "\r\n"))
            self._text = None

    def _add(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1][1].setdefault(name, []).append(value)

"""What every format is: how it is told from its content, and how its rows become voices.

A voice is a dict by the field names of names.FEEDBACK (``text``, ``said_at``, ``customer_id`` …)
with the values as the tool wrote them; columns.record converts them and FeedbackIn judges them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vocloop.intake.rows import Refusal, Row, Table

Thing = Mapping[str, Any]
"""A JSON object of a tool: a ticket, a conversation, a review."""
Values = dict[str, Any]

# API answers wrap their things a few levels deep (an event, its data, its item).
_DEEPEST = 5


@dataclass(frozen=True)
class Refused:
    """A thing that is no voice, and why."""

    reason: str


@dataclass
class Beside:
    """What else came with a thing: the page around it and the files given along with it, where
    tools put users, companies and questions."""

    pages: Sequence[Thing] = ()
    _indexed: dict[tuple[Any, str], dict[str, list[Thing]]] = field(
        default_factory=dict, repr=False
    )
    _page: Thing | None = field(default=None, repr=False)
    _of_page: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, page: Thing, name: str, make: Callable[[Thing], Any]) -> Any:
        """What ``make`` finds on a page, found once for all of its things."""
        if self._page is not page:
            self._page, self._of_page = page, {}
        if name not in self._of_page:
            self._of_page[name] = make(page)
        return self._of_page[name]

    def get(self, page: Thing, kind: str, identity: Any) -> Thing:
        """The object with that id in a list called ``kind`` ("users"), an empty one if there is
        none."""
        if identity is None:
            return {}
        own = self.once(page, kind, lambda each: _grouped(listed(each.get(kind)), "id"))
        if str(identity) in own:
            return own[str(identity)][0]  # type: ignore[no-any-return]
        index = self._indexed.get((kind, "id"))
        if index is None:
            found = (each for page_ in self.pages for each in listed(page_.get(kind)))
            index = self._indexed[kind, "id"] = _grouped(found, "id")
        return index.get(str(identity), [{}])[0]

    def where(self, knows: Callable[[Thing], bool], name: str, value: Any) -> list[Thing]:
        """The things of the files given along that have ``value`` under ``name``."""
        if value is None or not self.pages:
            return []
        index = self._indexed.get((knows, name))
        if index is None:
            found = (each for page in self.pages for each in things(page, knows))
            index = self._indexed[knows, name] = _grouped(
                (each for each in found if isinstance(each, Mapping)), name
            )
        return index.get(str(value), [])


def _grouped(found: Iterable[Thing], name: str) -> dict[str, list[Thing]]:
    index: dict[str, list[Thing]] = {}
    for each in found:
        index.setdefault(str(each.get(name)), []).append(each)
    return index


ReadThing = Callable[[Thing, Thing, Beside], Iterator["Values | Refused"]]
"""Called with the thing, the page it came in, and what came beside it."""


@dataclass(frozen=True)
class Objects:
    """Reads JSON: ``knows`` says whether an object is a thing of this tool."""

    knows: Callable[[Thing], bool]
    read: ReadThing


@dataclass(frozen=True)
class Tables:
    """Reads tables: ``knows`` looks at the header and the first rows."""

    knows: Callable[[Table], bool]
    read: Callable[[Table], Iterator[Row | Refusal]]


@dataclass(frozen=True)
class Texts:
    """Reads running text: a whole file is read at once."""

    read: Callable[[str], Iterator[Values | Refused]]


@dataclass(frozen=True)
class Format:
    """``name`` is the word of ``--format``."""

    name: str
    objects: Objects | None = None
    tables: Tables | None = None
    texts: Texts | None = None


def voices(
    entries: Iterable[Row | Refusal], format_: Format, beside: Beside, *, forced: bool = False
) -> Iterator[Row | Refusal]:
    """The voices in JSON objects, each of them a thing or a page of things."""
    reader = format_.objects
    assert reader is not None  # noqa: S101 - the registry asks only those that read objects
    for entry in entries:
        if isinstance(entry, Refusal):
            yield entry
            continue
        page = entry.values
        found = list(things(page, reader.knows))
        if not found and forced and not _is_empty_page(page):
            found = list(_elements(page))
        if not found and not _is_empty_page(page):
            yield Refusal(entry.line, f"holds nothing that {format_.name} calls a voice")
        for number, thing in enumerate(found, start=1):
            place = f"object {number}{_named(thing)}: " if len(found) > 1 else ""
            line = getattr(thing, "line", entry.line)
            if not isinstance(thing, Mapping) or not (forced or reader.knows(thing)):
                yield Refusal(line, f"{place}is not like the others of {format_.name}")
                continue
            for result in reader.read(thing, page, beside):
                if isinstance(result, Refused):
                    yield Refusal(line, f"{place}{result.reason}")
                    continue
                yield Row(line, result)


def things(page: Any, knows: Callable[[Thing], bool], depth: int = 0) -> Iterator[Any]:
    """The things in an API answer, wherever it keeps them. All of a list counts when one of its
    objects is a thing, so that a broken one is refused, not lost."""
    if isinstance(page, Mapping):
        if knows(page):
            yield page
        elif depth < _DEEPEST:
            for value in page.values():
                if isinstance(value, (Mapping, list)):
                    yield from things(value, knows, depth + 1)
    elif isinstance(page, list) and depth < _DEEPEST:
        mappings = [each for each in page if isinstance(each, Mapping)]
        if any(map(knows, mappings)):
            yield from page
            return
        for each in page:
            if isinstance(each, (Mapping, list)):
                yield from things(each, knows, depth + 1)


def _elements(page: Thing) -> Iterator[Any]:
    """The objects of a page's only list of objects, else the page itself."""
    lists = [listed(value) for value in page.values() if isinstance(value, list)]
    lists = [each for each in lists if each]
    if len(lists) == 1 and "id" not in page:
        yield from lists[0]
        return
    yield page


def _is_empty_page(page: Thing) -> bool:
    return any(value == [] for value in page.values()) and "id" not in page


def _named(thing: Any) -> str:
    identity = thing.get("id") or thing.get("key") if isinstance(thing, Mapping) else None
    return f" ({str(identity)[:60]})" if isinstance(identity, (str, int)) else ""


def listed(value: Any) -> list[Any]:
    """The objects of a list; none if it is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def same(left: Any, right: Any) -> bool:
    """Whether two ids are one, however they are written."""
    return left is not None and right is not None and str(left) == str(right)

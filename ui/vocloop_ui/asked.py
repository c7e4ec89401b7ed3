"""What the address of the list of themes asks for: filters, order, place. A shared link shows the
same list to everyone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

from vocloop.themes import query
from vocloop.themes.heard import Heard
from vocloop_models import COMPANY_ATTRIBUTES, LongevityKind, ValueLayer
from vocloop_ui import columns, segment_words, words
from vocloop_ui.errors import PageInputError
from vocloop_ui.i18n import LANGUAGES, Reader
from vocloop_ui.view import with_query

SORTS: tuple[query.Sort, ...] = get_args(query.Sort)
# Fewer than three companies are too little evidence for a rank: they are listed on demand.
LEAST_CUSTOMERS = 3
MOST_CUSTOMERS = 100_000
MAX_TEXT = 200
# Of the table, those that may be left out.
COLUMNS = ("impact", "kind", "parts", "weeks", "companies")
# Between the attribute of a segment and its value, in the address: segment=industry:製造業.
OF = ":"


@dataclass(frozen=True)
class Names:
    """What ids in the address are called."""

    areas: Mapping[uuid.UUID, str]
    departments: Mapping[uuid.UUID, str]


@dataclass(frozen=True)
class Asked:
    """The filters, the sort and the place in the list, as the address holds them."""

    language: str = ""
    kind: str = ""
    customers: int = LEAST_CUSTOMERS
    text: str = ""
    area: str = ""
    layer: str = ""
    source: str = ""
    segment: str = ""
    since: str = ""
    department: str = ""
    archived: str = ""
    columns: str = ""
    sort: query.Sort = "impact"
    cursor: str = ""

    def parameters(self, **changes: str | int | None) -> Mapping[str, str | int | None]:
        """What an address needs to say of this; a default goes without saying.

        The cursor is left out unless ``changes`` names it: another filter is another list."""
        now: dict[str, str | int | None] = {
            "language": self.language,
            "kind": self.kind,
            "customers": self.customers,
            "text": self.text,
            "area": self.area,
            "layer": self.layer,
            "source": self.source,
            "segment": self.segment,
            "since": self.since,
            "department": self.department,
            "archived": self.archived,
            "columns": self.columns,
            "sort": self.sort,
            **changes,
        }
        if now["customers"] == LEAST_CUSTOMERS:
            now["customers"] = None
        if now["sort"] == "impact":
            now["sort"] = None
        return now

    def address(self, **changes: str | int | None) -> str:
        return with_query("/themes", self.parameters(**changes))

    def where(self, timezone: dt.tzinfo) -> query.ThemeFilter:
        attribute, _, value = self.segment.partition(OF)
        since = dt.datetime.fromisoformat(self.since) if self.since else None
        return query.ThemeFilter(
            language=self.language or None,
            kind=LongevityKind(self.kind) if self.kind else None,
            text=self.text or None,
            min_customers=self.customers,
            archived=bool(self.archived),
            area=uuid.UUID(self.area) if self.area else None,
            layer=ValueLayer(self.layer) if self.layer else None,
            heard=Heard(
                source=self.source or None,
                segment=(attribute, value) if self.segment else None,
                since=since.replace(tzinfo=timezone) if since else None,
                department=uuid.UUID(self.department) if self.department else None,
            ),
        )

    def chips(self, reader: Reader, names: Names) -> list[tuple[str, str, str]]:
        """The conditions that are on: name, value, address without it."""
        chips = []
        if self.text:
            chips.append((reader.gettext("Words"), self.text, self.address(text=None)))
        if self.segment:
            attribute, _, value = self.segment.partition(OF)
            chips.append(
                (
                    segment_words.attribute(reader, attribute),
                    segment_words.value(reader, attribute, value),
                    self.address(segment=None),
                )
            )
        if self.area:
            value = names.areas.get(uuid.UUID(self.area), reader.gettext("unknown area"))
            chips.append((reader.gettext("Area"), value, self.address(area=None)))
        if self.layer:
            value = words.layer(reader, ValueLayer(self.layer))
            chips.append((reader.gettext("Layer of value"), value, self.address(layer=None)))
        if self.department:
            value = names.departments.get(
                uuid.UUID(self.department), reader.gettext("unknown department")
            )
            chips.append((reader.gettext("Department"), value, self.address(department=None)))
        if self.kind:
            value = words.kind(reader, LongevityKind(self.kind))
            chips.append((reader.gettext("Longevity"), value, self.address(kind=None)))
        if self.language:
            value = reader.language_name(self.language)
            chips.append((reader.gettext("Said in"), value, self.address(language=None)))
        if self.source:
            chips.append((reader.gettext("Source"), self.source, self.address(source=None)))
        if self.since:
            value = reader.date(dt.date.fromisoformat(self.since))
            chips.append((reader.gettext("Heard since"), value, self.address(since=None)))
        if self.archived:
            chips.append(
                (reader.gettext("State"), reader.gettext("archived"), self.address(archived=None))
            )
        if self.customers > 1:
            value = reader.gettext("%(num)s or more") % {"num": reader.number(self.customers)}
            chips.append((reader.gettext("Companies"), value, self.address(customers=1)))
        return chips


def asked_by(reader: Reader, parameters: Mapping[str, str]) -> Asked:
    """Read the address. Raises PageInputError that names the parameter and what it may be."""
    asked = Asked(
        language=parameters.get("language", ""),
        kind=parameters.get("kind", ""),
        text=parameters.get("text", "").strip(),
        cursor=parameters.get("cursor", ""),
        layer=parameters.get("layer", ""),
        area=id_in(reader, "area", parameters.get("area", "")),
        department=id_in(reader, "department", parameters.get("department", "")),
        source=short(reader, parameters.get("source", "")),
        segment=segment_in(reader, parameters.get("segment", "")),
        since=_day(reader, parameters.get("since", "")),
        archived="1" if parameters.get("archived") else "",
        columns=columns.written(frozenset(columns.asked_in(parameters).split(",")), COLUMNS),
    )
    check_one_of(reader, "language", asked.language, LANGUAGES)
    check_one_of(reader, "layer", asked.layer, [layer.value for layer in ValueLayer])
    check_one_of(reader, "kind", asked.kind, [kind.value for kind in LongevityKind])
    short(reader, asked.text)
    sort = parameters.get("sort") or "impact"
    check_one_of(reader, "sort", sort, SORTS)
    customers = parameters.get("customers") or str(LEAST_CUSTOMERS)
    if (
        not customers.isascii()
        or not customers.isdigit()
        or not (1 <= int(customers[:9]) <= MOST_CUSTOMERS)
    ):
        raise PageInputError(
            reader.gettext(
                "The address asks for customers “%(value)s”; use a whole number from 1 to %(most)s."
            )
            % {"value": customers, "most": reader.number(MOST_CUSTOMERS)}
        )
    return replace(
        asked,
        customers=int(customers[:9]),
        sort=next(one for one in SORTS if one == sort),
    )


def short(reader: Reader, text: str) -> str:
    if len(text) > MAX_TEXT or "\x00" in text:
        raise PageInputError(
            reader.gettext("The words to search for are too long; use at most %(most)s letters.")
            % {"most": reader.number(MAX_TEXT)}
        )
    return text


def segment_in(reader: Reader, text: str) -> str:
    if text:
        check_one_of(reader, "segment", short(reader, text).partition(OF)[0], COMPANY_ATTRIBUTES)
    return text


def _day(reader: Reader, text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise PageInputError(
            reader.gettext("“%(value)s” is no day. Write it as 2026-09-11.") % {"value": text[:30]}
        ) from None


def id_in(reader: Reader, name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value)) if value else ""
    except ValueError:
        raise PageInputError(
            reader.gettext("The address asks for %(name)s “%(value)s”; choose one from the list.")
            % {"name": name, "value": value[:60]}
        ) from None


def check_one_of(
    reader: Reader, name: str, value: str, allowed: list[str] | tuple[str, ...]
) -> None:
    if value and value not in allowed:
        raise PageInputError(
            reader.gettext("The address asks for %(name)s “%(value)s”; use one of: %(allowed)s.")
            % {"name": name, "value": value, "allowed": ", ".join(allowed)}
        )

"""Lists that can be saved as a view, and what of an address a view keeps: filters, order, columns;
never a place in the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

# By page, the parameters of its address that a view keeps, in the order that it keeps them in.
LISTS: Mapping[str, tuple[str, ...]] = {
    "/themes": (
        *("language", "kind", "customers", "text", "area", "layer", "source", "segment"),
        *("since", "department", "archived", "columns", "sort"),
    ),
    "/map": ("text", "columns"),
    # Without a day that someone chose, a view moves along with what is said.
    "/changes": ("until", "days", "against"),
    "/hypotheses": ("text", "state", "segment", "department"),
    "/minority-voices": ("text", "language"),
    "/voices": ("by", "all", "columns"),
    "/customers": ("q", "tier", "columns"),
    "/backlog": ("view", "by", "state", "department", "horizon", "text", "sort", "columns"),
    "/decisions": ("verdict", "round", "text"),
    "/numbers": ("scale", "by", "every"),
    "/alerts": ("state", "kind"),
    "/outbox": ("state", "columns"),
}
# What an address need not say.
USUAL: Mapping[str, Mapping[str, str]] = {
    "/themes": {"customers": "3", "sort": "impact"},
    "/backlog": {"view": "table", "by": "stage", "sort": "priority"},
    "/numbers": {"every": "month"},
    "/changes": {"days": "90", "against": "before"},
}


def query_of(page: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What a view of ``page`` keeps of an address: as in an address, the same for the same list.

    Several values of one name are written with commas between. "" for a page without views."""
    said: dict[str, list[str]] = {}
    for name, value in parameters:
        if value:
            said.setdefault(name, []).append(value)
    usual = USUAL.get(page, {})
    kept = {name: ",".join(said[name]) for name in LISTS.get(page, ()) if name in said}
    return urlencode({name: value for name, value in kept.items() if value != usual.get(name)})

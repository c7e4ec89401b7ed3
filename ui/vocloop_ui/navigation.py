"""The loop as navigation: its four stages, each with the pages that belong to it.

A new page is one line here; its place in the bar, beneath it and on phones follows from that.
``/`` and pages outside the stages (settings, the design page) are not listed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from vocloop_models import Role
from vocloop_ui.i18n import Reader

Words = Callable[[Reader], str]
# What each role opens in the morning; of several roles the first here counts.
FIRST_PAGES = {
    Role.PRODUCT_MANAGER: "/themes",
    Role.EXECUTIVE: "/briefing",
    Role.ADMINISTRATOR: "/themes",
    Role.AGENT: "/hand-in",
    Role.AUDITOR: "/themes",
}
# Whether the page at an address is the reader's to open.
MayOpen = Callable[[str], bool]


@dataclass(frozen=True)
class Page:
    """``address`` is also that of everything below it: /themes is the place of /themes/1.
    ``also``: pages that lead back to it, each without a place of its own."""

    address: str
    words: Words
    also: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        places = (self.address, *self.also)
        return path in places or path.startswith(tuple(f"{place}/" for place in places))


@dataclass(frozen=True)
class Stage:
    name: str
    words: Words
    pages: tuple[Page, ...] = ()


STAGES = (
    Stage(
        "hear",
        lambda reader: reader.gettext("Hear"),
        (
            Page("/hand-in", lambda reader: reader.gettext("Hand in")),
            Page("/transcript", lambda reader: reader.gettext("Transcript")),
            Page("/imports", lambda reader: reader.gettext("Imports")),
            Page("/voices", lambda reader: reader.gettext("My voices")),
            Page("/sources", lambda reader: reader.gettext("Sources")),
            Page("/customers", lambda reader: reader.gettext("Customers")),
        ),
    ),
    Stage(
        "discern",
        lambda reader: reader.gettext("Discern"),
        (
            Page("/themes", lambda reader: reader.gettext("Themes"), ("/edits",)),
            Page("/changes", lambda reader: reader.gettext("Changes")),
            Page("/map", lambda reader: reader.gettext("Map")),
            Page("/proposals", lambda reader: reader.gettext("Proposals")),
            Page("/minority-voices", lambda reader: reader.gettext("Minority voices")),
            Page("/hypotheses", lambda reader: reader.gettext("Hypotheses")),
            Page("/quality", lambda reader: reader.gettext("Quality")),
        ),
    ),
    Stage(
        "decide",
        lambda reader: reader.gettext("Decide"),
        (
            Page("/briefing", lambda reader: reader.gettext("Briefing")),
            Page("/backlog", lambda reader: reader.gettext("Backlog")),
            Page("/rounds", lambda reader: reader.gettext("Arbitration")),
            Page(
                "/inbox",
                lambda reader: reader.gettext("Department inboxes"),
                ("/triage", "/departments"),
            ),
            Page("/decisions", lambda reader: reader.gettext("Decision log")),
        ),
    ),
    Stage(
        "verify",
        lambda reader: reader.gettext("Verify"),
        (
            Page("/outcomes", lambda reader: reader.gettext("Outcome reviews")),
            Page("/spread", lambda reader: reader.gettext("Spread")),
            Page("/numbers", lambda reader: reader.gettext("Customer numbers")),
            Page("/alerts", lambda reader: reader.gettext("Alerts")),
        ),
    ),
)


def stages(may_open: MayOpen) -> list[Stage]:
    """Those that have pages which the reader may open: nothing else is offered."""
    offered = [_offered(stage, may_open) for stage in STAGES]
    return [stage for stage in offered if stage.pages]


def _offered(stage: Stage, may_open: MayOpen) -> Stage:
    return replace(stage, pages=tuple(p for p in stage.pages if may_open(p.address)))


def first_page(roles: Collection[Role]) -> str:
    return next((page for role, page in FIRST_PAGES.items() if role in roles), "/themes")


@dataclass(frozen=True)
class Place:
    """Where a reader is; both None outside the stages."""

    stage: Stage | None = None
    page: Page | None = None


def place_of(path: str, may_open: MayOpen = lambda _address: True) -> Place:
    """The page with the longest address that ``path`` is, or lies below."""
    found = [
        (len(page.address), Place(stage, page))
        for stage in STAGES
        for page in stage.pages
        if page.holds(path)
    ]
    if not found:
        return Place()
    place = max(found, key=lambda each: each[0])[1]
    return replace(place, stage=_offered(place.stage, may_open)) if place.stage else place

"""The form of a backlog item: its values from the item, its fields for the domain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session, col, select

from vocloop.roadmap import audit, hypotheses
from vocloop.roadmap.backlog import QUARTER, ItemParts, Work
from vocloop_models import SHOWN_STATES, Department, Horizon, Theme, ThemeScore
from vocloop_ui import meanwhile, pairs, roadmap_view, roadmap_words, words
from vocloop_ui.forms import Form
from vocloop_ui.i18n import Reader
from vocloop_ui.meanwhile import Values

HORIZONS = list(Horizon)
MOST_PROBLEM, MOST_GOALS, MOST_GOAL = 4_000, 20, 100
MOST_WEEKS, MOST_MONEY = 10_000, 1e12
# Themes to add: those that are ranked first.
OFFERED_THEMES = 60
# Browsers keep 4 KB of a cookie: a longer undo is not offered.
LONGEST_UNDO = 2_400
# Names in the form, up to a dot, where they are not those of the item's fields.
PARTS_OF = {
    "hypothesis": "hypothesis_id",
    "share": "themes",
    "effort": "departments",
    "effect": "departments",
}


def values_of(parts: ItemParts) -> Values:
    """What the form shows of an item as it is."""
    item = parts.item
    values = {
        "title": [item.title],
        "problem": [item.problem],
        "horizon": [item.horizon.value],
        "quarter": [item.quarter or ""],
        "cost": [f"{item.cost:.15g}"],
        "goals": ["\n".join(item.goals)],
        "tracker_url": [item.tracker_url or ""],
        "hypothesis": [str(item.hypothesis_id or "")],
        "needs": [str(each) for each in parts.needs],
        "themes": [str(each) for each in parts.themes],
    }
    for theme, share in parts.themes.items():
        values[f"share.{theme}"] = [f"{100 * share:g}"]
    for key, work in parts.departments.items():
        values[f"effort.{key}"] = [f"{work.effort:g}"]
        values[f"effect.{key}"] = [f"{work.effect:g}"]
    return values


def undo(path: str, before: Values, after: Values) -> str:
    """Where to post to take a change back; "" when the address would be too long to be kept."""
    address = f"{path}?{urlencode(meanwhile.taken_back(before, after), doseq=True)}"
    return address if len(address) <= LONGEST_UNDO else ""


def changes(session: Session, form: Form, parts: ItemParts) -> dict[str, Any]:
    """The fields for backlog.change() that the writer of a form changed since it was opened. What
    can't be read is refused on the form, and what somebody else has changed too."""
    mine, both = meanwhile.settle(form, values_of(parts))
    for name in both:
        beside = "themes" if name.startswith("share.") else name
        form.refuse(beside, _told(session, form, parts, name))
    touched = {_field(name) for name in mine}
    return {name: value for name, value in fields_of(session, form).items() if name in touched}


def _field(name: str) -> str:
    """The field of an item that a name in the form belongs to."""
    head = name.partition(".")[0]
    return PARTS_OF.get(head, head)


def _told(session: Session, form: Form, parts: ItemParts, name: str) -> str:
    """Who has changed a field meanwhile, and to what."""
    changed = (each for each in audit.changes(session, parts.item.id) if each.action == "changed")
    by = next((each.by for each in changed if _field(name) in each.detail), None)
    return meanwhile.told(form.reader, _present(session, form.reader, parts, name), by)


def _present(session: Session, reader: Reader, parts: ItemParts, name: str) -> str:
    """What an item holds, in words."""
    item, between = parts.item, reader.gettext(", ")
    if _field(name) == "themes":
        titles = {each.id: words.title(reader, each) for each in _own_themes(session, parts)}
        shares = sorted(parts.themes.items(), key=lambda each: -each[1])
        return between.join(f"{titles[theme]} {reader.share(share)}" for theme, share in shares)
    if name == "needs":
        every = roadmap_view.titles(session)
        return between.join(pairs.own(reader, every[each].title) for each in parts.needs)
    if name == "hypothesis" and item.hypothesis_id:
        return hypotheses.one(session, item.hypothesis_id).versions[0].segment
    if name == "horizon":
        return roadmap_words.horizon(reader, item.horizon)
    if name == "quarter" and item.quarter:
        return roadmap_words.quarter(reader, item.quarter)
    return next(iter(values_of(parts).get(name, ())), "")


def fields_of(session: Session, form: Form) -> dict[str, Any]:
    """The fields for backlog.change(); what can't be read is refused on the form."""
    reader = form.reader
    quarter = form.text("quarter", 6).upper()
    if quarter and not QUARTER.fullmatch(quarter):
        form.refuse("quarter", reader.gettext("Write a quarter as 2026Q4."))
    tracker = form.text("tracker_url", 2_000)
    if tracker and not tracker.startswith(("https://", "http://")):
        form.refuse("tracker_url", reader.gettext("Write an address that begins with https://."))
    goals = [goal for line in form.text("goals", 4_000).splitlines() if (goal := line.strip())]
    if len(goals) > MOST_GOALS or any(len(goal) > MOST_GOAL for goal in goals):
        form.refuse("goals", reader.gettext("Write at most 20 goals, each in a short line."))
    return {
        "title": form.text(
            "title", 300, missing=reader.gettext("Write what may be done about it.")
        ),
        "problem": form.text("problem", MOST_PROBLEM),
        "horizon": form.choice(
            "horizon", Horizon, missing=reader.gettext("Choose now, next or later.")
        ),
        "quarter": quarter or None,
        "cost": form.number("cost", 0, MOST_MONEY, empty=0.0),
        "goals": list(dict.fromkeys(goals)),
        "tracker_url": tracker or None,
        "hypothesis_id": _id(form, "hypothesis", form.raw("hypothesis")),
        "themes": _themes(form),
        "departments": _departments(session, form),
        "needs": [found for each in form.all("needs") if (found := _id(form, "needs", each))],
    }


def _id(form: Form, name: str, value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if value else None
    except ValueError:
        form.refuse(name, form.reader.gettext("Choose one of those named here."))
        return None


def _themes(form: Form) -> dict[uuid.UUID, float]:
    found = {}
    for value in form.all("themes"):
        theme = _id(form, "themes", value)
        share = form.number(f"share.{value}", 1, 100, empty=100.0)
        if f"share.{value}" in form.errors:
            form.refuse("themes", form.errors.pop(f"share.{value}"))
        if theme is not None and share is not None:
            found[theme] = share / 100
    if not found:
        form.refuse("themes", form.reader.gettext("Choose at least one theme."))
    return found


def _departments(session: Session, form: Form) -> dict[str, Work]:
    found = {}
    for key in session.exec(select(Department.key)):
        effort = form.number(f"effort.{key}", 0, MOST_WEEKS, empty=0.0) or 0.0
        effect = form.number(f"effect.{key}", -1, 1, empty=0.0) or 0.0
        if effort or effect:
            found[key] = Work(effort, effect)
    return found


def _own_themes(session: Session, parts: ItemParts) -> Sequence[Theme]:
    return session.exec(select(Theme).where(col(Theme.id).in_(list(parts.themes)))).all()


def themes_for(session: Session, parts: ItemParts) -> list[Theme]:
    """Its own first, then those with most impact."""
    best = session.exec(
        select(Theme)
        .join(ThemeScore, col(ThemeScore.theme_id) == col(Theme.id))
        .where(col(Theme.state).in_(SHOWN_STATES), col(ThemeScore.day) == col(Theme.scored_on))
        .order_by(col(ThemeScore.impact).desc())
        .limit(OFFERED_THEMES)
    ).all()
    return [
        *_own_themes(session, parts),
        *(theme for theme in best if theme.id not in parts.themes),
    ]


def hypotheses_for(session: Session, parts: ItemParts) -> list[hypotheses.HypothesisParts]:
    """Those of the item's themes, and the one behind it, of whichever theme that is."""
    found, own = hypotheses.of_themes(session, parts.themes), parts.item.hypothesis_id
    if own is not None and all(each.hypothesis.id != own for each in found):
        found.append(hypotheses.one(session, own))
    return found

"""The history of an item in words: who did what, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vocloop.roadmap.audit import tracker_of
from vocloop_models import ItemState, RoadmapChange, Stage
from vocloop_ui import roadmap_words
from vocloop_ui.i18n import Reader


@dataclass(frozen=True)
class Line:
    at: dt.datetime
    by: str | None
    text: str
    note: str | None
    # Whether the note is what a tracker answered, not what a person wrote.
    refused: bool


def lines(reader: Reader, changes: Sequence[RoadmapChange]) -> list[Line]:
    """Newest first, as ``changes`` are."""
    return [
        Line(
            each.at,
            _who(reader, each.by),
            _told(reader, each.action, each.detail),
            each.note,
            each.action == "push_failed",
        )
        for each in changes
    ]


def _who(reader: Reader, by: str | None) -> str | None:
    tracker = tracker_of(by)
    return by if tracker is None else reader.gettext("tracker %(name)s") % {"name": tracker}


def _told(reader: Reader, action: str, detail: Mapping[str, Any]) -> str:
    if action == "moved":
        return reader.gettext("From “%(before)s” to “%(after)s”") % {
            name: roadmap_words.state(reader, ItemState(detail[name]))
            for name in ("before", "after")
        }
    if action == "stage":
        return reader.gettext("From “%(before)s” to “%(after)s”") % {
            name: roadmap_words.stage(reader, Stage(detail[name])) for name in ("before", "after")
        }
    if action == "changed":
        return reader.gettext("Changed: %(fields)s") % {
            "fields": reader.gettext(", ").join(_field(reader, name) for name in detail)
        }
    return {
        "created": reader.gettext("Put into the backlog"),
        "rated": reader.gettext("Rated"),
        "agreed": reader.gettext("Metrics of success agreed"),
        "reviewed": reader.gettext("Result reviewed"),
        "push": reader.gettext("To be sent to the tracker"),
        "push_failed": reader.gettext("The tracker did not take it"),
        "issue_made": reader.gettext("Sent to the tracker"),
        "issue_updated": reader.gettext("Brought up to date in the tracker"),
        "tracker_status": reader.gettext("The tracker told its state"),
        "tracker_ignored": reader.gettext(
            "The tracker told a state that does not fit; kept as it was"
        ),
        "developed": reader.gettext("Its success is developed by another item"),
        "tested": reader.gettext("Its themes were compared with untouched ones"),
    }.get(action, action)


def _field(reader: Reader, name: str) -> str:
    return {
        "title": reader.gettext("title"),
        "problem": reader.gettext("problem statement"),
        "horizon": reader.gettext("horizon"),
        "quarter": reader.gettext("quarter"),
        "cost": reader.gettext("money"),
        "goals": reader.gettext("goals"),
        "hypothesis_id": reader.gettext("hypothesis"),
        "tracker_url": reader.gettext("tracker"),
        "themes": reader.gettext("themes"),
        "departments": reader.gettext("effort of departments"),
        "needs": reader.gettext("what it needs"),
    }.get(name, name)

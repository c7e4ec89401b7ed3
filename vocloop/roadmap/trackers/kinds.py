"""The trackers there are, and how each is spoken to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vocloop.roadmap.trackers import github, gitlab, jira, linear
from vocloop.roadmap.trackers.client import Send
from vocloop.roadmap.trackers.keys import key
from vocloop.roadmap.trackers.port import Adapter, Receiver
from vocloop_models import Tracker, TrackerKind

Statuses = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Kind:
    """``address`` None: it has to be given. ``statuses`` count where a tracker names none."""

    adapter: Callable[[Tracker, str, Send], Adapter]
    receive: Receiver
    address: str | None
    statuses: Statuses


KINDS: Mapping[TrackerKind, Kind] = {
    TrackerKind.GITHUB: Kind(github.GitHub, github.receive, github.ADDRESS, github.STATUSES),
    TrackerKind.GITLAB: Kind(gitlab.GitLab, gitlab.receive, gitlab.ADDRESS, gitlab.STATUSES),
    TrackerKind.JIRA: Kind(jira.Jira, jira.receive, jira.ADDRESS, jira.STATUSES),
    TrackerKind.LINEAR: Kind(linear.Linear, linear.receive, linear.ADDRESS, linear.STATUSES),
}


def adapter(tracker: Tracker, send: Send) -> Adapter:
    """Raises InvalidInputError without a token."""
    return KINDS[tracker.kind].adapter(tracker, key(tracker.name, "TOKEN"), send)


def statuses(tracker: Tracker) -> Statuses:
    """By folded word of the tracker."""
    own = tracker.statuses or KINDS[tracker.kind].statuses
    return {word.casefold(): meaning for word, meaning in own.items()}

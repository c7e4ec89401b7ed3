"""Puts items into trackers: each becomes one issue, whatever breaks down in between.

That an attempt begins is committed before the tracker is asked. An attempt that finds an earlier
one cut off looks for the marker first, and takes up the issue that bears it."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from vocloop.errors import InvalidInputError, NotFoundError, RemoteError, says
from vocloop.roadmap.audit import by_tracker, note
from vocloop.roadmap.exports import body
from vocloop.roadmap.selection import judge
from vocloop.roadmap.trackers.client import LimitedError, RefusedError, Send
from vocloop.roadmap.trackers.kinds import adapter
from vocloop.roadmap.trackers.port import Adapter, Draft, Issue
from vocloop.roadmap.trackers.readback import apply, points_as
from vocloop_models import BacklogItem, LinkState, Tracker, TrackerLink, now
from vocloop_models.clock import holds
from vocloop_models.database import held, transaction

# Longer than any attempt takes; after it, its worker is held to be gone.
LEASE = dt.timedelta(minutes=5)
# Seconds before the second attempt; doubled for each further one. Not less: the search of Jira,
# by which an issue is found again, lags behind.
FIRST_WAIT = 60.0
LONGEST_WAIT = 6 * 3600.0
# Two days and a half: an outage over a weekend is lived through.
MOST_ATTEMPTS = 20
# What GitLab and Jira take; GitHub and Linear take more.
LONGEST_TITLE = 255
# Clocks of ours and of the tracker's may differ by so much.
_EARLIER = dt.timedelta(days=1)


@dataclass(frozen=True)
class _Attempt:
    link: TrackerLink
    tracker: Tracker
    draft: Draft
    at: dt.datetime
    first: bool


def work(engine: Engine, link_id: uuid.UUID, send: Send) -> float | None:
    """Bring one link up to date. Seconds after which to try again; None when there is nothing more
    to do, or nothing that trying again would mend (``error`` of the link says what)."""
    with transaction(engine) as session:
        begun = _begin(session, link_id)
    if not isinstance(begun, _Attempt):
        return begun
    try:
        issue = _deliver(begun, adapter(begun.tracker, send))
    except (RefusedError, InvalidInputError) as error:
        return _failed(engine, begun, str(error), None)
    except RemoteError as error:
        wait = min(FIRST_WAIT * 2 ** (begun.link.attempts - 1), LONGEST_WAIT)
        if isinstance(error, LimitedError):
            wait = max(wait, error.seconds)
        return _failed(engine, begun, str(error), wait)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        told = says(
            "%(name)s does not answer as documented (%(kind)s); check its address",
            name=begun.tracker.name,
            kind=type(error).__name__,
        )
        return _failed(engine, begun, told, None)
    with transaction(engine) as session:
        return _keep(session, begun, issue)


def _begin(session: Session, link_id: uuid.UUID) -> _Attempt | float | None:
    link = _locked(session, link_id)
    moment = now()
    if link.state is not LinkState.WAITING:
        return None
    if link.leased_until is not None and holds(link.leased_until, LEASE):
        return max((link.leased_until - moment).total_seconds(), 1.0)
    tracker = session.get_one(Tracker, link.tracker_id)
    judged = judge(session, link.item_id)
    draft = Draft(link.marker, _title(judged.parts.item.title), body(judged))
    if link.external_id is not None and link.digest == _digest(draft):
        link.state, link.pushed_at = LinkState.PUSHED, moment
        return None
    first = link.tried_at is None
    link.tried_at = link.tried_at or moment
    link.leased_until = moment + LEASE
    link.attempts += 1
    return _Attempt(link, tracker, draft, moment, first)


def _deliver(begun: _Attempt, to: Adapter) -> Issue:
    link, draft = begun.link, begun.draft
    there = link.external_id
    if there is None and not begun.first:
        found = to.find(link.marker, (link.tried_at or now()) - _EARLIER)
        there = found.external_id if found else None
    if there is None:
        return to.create(draft)
    return to.update(there, draft, link.title)


def _keep(session: Session, begun: _Attempt, issue: Issue) -> float | None:
    link = _locked(session, begun.link.id)
    if not points_as(begun.tracker, session.get_one(Tracker, link.tracker_id)):
        # The issue is in the project before: its number is another one's where it points now.
        link.attempts, link.leased_until = 0, None
        return 0.0
    made = link.external_id is None
    link.external_id, link.url = issue.external_id, issue.url
    link.title, link.digest = begun.draft.title, _digest(begun.draft)
    link.attempts, link.error, link.leased_until = 0, None, None
    # What changed since the draft was made is still to be pushed.
    link.state, link.pushed_at = LinkState.PUSHED, begun.at
    item = session.get_one(BacklogItem, link.item_id)
    item.tracker_url = item.tracker_url or issue.url
    action = "issue_made" if made else "issue_updated"
    note(session, item.id, action, by_tracker(begun.tracker.name), url=issue.url)
    apply(session, begun.tracker, link, issue)
    return None


def _failed(engine: Engine, begun: _Attempt, reason: str, wait: float | None) -> float | None:
    with transaction(engine) as session:
        link = _locked(session, begun.link.id)
        link.error, link.leased_until = reason, None
        if wait is not None and link.attempts < MOST_ATTEMPTS:
            return wait
        _end(session, link, begun.tracker, reason)
        return None


def give_up(engine: Engine, link_id: uuid.UUID, reason: str) -> None:
    """End what failed again and again in a way that nobody foresaw: it must not seem to wait."""
    with transaction(engine) as session:
        link = _locked(session, link_id)
        _end(session, link, session.get_one(Tracker, link.tracker_id), reason)


def _end(session: Session, link: TrackerLink, tracker: Tracker, reason: str) -> None:
    link.state, link.error, link.leased_until = LinkState.FAILED, reason, None
    note(session, link.item_id, "push_failed", by_tracker(tracker.name, reason[:2_000]))


def _locked(session: Session, link_id: uuid.UUID) -> TrackerLink:
    found = held(session, TrackerLink, link_id)
    if found is None:
        raise NotFoundError(f"there is no link {link_id} to a tracker; push the item again")
    return found


def _title(given: str) -> str:
    return given if len(given) <= LONGEST_TITLE else given[: LONGEST_TITLE - 1] + "…"


def _digest(draft: Draft) -> str:
    return hashlib.sha256(f"{draft.title}\0{draft.body}".encode()).hexdigest()

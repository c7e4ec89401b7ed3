"""What trackers say of our issues, by webhook and by poll, and what it means for the items.

A word counts only when it is newer than the last one: an old request that is sent again, or one
that overtakes another, changes nothing."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, VocloopError, says
from vocloop.roadmap import backlog
from vocloop.roadmap.audit import Author, by_tracker, get, held, note
from vocloop.roadmap.trackers.client import LimitedError, Send
from vocloop.roadmap.trackers.keys import key
from vocloop.roadmap.trackers.kinds import KINDS, adapter, statuses
from vocloop.roadmap.trackers.port import Issue, Received
from vocloop_models import BacklogItem, ItemState, Stage, Tracker, TrackerLink, now
from vocloop_models.database import reading, transaction

# Asked for again at each poll: clocks differ, and lists of trackers lag behind.
OVERLAP = dt.timedelta(minutes=10)
FIRST_POLL = dt.timedelta(days=30)
# Seconds between two polls of a tracker. Webhooks are quicker; a poll finds what they lost.
POLL_SECONDS = 300.0


def receive(engine: Engine, tracker_id: uuid.UUID, received: Received) -> bool:
    """Take a webhook's request; whether it told something new. Raises SignatureError,
    NotFoundError, InvalidInputError for a body that is not as documented."""
    # Proved before anything is locked: whoever has no secret must not keep writers waiting.
    with reading(engine) as session:
        tracker = get(session, Tracker, tracker_id, "tracker")
    secret = key(tracker.name, "SECRET")
    try:
        issue = KINDS[tracker.kind].receive(received, secret, tracker.project, now())
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidInputError(
            f"the request is not as {tracker.kind.value} documents it ({type(error).__name__}); "
            "choose events of issues only"
        ) from error
    if issue is None or not tracker.active:
        return False
    with transaction(engine) as session:
        return _told(session, get(session, Tracker, tracker_id, "tracker"), issue)


def due(session: Session) -> list[uuid.UUID]:
    """Trackers to poll now."""
    return list(
        session.exec(
            select(Tracker.id)
            .where(col(Tracker.active))
            .where(col(Tracker.poll_after).is_(None) | (col(Tracker.poll_after) <= now()))
            .where(
                col(Tracker.id).in_(
                    select(TrackerLink.tracker_id).where(col(TrackerLink.external_id).is_not(None))
                )
            )
        )
    )


def poll(engine: Engine, tracker_id: uuid.UUID, send: Send) -> int:
    """Read what changed since the last poll; how many issues told something new. A tracker that
    can't be asked keeps the reason in ``error`` and is asked again at the next poll."""
    moment = now()
    with reading(engine) as session:
        tracker = get(session, Tracker, tracker_id, "tracker")
    since = (tracker.polled_at or moment - FIRST_POLL) - OVERLAP
    error, issues, wait = None, [], POLL_SECONDS
    try:
        issues = list(adapter(tracker, send).changed(since))
    except LimitedError as raised:
        error, wait = str(raised), max(wait, raised.seconds)
    except VocloopError as raised:
        error = str(raised)
    except (KeyError, TypeError, ValueError, AttributeError) as raised:
        error = says(
            "does not answer as documented (%(kind)s); check its address",
            kind=type(raised).__name__,
        )
    with transaction(engine) as session:
        kept = held(session, Tracker, tracker_id, "tracker")
        kept.error, kept.poll_after = error, moment + dt.timedelta(seconds=wait)
        if error is not None or not points_as(tracker, kept):
            return 0
        kept.polled_at = moment
        known = dict(
            session.exec(
                select(TrackerLink.external_id, TrackerLink.item_id).where(
                    TrackerLink.tracker_id == tracker_id
                )
            ).all()
        )
        ours = [issue for issue in issues if issue.external_id in known]
        # By item: of two trackers with the same items each could wait for the other's.
        ours.sort(key=lambda issue: known[issue.external_id])
        return sum(_told(session, kept, issue) for issue in ours)


def points_as(before: Tracker, after: Tracker) -> bool:
    """Whether a tracker still points to the project that it pointed to."""
    return (before.project, before.address) == (after.project, after.address)


def _told(session: Session, tracker: Tracker, issue: Issue) -> bool:
    link = session.exec(
        select(TrackerLink)
        .where(TrackerLink.tracker_id == tracker.id, TrackerLink.external_id == issue.external_id)
        .with_for_update()
    ).first()
    return link is not None and apply(session, tracker, link, issue)


def apply(session: Session, tracker: Tracker, link: TrackerLink, issue: Issue) -> bool:
    """Keep an issue's status, and move its item when the status is a new one that means something
    and nothing but work stands between; whether the status is new."""
    if link.status_at is not None and issue.at < link.status_at:
        return False
    before, link.status, link.status_at = link.status, issue.status[:200], issue.at
    link.url = issue.url or link.url
    if before == link.status:
        return False
    known = statuses(tracker)
    meaning = known.get(issue.status.casefold()) or known.get(issue.group.casefold()) or {}
    said = {"before": before, "after": link.status, "tracker": tracker.name}
    note(session, link.item_id, "tracker_status", by_tracker(tracker.name), **said)
    if "stage" in meaning:
        _advance(session, link.item_id, Stage(meaning["stage"]), by_tracker(tracker.name))
    if "state" in meaning:
        _move(session, link.item_id, ItemState(meaning["state"]), by_tracker(tracker.name))
    return True


def _advance(session: Session, item_id: uuid.UUID, stage: Stage, author: Author) -> None:
    item = get(session, BacklogItem, item_id, "backlog item")
    here, there = backlog.STAGES.index(item.stage), backlog.STAGES.index(stage)
    steps = backlog.STAGES[here + 1 : there + 1] if there > here else [stage]
    for step in steps if there != here else ():
        backlog.advance(session, item_id, step, author)


def _move(session: Session, item_id: uuid.UUID, state: ItemState, author: Author) -> None:
    """Along the ways of work; where only a decision leads there, the status is kept and no more."""
    item = get(session, BacklogItem, item_id, "backlog item")
    if item.state in (state, ItemState.REVIEWED):
        return
    begins = state is ItemState.SHIPPED and item.state is not ItemState.IN_PROGRESS
    try:
        for step in (ItemState.IN_PROGRESS, state) if begins else (state,):
            backlog.move(session, item_id, step, author)
    except ConflictError as error:
        note(session, item_id, "tracker_ignored", Author(author.by, str(error)))

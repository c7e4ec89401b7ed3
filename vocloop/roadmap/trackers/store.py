"""Trackers and what is in them: set up, listed, asked to be pushed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.outgoing import RefusedAddressError, checked
from vocloop.roadmap.audit import SOMEONE, Author, get, held, note
from vocloop.roadmap.trackers.kinds import KINDS
from vocloop_models import (
    BacklogItem,
    ItemState,
    LinkState,
    Stage,
    Tracker,
    TrackerKind,
    TrackerLink,
)

# Lower case and digits: a variable of the environment is named by it.
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
# What a word of a tracker may bring about; everything else is a decision.
STATES = (ItemState.IN_PROGRESS, ItemState.SHIPPED)
_PROJECTS = {
    TrackerKind.GITHUB: (re.compile(r"[\w.-]+/[\w.-]+"), "owner/name"),
    TrackerKind.GITLAB: (re.compile(r"\d+|[\w.-]+(/[\w.-]+)+"), "group/name or its number"),
    TrackerKind.JIRA: (re.compile(r"[A-Z][A-Z0-9_]+"), "the key, as SHOP"),
    TrackerKind.LINEAR: (re.compile(r"[0-9a-f-]{36}"), "the id of the team"),
}
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[\w./-]*)?")


def add(  # noqa: PLR0917 - what a tracker is made of
    session: Session,
    name: str,
    kind: TrackerKind,
    project: str,
    address: str | None = None,
    author: Author = SOMEONE,
    **fields: Any,
) -> Tracker:
    """``fields``: account, issue_type, statuses, active. Raises InvalidInputError, ConflictError
    for a name that is taken."""
    where = (address or KINDS[kind].address or "").rstrip("/")
    if not NAME.fullmatch(name):
        raise _wrong("name", f"{name!r} is no name; use a-z, 0-9 and -, as web-team")
    if session.exec(select(Tracker).where(Tracker.name == name)).first() is not None:
        raise ConflictError(
            says("there is a tracker %(name)s already; choose another name", name=name)
        )
    tracker = Tracker(name=name, kind=kind, project=project, address=where)
    session.add(tracker)
    session.flush()
    return change(session, tracker.id, author, **fields)


def change(
    session: Session, tracker_id: uuid.UUID, author: Author = SOMEONE, **fields: Any
) -> Tracker:
    """Change project, address, account, issue_type, statuses, active. Raises InvalidInputError,
    also for an address that may not be asked."""
    tracker = held(session, Tracker, tracker_id, "tracker")
    before = tracker.project, tracker.address
    for name, value in fields.items():
        setattr(tracker, name, value)
    pattern, example = _PROJECTS[tracker.kind]
    if not pattern.fullmatch(tracker.project):
        raise _wrong("project", f"{tracker.project!r} is no project; write {example}")
    if not _ADDRESS.fullmatch(tracker.address):
        raise _wrong("address", "give where its API is, as https://acme.atlassian.net")
    try:
        checked(tracker.address, settings().outgoing_allowed)
    except RefusedAddressError as error:
        raise _wrong("address", str(error)) from error
    _check(tracker.statuses)
    session.flush()
    if before != (tracker.project, tracker.address):
        _look_anew(session, tracker_id)
    note(session, tracker.id, "tracker", author, name=tracker.name, **fields)
    return tracker


def remove(session: Session, tracker_id: uuid.UUID, author: Author = SOMEONE) -> Tracker:
    """Forget a tracker and where items are in it; the issues stay there. Raises NotFoundError."""
    tracker = held(session, Tracker, tracker_id, "tracker")
    session.exec(delete(TrackerLink).where(col(TrackerLink.tracker_id) == tracker_id))
    session.delete(tracker)
    note(session, tracker_id, "tracker_removed", author, name=tracker.name)
    return tracker


def listed(session: Session) -> list[Tracker]:
    return list(session.exec(select(Tracker).order_by(col(Tracker.name))))


def links(session: Session, item_id: uuid.UUID) -> list[TrackerLink]:
    get(session, BacklogItem, item_id, "backlog item")
    return list(
        session.exec(
            select(TrackerLink).where(TrackerLink.item_id == item_id).order_by(col(TrackerLink.id))
        )
    )


def push(
    session: Session, item_id: uuid.UUID, tracker_id: uuid.UUID, author: Author = SOMEONE
) -> TrackerLink:
    """Have an item put into a tracker, or its issue brought up to date, by delivery.work()."""
    get(session, BacklogItem, item_id, "backlog item")
    tracker = held(session, Tracker, tracker_id, "tracker")
    if not tracker.active:
        raise ConflictError(
            says("the tracker %(name)s is switched off; switch it on first", name=tracker.name)
        )
    link = session.exec(
        select(TrackerLink).where(
            TrackerLink.item_id == item_id, TrackerLink.tracker_id == tracker_id
        )
    ).first()
    if link is None:
        link = TrackerLink(item_id=item_id, tracker_id=tracker_id)
        session.add(link)
    link.state, link.attempts, link.error = LinkState.WAITING, 0, None
    note(session, item_id, "push", author, tracker=tracker.name)
    return link


def outdated(session: Session) -> list[uuid.UUID]:
    """Links whose item changed since it was pushed, or is not where the tracker points now."""
    return list(
        session.exec(
            select(TrackerLink.id)
            .join(BacklogItem, col(BacklogItem.id) == col(TrackerLink.item_id))
            .join(Tracker, col(Tracker.id) == col(TrackerLink.tracker_id))
            .where(
                TrackerLink.state == LinkState.PUSHED,
                (col(BacklogItem.updated_at) > col(TrackerLink.pushed_at))
                | col(TrackerLink.external_id).is_(None),
                col(Tracker.active),
            )
        )
    )


def requeue(session: Session, link_ids: Sequence[uuid.UUID]) -> None:
    """Let links wait to be pushed again."""
    for link_id in link_ids:
        link = get(session, TrackerLink, link_id, "link to a tracker")
        link.state, link.attempts = LinkState.WAITING, 0
    session.flush()


def _look_anew(session: Session, tracker_id: uuid.UUID) -> None:
    """In another project the same numbers are others' issues: items are looked for there by their
    markers, which a project that was only renamed still has, and made where they are not."""
    links = select(TrackerLink).where(TrackerLink.tracker_id == tracker_id)
    for link in session.exec(links.order_by(col(TrackerLink.id)).with_for_update()):
        item = get(session, BacklogItem, link.item_id, "backlog item")
        if item.tracker_url == link.url:
            item.tracker_url = None
        link.external_id = link.url = link.status = link.status_at = None
    session.flush()


def _check(statuses: Mapping[str, Mapping[str, str]]) -> None:
    stages = [each.value for each in Stage]
    states = [each.value for each in STATES]
    for word, meaning in statuses.items():
        strange = set(meaning) - {"state", "stage"}
        if strange or not meaning:
            raise _wrong("statuses", f"{word}: give a state, a stage or both, nothing else")
        if "state" in meaning and meaning["state"] not in states:
            raise _wrong("statuses", f"{word}: state is one of {', '.join(states)}")
        if "stage" in meaning and meaning["stage"] not in stages:
            raise _wrong("statuses", f"{word}: stage is one of {', '.join(stages)}")


def _wrong(where: str, reason: str) -> InvalidInputError:
    return InvalidInputError(f"{where}: {reason}", [(where, reason)])

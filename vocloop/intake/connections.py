"""Connectors of a workspace: made, paused, removed, and how each is doing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop.intake.connectors import TOOLS
from vocloop.intake.connectors.port import Tool
from vocloop.intake.connectors.secrets import is_set, variable
from vocloop.intake.connectors.window import OVERLAP
from vocloop.outgoing import checked, listed
from vocloop_models import Connector, ConnectorEvent, ConnectorKind, now
from vocloop_models.clock import holds, over
from vocloop_models.database import held

_SOURCE = re.compile(r"[a-z][a-z0-9-]{0,58}[a-z0-9]")
# Without a word about where to begin: enough for lasting themes, not a whole archive at once.
FIRST_LOOK_BACK = dt.timedelta(days=90)
_SHORTEST, _LONGEST = 60, 7 * 86_400
DEFAULT_EVERY = 900
# Longer than any single request of a poll takes; requests renew it.
LEASE = dt.timedelta(minutes=5)


class ConnectorState(StrEnum):
    """``new``: nothing came yet; ``behind``: more is waiting than one poll took in."""

    NEW = "new"
    WORKING = "working"
    BEHIND = "behind"
    FAILING = "failing"
    PAUSED = "paused"


@dataclass(frozen=True)
class ConnectorStatus:
    """All that a page needs to show one connector. ``key`` and ``secret`` are the variables to be
    set, None where the tool needs none; their values are told nowhere. ``refusals`` are the
    reasons of the last refused rows."""

    source: str
    kind: ConnectorKind
    title: str
    state: ConnectorState
    address: str | None
    every: int
    next_at: dt.datetime | None
    polling: bool
    read: int
    stored: int
    repeated: int
    refused: int
    refusals: list[str]
    last_success_at: dt.datetime | None
    last_event_at: dt.datetime | None
    last_error: str | None
    last_error_at: dt.datetime | None
    key: str | None
    key_is_set: bool
    secret: str | None
    secret_is_set: bool
    hook: str | None


def create(
    session: Session,
    kind: ConnectorKind,
    *,
    source: str | None = None,
    address: str | None = None,
    since: dt.datetime | None = None,
    every: int = DEFAULT_EVERY,
) -> Connector:
    """A connector of ``kind`` whose voices are kept under ``source`` (the kind's name by default),
    beginning with what changed at ``since``; polled every so many seconds.

    Raises InvalidInputError for what can't work, ConflictError for a source that has one."""
    tool = TOOLS[kind]
    source = source or kind.value
    if not _SOURCE.fullmatch(source):
        raise InvalidInputError(
            f"source '{source[:60]}' can't name a connector; use 2 to 60 small letters, digits and"
            " hyphens, beginning with a letter"
        )
    if not _SHORTEST <= every <= _LONGEST:
        raise InvalidInputError(
            f"every {every} s can't be; give {_SHORTEST} s to {_LONGEST // 86_400} days"
        )
    if session.get(Connector, source) is not None:
        raise ConflictError(
            says("source %(source)s has a connector already; remove it first", source=source)
        )
    start = now() - FIRST_LOOK_BACK if since is None else since
    if start > now():
        raise InvalidInputError(says("since lies in the future; give the day to begin with"))
    connector = Connector(
        source=source,
        kind=kind,
        address=_address(tool, address),
        every=every,
        cursor={"since": (start + OVERLAP).astimezone(dt.UTC).isoformat()},
        next_at=now() if tool.polling else None,
    )
    session.add(connector)
    session.flush()
    return connector


def _address(tool: Tool, address: str | None) -> str | None:
    """The API's address, on one of the tool's own hosts or one that the settings allow: the key is
    sent to no other."""
    if tool.polling is None:
        if address:
            raise InvalidInputError(
                says("%(tool)s is not asked, it sends; leave the address out", tool=tool.title)
            )
        return None
    polling = tool.polling
    address = address or polling.default
    if not address:
        raise InvalidInputError(
            says(
                "give the address of %(tool)s, such as %(example)s",
                tool=tool.title,
                example=polling.example,
            )
        )
    allowed = settings().outgoing_allowed
    parts = checked(address, allowed)
    host = str(parts.hostname)
    own = any(
        host == each or (each.startswith(".") and host.endswith(each)) for each in polling.hosts
    )
    if not own and not listed(host, allowed):
        raise InvalidInputError(
            says(
                "%(host)s is no host of %(tool)s (as in %(example)s), and the key goes "
                'to no other; if it shall, add "%(host)s" to VOCLOOP_OUTGOING_ALLOWED',
                host=host,
                tool=tool.title,
                example=polling.example,
            )
        )
    if parts.query or parts.fragment:
        raise InvalidInputError(
            says(
                "the address goes on after ? or #; write it as %(example)s", example=polling.example
            )
        )
    if polling.example.count("/") > 2 and not parts.path.strip("/"):
        raise InvalidInputError(
            says(
                "%(address)s is not complete; write it as %(example)s",
                address=address,
                example=polling.example,
            )
        )
    return address.rstrip("/")


def get(session: Session, source: str) -> Connector:
    connector = session.get(Connector, source)
    if connector is None:
        raise NotFoundError(
            f"source {source[:60]} has no connector; list them to see which there are"
        )
    return connector


def locked(session: Session, source: str) -> Connector:
    """The connector, for one writer at a time (SQLite has one anyway)."""
    return held(session, Connector, source) or get(session, source)


def pause(session: Session, source: str) -> Connector:
    """Ask no more and take nothing more in, from the next batch on; the cursor stays."""
    connector = locked(session, source)
    connector.paused = True
    session.flush()
    return connector


def resume(session: Session, source: str) -> Connector:
    """Go on where a paused connector stood."""
    connector = locked(session, source)
    connector.paused, connector.failures = False, 0
    if connector.next_at is not None:
        connector.next_at = now()
    session.flush()
    return connector


def poll_now(session: Session, source: str) -> Connector:
    """Let the next free worker poll. Raises ConflictError for one that can't be."""
    connector = locked(session, source)
    if connector.next_at is None:
        raise ConflictError(
            says("%(tool)s is not asked, it sends", tool=TOOLS[connector.kind].title)
        )
    if connector.paused:
        raise ConflictError(
            says("the connector of %(source)s is paused; resume it first", source=source)
        )
    connector.next_at = now()
    session.flush()
    return connector


def remove(session: Session, source: str) -> None:
    """Forget a connector and its cursor. The feedback that came by it stays."""
    connector = locked(session, source)
    session.execute(delete(ConnectorEvent).where(col(ConnectorEvent.source) == source))
    session.delete(connector)
    session.flush()


def due(session: Session, moment: dt.datetime | None = None) -> list[str]:
    """Sources whose connector is to be polled and is not being polled, longest due first."""
    moment = moment or now()
    query = (
        select(Connector.source)
        .where(
            ~col(Connector.paused),
            col(Connector.next_at) <= moment,
            or_(col(Connector.leased_until).is_(None), over(col(Connector.leased_until), LEASE)),
        )
        .order_by(col(Connector.next_at))
    )
    return list(session.exec(query))


def statuses(session: Session) -> Mapping[str, ConnectorStatus]:
    """How every connector is doing, by source."""
    found = session.exec(select(Connector).order_by(col(Connector.source)))
    return {each.source: status(each) for each in found}


def status(connector: Connector) -> ConnectorStatus:
    tool = TOOLS[connector.kind]
    source = connector.source
    return ConnectorStatus(
        source=source,
        kind=connector.kind,
        title=tool.title,
        state=_state(connector),
        address=connector.address,
        every=connector.every,
        next_at=None if connector.paused else connector.next_at,
        polling=holds(connector.leased_until, LEASE),
        read=connector.read,
        stored=connector.stored,
        repeated=connector.repeated,
        refused=connector.refused,
        refusals=[each["reason"] for each in connector.refusals],
        last_success_at=connector.last_success_at,
        last_event_at=connector.last_event_at,
        last_error=connector.last_error,
        last_error_at=connector.last_error_at,
        key=variable(source, "KEY") if tool.polling else None,
        key_is_set=is_set(source, "KEY"),
        secret=variable(source, "SECRET") if tool.sending else None,
        secret_is_set=is_set(source, "SECRET"),
        hook=f"/api/hooks/{source}" if tool.sending else None,
    )


def _state(connector: Connector) -> ConnectorState:
    if connector.paused:
        return ConnectorState.PAUSED
    if connector.failures:
        return ConnectorState.FAILING
    if connector.last_success_at is None and connector.last_event_at is None:
        return ConnectorState.BEHIND if connector.read else ConnectorState.NEW
    return ConnectorState.WORKING

"""The audit log as a chain: each entry's digest covers its content and the digest before it, so
that a line that is changed, taken out or put in later shows.

Entries get their place at the very end of their transaction. One transaction at a time does that,
which is short; the work before, and transactions that audit nothing, wait for nobody.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session as AnySession
from sqlmodel import col, select

from vocloop_models.privacy import AuditEntry
from vocloop_models.turns import Turn, take

# What the first entry follows.
START = "0" * 64
_PENDING = "vocloop_audit_entries"


def digest(  # noqa: PLR0917 - what an entry is
    previous: str, number: int, entry_id: str, action: str, detail: Mapping[str, Any], at: str
) -> str:
    """SHA-256 in hex of the digest before, a line feed, and the entry as canonical JSON: an array
    without spaces, keys sorted, UTF-8. ``at``: ISO 8601 in UTC."""
    content = json.dumps(
        [number, entry_id, action, detail, at],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


def written_at(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


@event.listens_for(AnySession, "before_flush")
def _note(session: AnySession, *_: object) -> None:
    for each in session.new:
        if isinstance(each, AuditEntry):
            # As it will be read again.
            each.detail = json.loads(json.dumps(each.detail, default=str))
            session.info.setdefault(_PENDING, []).append(each)
    for each in session.deleted:
        if isinstance(each, AuditEntry):
            raise RuntimeError("an audit entry is never removed")
    for each in session.dirty:
        if isinstance(each, AuditEntry) and _is_sealed(each) and session.is_modified(each):
            raise RuntimeError("an audit entry is never changed")


def _is_sealed(entry: AuditEntry) -> bool:
    return entry.number is not None and not inspect(entry).attrs.number.history.added


@event.listens_for(AnySession, "before_commit")
def _seal(session: AnySession) -> None:
    if any(isinstance(each, AuditEntry) for each in session.new):
        session.flush()
    pending = [e for e in session.info.pop(_PENDING, ()) if inspect(e).persistent]
    if not pending:
        return
    take(session, Turn.AUDIT)
    last = session.execute(
        select(AuditEntry.number, AuditEntry.digest)
        .where(col(AuditEntry.number).is_not(None))
        .order_by(col(AuditEntry.number).desc())
        .limit(1)
    ).first()
    number, previous = last if last is not None else (0, START)
    for entry in sorted(pending, key=lambda each: each.id):
        number += 1
        previous = digest(
            previous, number, str(entry.id), entry.action, entry.detail, written_at(entry.at)
        )
        entry.number, entry.digest = number, previous


@event.listens_for(AnySession, "after_soft_rollback")
def _forget(session: AnySession, *_: object) -> None:
    session.info.pop(_PENDING, None)

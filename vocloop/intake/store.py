"""Feedback kept once, with its customer, its contact and its statements."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select, update
from sqlmodel import Session, col

from vocloop.config import settings
from vocloop.intake.directory import Directory, Person
from vocloop.intake.language import language_of
from vocloop.intake.likeness import Copy, earlier, likeness
from vocloop.intake.privacy import Privacy, privacy
from vocloop.intake.records import FeedbackIn
from vocloop.intake.statements import split
from vocloop.keys import cipher
from vocloop_models import Feedback, FeedbackState, SealedValue, Statement, new_id, now
from vocloop_models.bulk import insert_all, insert_new, parts

Key = tuple[str, str]  # (source, external id)


@dataclass(frozen=True)
class Stored:
    """``feedback_id`` of the row that is kept, whether this call or an earlier one stored it."""

    feedback_id: uuid.UUID
    outcome: Literal["stored", "repeated"]


def store(session: Session, row: FeedbackIn) -> Stored:
    """Keep one voice; the same voice again is "repeated" and changes nothing."""
    return store_many(session, [row])[0]


def store_many(
    session: Session,
    rows: Sequence[FeedbackIn],
    *,
    directory: Directory | None = None,
    guard: Privacy | None = None,
    import_id: uuid.UUID | None = None,
) -> list[Stored]:
    """Keep voices, in the order of ``rows``; (source, external_id) tells which are the same.

    Personal data is taken out first, as each source's policy says (privacy.py). Rows without an
    external id are told apart by content; the k-th row of one content in ``rows`` is its own voice.
    Safe beside other writers: one of them stores, the others repeat. A ``directory`` carries what
    is known of customers from one batch to the next, a ``guard`` the workspace's keys.
    """
    directory = directory or Directory(import_id)
    guard = guard or privacy(session)
    keys = _keys(rows, guard)
    kept = known_keys(session, keys)
    fresh: dict[Key, FeedbackIn] = {}
    for key, row in zip(keys, rows, strict=True):
        if key not in kept and key not in fresh:
            fresh[key] = row
    mine: set[Key] = set()
    if fresh:
        protected = {key: guard.protect(row) for key, row in fresh.items()}
        fresh = {key: each.row for key, each in protected.items()}
        languages = {key: row.language or language_of(row.text) for key, row in fresh.items()}
        ids, complete = _insert(session, fresh, languages, directory, import_id)
        kept |= ids if complete else known_keys(session, list(fresh))
        mine = {key for key, feedback_id in ids.items() if kept[key] == feedback_id}
        _follow(session, {ids[key]: kept[key] for key in fresh if key not in mine})
        _insert_statements(
            session, [(ids[key], fresh[key], languages[key]) for key in fresh if key in mine]
        )
        _seal(session, [(ids[key], protected[key].originals) for key in fresh if key in mine])
    outcomes = []
    for key in keys:
        outcomes.append(Stored(kept[key], "stored" if key in mine else "repeated"))
        mine.discard(key)  # once more in the same batch is a repeat
    return outcomes


def content_digest(row: FeedbackIn) -> bytes:
    """SHA-256 of what makes a voice itself: words, time, customer, contact, channel, rating."""
    customer = row.customer.model_dump(exclude={"domain"}) if row.customer else None
    said_at = row.said_at.timestamp() if row.said_at else None
    scale = row.rating_scale.value if row.rating_scale else None
    parts_of_it = (
        row.text,
        said_at,
        customer,
        row.contact or row.email,
        row.channel.value,
        row.rating,
        scale,
    )
    written = json.dumps(parts_of_it, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(written.encode()).digest()


def content_id(digest: bytes, count: int) -> str:
    """The external id of the ``count``-th row (from 1) with this content in its file or batch;
    give the digest sealed (Privacy.sealed)."""
    return f"sha256:{digest.hex()}#{count}"


def known_keys(session: Session, keys: Sequence[Key]) -> dict[Key, uuid.UUID]:
    """Ids of the feedback that is kept under ``keys``; keys not kept are left out."""
    found: dict[Key, uuid.UUID] = {}
    for source in sorted({source for source, _ in keys}):
        wanted = sorted({external_id for each, external_id in keys if each == source})
        query = select(col(Feedback.external_id), col(Feedback.id)).where(
            col(Feedback.source) == source
        )
        for some in parts(wanted):
            where = col(Feedback.external_id).in_(some)
            found |= {(source, key): id_ for key, id_ in session.execute(query.where(where))}
    return found


def _keys(rows: Sequence[FeedbackIn], guard: Privacy) -> list[Key]:
    seen: Counter[tuple[str, bytes]] = Counter()
    keys: list[Key] = []
    for row in rows:
        external_id = row.external_id
        if external_id is None:
            digest = guard.sealed(content_digest(row))
            seen[row.source, digest] += 1
            external_id = content_id(digest, seen[row.source, digest])
        else:
            external_id = guard.external_id(external_id)
        keys.append((row.source, external_id))
    return keys


def _insert(
    session: Session,
    rows: dict[Key, FeedbackIn],
    languages: dict[Key, str],
    directory: Directory,
    import_id: uuid.UUID | None,
) -> tuple[dict[Key, uuid.UUID], bool]:
    """Insert those that are still new; returns the id each row has if it was this insert, and
    whether it is known that all were."""
    directory.add_customers(session, (row.customer for row in rows.values() if row.customer))
    people = {key: _person(row, directory) for key, row in rows.items()}
    directory.add_contacts(session, (person for person in people.values() if person))
    received_at = now()
    # Ids follow the order of the rows; the insert follows the order of the keys (insert_new).
    ids = {key: new_id() for key in rows}
    contacts = {key: directory.contact(*each) if each else None for key, each in people.items()}
    copies = {
        ids[key]: Copy(ids[key], contact_id, said, rows[key].said_at)
        for key, contact_id in contacts.items()
        if contact_id and (said := likeness(rows[key].text))
    }
    repeats = earlier(session, list(copies.values()))
    values = []
    for key in sorted(rows):
        copy = copies.get(ids[key])
        values.append(
            _values(key, rows[key], directory)
            | {
                "id": ids[key],
                "contact_id": contacts[key],
                "received_at": received_at,
                "language": languages[key],
                "import_id": import_id,
                "likeness": copy.likeness if copy else None,
                "repeats_id": repeats.get(ids[key]),
            }
        )
    complete = insert_new(session, Feedback, values, unique=("source", "external_id"))
    return ids, complete


def _follow(session: Session, others: Mapping[uuid.UUID, uuid.UUID]) -> None:
    """What repeats a voice that another writer stored first, under the id here, repeats theirs."""
    for own, theirs in others.items():
        repeats = update(Feedback).where(col(Feedback.repeats_id) == own)
        session.execute(repeats.values(repeats_id=theirs))


def _person(row: FeedbackIn, directory: Directory) -> Person | None:
    if not (row.contact or row.email):
        return None
    customer_id = directory.customer(row.customer) if row.customer else None
    return customer_id, row.contact, row.email


def _values(key: Key, row: FeedbackIn, directory: Directory) -> dict[str, Any]:
    return {
        "source": key[0],
        "external_id": key[1],
        "channel": row.channel,
        "customer_id": directory.customer(row.customer) if row.customer else None,
        "said_at": row.said_at,
        "title": row.title,
        "text": row.text,
        "rating": row.rating,
        "rating_scale": row.rating_scale,
        "priority": row.priority,
        "severity_mark": row.severity_mark,
        "submitted_by": row.submitted_by,
        "tags": list(row.tags),
        "product": row.product,
        "url": row.url,
        "state": FeedbackState.RECEIVED,
    }


def _insert_statements(session: Session, rows: list[tuple[uuid.UUID, FeedbackIn, str]]) -> None:
    values = [
        {
            "id": new_id(),
            "feedback_id": feedback_id,
            "position": position,
            "text": statement.text,
            "language": statement.language,
            "kind": statement.kind,
        }
        for feedback_id, row, language in rows
        for position, statement in enumerate(
            split(row.text, channel=row.channel, language=language)
        )
    ]
    if values:
        insert_all(session, Statement, values)


def _seal(session: Session, rows: list[tuple[uuid.UUID, Mapping[str, str]]]) -> None:
    """Keep what the policy ``encrypt`` keeps."""
    if not any(originals for _, originals in rows):
        return
    key = cipher(settings())
    insert_all(
        session,
        SealedValue,
        [
            {
                "feedback_id": feedback_id,
                "placeholder": placeholder,
                "ciphertext": key.encrypt(original.encode()),
            }
            for feedback_id, originals in rows
            for placeholder, original in originals.items()
        ],
    )

"""Import jobs: a file is looked at before it is taken in, and can be taken out again.

An import walks ImportState; the state is the queue. These functions move it, importing.work does
what it asks for next.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop.intake.privacy import privacy
from vocloop.intake.reader import Options, Reader
from vocloop.intake.redact import redact
from vocloop.keys import workspace_cipher
from vocloop_models import (
    Channel,
    ImportJob,
    ImportPart,
    ImportRefusal,
    ImportState,
    now,
)
from vocloop_models.bulk import insert_all
from vocloop_models.database import held

_PART_BYTES = 1 << 20
_LONGEST_NAME = 300
# So many imports back a mapping is looked for.
_REMEMBERED = 200
_WAITING = (
    ImportState.UPLOADED,
    ImportState.QUEUED,
    ImportState.RUNNING,
    ImportState.UNDOING,
)
_ENDED = (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED, ImportState.UNDONE)
_UNDOABLE = (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)


def upload(session: Session, name: str, pieces: Iterable[bytes], options: Options) -> ImportJob:
    """Keep a file, encrypted, until its import has ended. Its check waits in the queue.

    Raises InvalidInputError for an empty file and one over VOCLOOP_IMPORT_MEGABYTES.
    """
    Reader(options)  # its time zone, at once
    limit = settings().import_megabytes
    job = ImportJob(
        name=bare_name(Path(name).name) or "file",
        source=options.source,
        size=0,
        digest="",
        options=written_options(options),
    )
    session.add(job)
    session.flush()
    cipher, guard = workspace_cipher(session), privacy(session)
    digest = b""
    for number, piece in enumerate(_even(pieces)):
        job.size += len(piece)
        if job.size > limit << 20:
            raise InvalidInputError(
                says(
                    "the file is over %(limit)s MB; send it in parts, or raise "
                    "VOCLOOP_IMPORT_MEGABYTES",
                    limit=limit,
                )
            )
        digest = guard.sealed(digest + piece)
        part = {"import_id": job.id, "number": number, "data": cipher.encrypt(piece)}
        insert_all(session, ImportPart, [part])
    if not job.size:
        raise InvalidInputError(says("the file is empty; give a file with rows"))
    job.digest = digest.hex()
    session.flush()
    return job


def bare_name(name: str) -> str:
    """A file's name without personal data, as long as is kept; a placeholder may be longer than
    what stood there."""
    return redact([name[:_LONGEST_NAME]]).texts[0][:_LONGEST_NAME]


def get(session: Session, import_id: uuid.UUID) -> ImportJob:
    job = session.get(ImportJob, import_id)
    if job is None:
        raise NotFoundError(f"there is no import {import_id}; list them to see which there are")
    return job


def listed(session: Session, limit: int = 50) -> list[ImportJob]:
    """The imports, newest first."""
    return list(session.scalars(select(ImportJob).order_by(col(ImportJob.id).desc()).limit(limit)))


def waiting(session: Session) -> list[uuid.UUID]:
    """Imports with something left to do, oldest first."""
    query = select(col(ImportJob.id)).where(col(ImportJob.state).in_(_WAITING))
    return list(session.scalars(query.order_by(col(ImportJob.id))))


def check_again(session: Session, import_id: uuid.UUID, options: Options) -> ImportJob:
    """Look at the file once more, read with other options. Nothing may be stored yet."""
    job = locked(session, import_id)
    _expect(job, (ImportState.UPLOADED, ImportState.CHECKED))
    Reader(options)
    job.options, job.source, job.state = (
        written_options(options),
        options.source,
        ImportState.UPLOADED,
    )
    job.report = {}
    session.flush()
    return job


def start(session: Session, import_id: uuid.UUID) -> ImportJob:
    """Let a checked import store its rows. One that lost its worker is started again the same
    way and goes on where it stood."""
    job = locked(session, import_id)
    if job.state in {ImportState.QUEUED, ImportState.RUNNING}:
        return job
    _expect(job, (ImportState.CHECKED, ImportState.UPLOADED))
    job.state, job.cancelling = ImportState.QUEUED, False
    session.flush()
    return job


def cancel(session: Session, import_id: uuid.UUID) -> ImportJob:
    """Stop an import after the batch it is at; what is stored by then stays and can be undone. One
    that is ``cancelling`` afterwards is for ``work`` to end, should its worker be gone."""
    job = locked(session, import_id)
    if job.state in _ENDED:
        return job
    if job.state is ImportState.UNDOING:
        raise ConflictError(says("the import is being undone; wait until it is"))
    if job.state is ImportState.RUNNING and not _is_abandoned(job):
        job.cancelling = True
    else:
        end(session, job, ImportState.CANCELLED)
    session.flush()
    return job


def undo(session: Session, import_id: uuid.UUID) -> ImportJob:
    """Take out again what an import stored; ``work`` does it."""
    job = locked(session, import_id)
    if job.state in {ImportState.UNDOING, ImportState.UNDONE}:
        return job
    if _is_abandoned(job):
        end(session, job, ImportState.CANCELLED)
    _expect(job, _UNDOABLE)
    job.state = ImportState.UNDOING
    session.flush()
    return job


def give_up(session: Session, import_id: uuid.UUID, reason: str) -> None:
    """End an import that failed again and again for a ``reason`` that nobody foresaw and that
    holds no personal data; what is stored by then can be undone."""
    job = locked(session, import_id)
    if job.state in _WAITING:
        job.error = (
            f"vocloop failed in a way it did not foresee ({reason}), several times; undo what is "
            "stored, see the server's log, and bring the file in anew"
        )
        end(session, job, ImportState.FAILED)


def this_process() -> str:
    """What an import of this process is known by (``report["process"]``)."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_of_a_process(job: ImportJob) -> bool:
    """Whether a process brings the file in by itself, without a worker."""
    return "process" in job.report


def abandoned(session: Session) -> list[ImportJob]:
    """Imports that a process of this machine began itself (``vocloop ingest``) and that it did not
    live to end."""
    running = select(ImportJob).where(col(ImportJob.state) == ImportState.RUNNING)
    return [job for job in session.scalars(running.with_for_update()) if _is_abandoned(job)]


def _is_abandoned(job: ImportJob) -> bool:
    host, _, process = str(job.report.get("process", "")).rpartition(":")
    if job.state is not ImportState.RUNNING or host != socket.gethostname():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        return False
    return False


def remembered(session: Session, names: Sequence[str]) -> ImportJob | None:
    """The newest import whose file had the same columns and for which a person said what they
    hold; the next file of that kind is read alike."""
    stored = (ImportState.RUNNING, *_ENDED)
    query = select(ImportJob).where(col(ImportJob.state).in_(stored))
    for job in session.scalars(query.order_by(col(ImportJob.id).desc()).limit(_REMEMBERED)):
        held = [str(each["name"]) for each in job.report.get("header", [])]
        said = job.options.get("mapping") or job.options.get("segments")
        if said and set(held) == set(names):
            return job
    return None


def refusals(session: Session, import_id: uuid.UUID) -> Iterator[ImportRefusal]:
    """Rows that an import refused, in the order of the file."""
    get(session, import_id)
    query = select(ImportRefusal).where(col(ImportRefusal.import_id) == import_id)
    yield from session.scalars(query.order_by(col(ImportRefusal.number)))


def locked(session: Session, import_id: uuid.UUID) -> ImportJob:
    """The import, for one writer at a time (SQLite has one anyway)."""
    return held(session, ImportJob, import_id) or get(session, import_id)


def _expect(job: ImportJob, states: Sequence[ImportState]) -> None:
    if job.state not in states:
        raise ConflictError(
            says(
                "the import is %(state)s; this is for one that is %(wanted)s",
                state=job.state,
                wanted=tuple(states),
            )
        )


def end(session: Session, job: ImportJob, state: ImportState) -> None:
    """The file goes: it holds what people wrote, unredacted."""
    job.state, job.cancelling, job.finished_at = state, False, now()
    session.execute(delete(ImportPart).where(col(ImportPart.import_id) == job.id))
    session.flush()


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of _PART_BYTES."""
    held = b""
    for piece in pieces:
        held += piece
        while len(held) >= _PART_BYTES:
            yield held[:_PART_BYTES]
            held = held[_PART_BYTES:]
    if held:
        yield held


def written_options(options: Options) -> dict[str, Any]:
    return {
        "source": options.source,
        "format": options.format,
        "mapping": dict(options.mapping),
        "timezone": options.timezone,
        "channel": options.channel,
        "segments": list(options.segments),
        "unused": list(options.unused),
        "voices_only": options.voices_only,
    }


def read_options(written: Mapping[str, Any]) -> Options:
    lists = {name: tuple(written.get(name, ())) for name in ("segments", "unused")}
    options = Options(**{**written, **lists})
    return replace(options, channel=Channel(options.channel) if options.channel else None)

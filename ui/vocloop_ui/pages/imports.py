"""Files on their way in: upload, look, say what the columns hold, store, undo."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, cast, get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from vocloop.accounts import own_imports
from vocloop.config import settings
from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.intake import imports
from vocloop.intake.columns import Kind, fields_of
from vocloop.intake.reader import Format, Options
from vocloop.intake.tables_out import refused_csv
from vocloop.worker import jobs
from vocloop_models import ImportJob, ImportRefusal, ImportState, Job, JobKind, now
from vocloop_models.database import reading, transaction
from vocloop_ui import import_words
from vocloop_ui.forms import plain
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

MOST_FILES = 20
SHOWN_REFUSALS = 10
_PIECE_BYTES = 1 << 20
_BUSY = (ImportState.UPLOADED, ImportState.QUEUED, ImportState.RUNNING, ImportState.UNDOING)
KINDS: tuple[Kind, ...] = get_args(Kind)
# A column's place in the form that says what it holds.
_COLUMN = "column-"
SEGMENT = "segment"


@dataclass(frozen=True)
class Column:
    """A column of the file: ``holds`` is a field, SEGMENT, or "" for not used."""

    index: int
    name: str
    examples: list[str]
    holds: str


@dataclass(frozen=True)
class Progress:
    """Rows read of all; ``left`` None while nobody can tell."""

    done: int
    total: int
    left: dt.timedelta | None


@router.get("/imports")
def listed(request: Request, view: Viewed, kind: str = "") -> HTMLResponse:
    return _list(request, view, kind=kind)


def _list(
    request: Request, view: View, error: str = "", *, source: str = "", kind: str = ""
) -> HTMLResponse:
    """``error``: why what was sent with ``source`` and ``kind`` comes back."""
    with reading(request.app.state.engine) as session:
        return view.html(
            "imports.html",
            status=422 if error else 200,
            jobs=imports.listed(session, view.rows(100)),
            error=error,
            most_megabytes=settings().import_megabytes,
            kinds=KINDS,
            source=source,
            asked=kind,
            told=import_words,
        )


@router.post("/imports")
async def upload(request: Request, view: Viewed) -> Response:
    """Files of a form; each becomes an import, and the first look at it begins."""
    async with request.form(max_files=MOST_FILES) as form:
        return await run_in_threadpool(_upload, request, view, form)


def _upload(request: Request, view: View, form: FormData) -> Response:
    sent = [each for each in form.getlist("file") if isinstance(each, UploadFile)]
    files = [each for each in sent if each.filename]
    given = {"source": _text(form, "source"), "kind": _text(form, "kind")}
    if not files:
        return _list(request, view, view.reader.gettext("Choose a file first."), **given)
    kept: list[uuid.UUID] = []
    for file in files:
        name = PurePosixPath(str(file.filename).replace("\\", "/")).name
        options = Options(
            source=(given["source"] or PurePosixPath(name).stem or name)[:100],
            format=_chosen_kind(form),
            timezone=str(view.reader.timezone),
        )
        try:
            kept.append(_keep(request.app.state.engine, name, file.file, options))
        except InvalidInputError as error:
            told = import_words.unusable(view.reader, str(error))
            return _list(request, view, f"{name}: {told}", **given)
    return view.redirect(f"/imports/{kept[0]}" if len(kept) == 1 else "/imports")


def _keep(engine: Engine, name: str, stream: IO[bytes], options: Options) -> uuid.UUID:
    with transaction(engine) as session:
        pieces = iter(lambda: stream.read(_PIECE_BYTES), b"")
        return _queued(session, own_imports.begin(imports.upload(session, name, pieces, options)))


def _queued(session: Session, job: ImportJob) -> uuid.UUID:
    jobs.hurry(session, JobKind.IMPORT, {"import_id": str(job.id)})
    return job.id


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return plain(value).strip() if isinstance(value, str) else ""


def _chosen_kind(form: FormData) -> Format:
    """The kind that a person named, else auto; "feedback" is what auto takes for granted."""
    kind = _text(form, "kind")
    return cast("Format", kind) if kind in KINDS and kind != "feedback" else "auto"


@router.get("/imports/{import_id}")
def one(request: Request, view: Viewed, import_id: str) -> HTMLResponse:
    with reading(request.app.state.engine) as session:
        job = _job(session, import_id)
        return view.html("import.html", **_shown(session, view, job))


@router.get("/imports/{import_id}/state")
def state(request: Request, view: Viewed, import_id: str) -> HTMLResponse:
    """The part of the page that changes while a worker is at it."""
    with reading(request.app.state.engine) as session:
        job = _job(session, import_id)
        return view.html("import_state.html", **_shown(session, view, job))


@router.post("/imports/{import_id}/check")
async def check(request: Request, view: Viewed, import_id: str) -> Response:
    """Look again, with the columns as a person has said them."""
    form = await request.form(max_files=0)
    return await run_in_threadpool(_check, request, view, import_id, form)


def _check(request: Request, view: View, import_id: str, form: FormData) -> Response:
    with transaction(request.app.state.engine) as session:
        job = _job(session, import_id)
        options = _as_said(job, form)
        own_imports.begin(imports.check_again(session, job.id, options))
        return view.redirect(f"/imports/{_queued(session, job)}")


def _as_said(job: ImportJob, form: FormData) -> Options:
    """What the form says of the columns. A kind of row that changed brings fields of its own, so
    the columns are found anew."""
    before = imports.read_options(job.options)
    source = (_text(form, "source") or job.source)[:100]
    timezone = _text(form, "timezone") or before.timezone
    kind = _chosen_kind(form)
    if kind != (before.format if before.kind else "auto"):
        return Options(source=source, format=kind, timezone=timezone)
    held = {
        str(column["name"]): _text(form, f"{_COLUMN}{index}")
        for index, column in enumerate(job.report.get("header", []))
    }
    return Options(
        source=source,
        format=kind,
        mapping={field: name for name, field in held.items() if field not in ("", SEGMENT)},
        timezone=timezone,
        segments=tuple(name for name, field in held.items() if field == SEGMENT),
        unused=tuple(name for name, field in held.items() if not field),
    )


@router.post("/imports/{import_id}/start")
def start(request: Request, view: Viewed, import_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        job = own_imports.begin(imports.start(session, _job(session, import_id).id))
        return view.redirect(f"/imports/{_queued(session, job)}")


@router.post("/imports/{import_id}/cancel")
def cancel(request: Request, view: Viewed, import_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        job = imports.cancel(session, _job(session, import_id).id)
        if job.cancelling:
            _queued(session, job)
        return view.redirect(f"/imports/{job.id}")


@router.post("/imports/{import_id}/undo")
def undo(request: Request, view: Viewed, import_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        job = own_imports.guard(imports.undo(session, _job(session, import_id).id))
        return view.redirect(f"/imports/{_queued(session, job)}")


@router.get("/imports/{import_id}/refused.csv")
def refused(request: Request, import_id: str) -> StreamingResponse:
    engine = request.app.state.engine
    with reading(engine) as session:
        job = _job(session, import_id)
    headers = {"Content-Disposition": f'attachment; filename="refused-{job.id}.csv"'}
    return StreamingResponse(refused_csv(engine, job.id), media_type="text/csv", headers=headers)


def _job(session: Session, import_id: str) -> ImportJob:
    try:
        return imports.get(session, uuid.UUID(import_id))
    except ValueError:
        raise NotFoundError(f"there is no import '{import_id[:60]}'; list them") from None


def _shown(session: Session, view: View, job: ImportJob) -> dict[str, Any]:
    options = imports.read_options(job.options)
    kind = job.report.get("kind") or options.kind or "feedback"
    refusals = session.exec(
        select(ImportRefusal)
        .where(ImportRefusal.import_id == job.id)
        .order_by(col(ImportRefusal.number))
        .limit(SHOWN_REFUSALS)
    ).all()
    return {
        "job": job,
        "busy": job.state in _BUSY,
        "options": options,
        "kind": kind,
        "kinds": KINDS,
        "columns": _columns(job, options),
        "fields": [(f, import_words.field(view.reader, f)) for f in fields_of(kind)],
        "progress": _progress(session, job),
        "refusals": refusals,
        "told": import_words,
    }


def _columns(job: ImportJob, options: Options) -> list[Column]:
    found: Mapping[str, str] = job.report.get("columns") or options.mapping
    holds = {name: field for field, name in found.items()}
    holds |= dict.fromkeys(options.segments, SEGMENT)
    return [
        Column(index, str(each["name"]), list(each["examples"]), holds.get(str(each["name"]), ""))
        for index, each in enumerate(job.report.get("header", []))
    ]


def _progress(session: Session, job: ImportJob) -> Progress:
    rows = int(job.report.get("counts", {}).get("read", 0))
    if job.state is ImportState.UNDOING:
        gone = int(job.report.get("undone", {}).get("feedback", 0))
        return Progress(gone, max(job.stored, gone), None)
    if job.state is not ImportState.RUNNING or not job.read:
        return Progress(0, 0, None)
    work = session.exec(
        select(Job).where(Job.kind == JobKind.IMPORT).order_by(col(Job.id).desc()).limit(50)
    )
    mine = {"import_id": str(job.id)}
    begun = next((each.created_at for each in work if each.payload == mine), None)
    total = max(rows, job.read)
    left = (now() - begun) * (total - job.read) / job.read if begun else None
    return Progress(job.read, total, left)

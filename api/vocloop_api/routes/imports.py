from __future__ import annotations

import tempfile
import uuid
from pathlib import PurePosixPath
from typing import IO, Annotated, cast, get_args

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from vocloop.accounts import own_imports
from vocloop.errors import InvalidInputError
from vocloop.intake import imports
from vocloop.intake.files import FileFormat
from vocloop.intake.reader import Format, Options, mapping_of
from vocloop.intake.tables_out import refused_csv
from vocloop.worker import jobs
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.intake_schemas import ImportAnswer
from vocloop_models import Channel, ImportJob, JobKind
from vocloop_models.database import reading, transaction

router = APIRouter(
    tags=["imports"],
    responses=ON_CONFLICT,
)

# An upload up to here waits in memory, beyond in a file without a name.
_SPOOLED_BYTES = 16 << 20
_PIECE_BYTES = 1 << 20
_FORMATS = (
    "auto",
    "customers",
    "contacts",
    "departments",
    *(name for part in get_args(FileFormat) for name in get_args(part)),
)


class ReadAs(BaseModel):
    """How the file is to be read."""

    model_config = ConfigDict(extra="forbid")

    source: str | None = Field(
        default=None, min_length=1, max_length=100, description="Where it comes from; else its name"
    )
    format: str = Field(default="auto", description=f"One of {', '.join(_FORMATS)}")
    map: list[str] = Field(default=[], description="field=column, e.g. text=Body; repeatable")
    timezone: str | None = Field(
        default=None, description="Of dates that name none; the server's by default"
    )
    channel: Channel | None = None
    segment: list[str] = Field(
        default=[], description="A column to keep as a segment of customers; repeatable"
    )
    unused: list[str] = Field(
        default=[], description="A column that holds nothing, whatever its name; repeatable"
    )


class UploadAs(ReadAs):
    name: str = Field(min_length=1, max_length=300, examples=["tickets.csv"])


@router.post(
    "/imports",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def upload_import(
    request: Request, response: Response, how: Annotated[UploadAs, Query()]
) -> ImportAnswer:
    """Upload a file (the body). It is checked first; nothing is stored before `:start`."""
    options = _options(request, how, how.source or PurePosixPath(how.name).stem or how.name)
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as spooled:
        async for piece in request.stream():
            spooled.write(piece)
        spooled.seek(0)
        engine = request.app.state.engine
        job = await run_in_threadpool(_keep, engine, how.name, cast("IO[bytes]", spooled), options)
    response.headers["Location"] = request.app.url_path_for("read_import", import_id=job.id)
    return ImportAnswer.model_validate(job)


@router.get("/imports")
def list_imports(
    session: ReadSession, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[ImportAnswer]:
    """The imports, newest first: all, or one's own for those who bring in voices only."""
    return [ImportAnswer.model_validate(each) for each in imports.listed(session, limit)]


@router.get("/imports/{import_id}")
def read_import(session: ReadSession, import_id: uuid.UUID) -> ImportAnswer:
    """How far an import is, and what its check found."""
    return ImportAnswer.model_validate(imports.get(session, import_id))


@router.get(
    "/imports/{import_id}/refused.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "Line, reason, and the row"}},
)
def list_refused_rows(request: Request, import_id: uuid.UUID) -> StreamingResponse:
    """The rows that were refused, with the reasons, as CSV for a spreadsheet. Personal data is
    taken out of them."""
    engine = request.app.state.engine
    with reading(engine) as session:
        imports.get(session, import_id)
    headers = {"Content-Disposition": f'attachment; filename="refused-{import_id}.csv"'}
    return StreamingResponse(refused_csv(engine, import_id), media_type="text/csv", headers=headers)


@router.post("/imports/{import_id}:check", status_code=202)
def check_import(
    session: WriteSession, request: Request, import_id: uuid.UUID, how: Annotated[ReadAs, Query()]
) -> ImportAnswer:
    """Check the file again, read with other options. Customers, contacts and departments need
    "edit customers" (403)."""
    options = _options(request, how, how.source or imports.get(session, import_id).source)
    return _queued(session, own_imports.begin(imports.check_again(session, import_id, options)))


@router.post("/imports/{import_id}:start", status_code=202)
def start_import(session: WriteSession, import_id: uuid.UUID) -> ImportAnswer:
    """Store the rows of a checked import, in the background. Customers, contacts and departments
    need "edit customers" (403)."""
    return _queued(session, own_imports.begin(imports.start(session, import_id)))


@router.post("/imports/{import_id}:cancel", status_code=202)
def cancel_import(session: WriteSession, import_id: uuid.UUID) -> ImportAnswer:
    """Stop an import; what is stored by then stays and can be undone."""
    job = imports.cancel(session, import_id)
    return _queued(session, job) if job.cancelling else ImportAnswer.model_validate(job)


@router.post("/imports/{import_id}:undo", status_code=202)
def undo_import(session: WriteSession, import_id: uuid.UUID) -> ImportAnswer:
    """Take out again what an import stored. Themes and what people said of them stay."""
    return _queued(session, own_imports.guard(imports.undo(session, import_id)))


def _keep(engine: Engine, name: str, stream: IO[bytes], options: Options) -> ImportJob:
    with transaction(engine) as session:
        pieces = iter(lambda: stream.read(_PIECE_BYTES), b"")
        job = own_imports.begin(imports.upload(session, name, pieces, options))
        jobs.enqueue(session, JobKind.IMPORT, {"import_id": str(job.id)})
        return job


def _queued(session: WriteSession, job: ImportJob) -> ImportAnswer:
    jobs.hurry(session, JobKind.IMPORT, {"import_id": str(job.id)})
    return ImportAnswer.model_validate(job)


def _options(request: Request, how: ReadAs, source: str) -> Options:
    if how.format not in _FORMATS:
        raise InvalidInputError(
            f"format '{how.format[:40]}' is not known; use one of {', '.join(_FORMATS)}"
        )
    return Options(
        source=source[:100],
        format=cast("Format", how.format),
        mapping=mapping_of(how.map),
        timezone=how.timezone or str(request.app.state.timezone),
        channel=how.channel,
        segments=tuple(how.segment),
        unused=tuple(how.unused),
    )

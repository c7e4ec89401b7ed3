from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from vocloop.intake import connections, hooks
from vocloop.intake.connectors import TOOLS
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.intake_schemas import (
    ConnectorAnswer,
    ConnectorKindAnswer,
    ConnectorRequest,
    HookAnswer,
)
from vocloop_models import Connector

router = APIRouter(
    tags=["connectors"],
    responses=ON_CONFLICT,
)


@router.get("/connector-kinds")
def list_connector_kinds() -> list[ConnectorKindAnswer]:
    """The tools that can be connected, and what each needs."""
    return [
        ConnectorKindAnswer(
            kind=tool.kind,
            title=tool.title,
            is_asked=tool.polling is not None,
            sends=tool.sending is not None,
            example=tool.polling.example if tool.polling else None,
            key=tool.polling.key if tool.polling else None,
            secret=tool.sending.meaning if tool.sending else None,
        )
        for tool in TOOLS.values()
    ]


@router.get("/connectors")
def list_connectors(session: ReadSession) -> list[ConnectorAnswer]:
    """Every connector and how it is doing."""
    found = connections.statuses(session)
    return [ConnectorAnswer.model_validate(each) for each in found.values()]


@router.post("/connectors", status_code=201)
def create_connector(
    session: WriteSession, request: Request, response: Response, row: ConnectorRequest
) -> ConnectorAnswer:
    """Connect a tool. Its key comes from the server's environment, never over the API."""
    connector = connections.create(
        session,
        row.kind,
        source=row.source,
        address=row.address,
        since=row.since,
        every=row.every,
    )
    location = request.app.url_path_for("read_connector", source=connector.source)
    response.headers["Location"] = location
    return _answer(connector)


@router.get("/connectors/{source}")
def read_connector(session: ReadSession, source: str) -> ConnectorAnswer:
    """How a connector is doing."""
    return _answer(connections.get(session, source))


@router.post("/connectors/{source}:pause")
def pause_connector(session: WriteSession, source: str) -> ConnectorAnswer:
    """Take nothing more in until it is resumed."""
    return _answer(connections.pause(session, source))


@router.post("/connectors/{source}:resume")
def resume_connector(session: WriteSession, source: str) -> ConnectorAnswer:
    """Go on where it stood."""
    return _answer(connections.resume(session, source))


@router.post("/connectors/{source}:poll", status_code=202)
def poll_connector(session: WriteSession, source: str) -> ConnectorAnswer:
    """Ask the tool as soon as a worker is free."""
    return _answer(connections.poll_now(session, source))


@router.delete("/connectors/{source}", status_code=204)
def delete_connector(session: WriteSession, source: str) -> None:
    """Forget a connector. The feedback that came by it stays."""
    connections.remove(session, source)


@router.head("/hooks/{source}")
def check_hook(session: ReadSession, source: str) -> None:
    """Some tools look whether the address is there before they send."""
    connections.get(session, source)


@router.post(
    "/hooks/{source}",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def receive_hook(request: Request, source: str) -> HookAnswer:
    """What a tool's webhook sends, signed as docs/connectors.md tells for each."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > hooks.MOST_BYTES:
            raise HTTPException(413, f"the body is over {hooks.MOST_BYTES:,} bytes")
    taken = await run_in_threadpool(
        hooks.receive, request.app.state.engine, source, dict(request.headers), body
    )
    return HookAnswer(
        stored=taken.stored,
        repeated=taken.repeated,
        refused=len(taken.reasons),
        reasons=taken.reasons,
    )


def _answer(connector: Connector) -> ConnectorAnswer:
    return ConnectorAnswer.model_validate(connections.status(connector))

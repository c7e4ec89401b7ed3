"""The application: routes under /api, guards, problem details, OpenAPI at /api/openapi.json."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.types import ASGIApp

from vocloop import traces
from vocloop.accounts.rates import Kind, Rates
from vocloop.config import settings
from vocloop.intake.records import CustomerIn, FeedbackIn
from vocloop_api.doors import CLOSED, Doors, Openness, Routes
from vocloop_api.errors import MEDIA_TYPE, Problem, install_error_handlers
from vocloop_api.probes import PATHS, Probes
from vocloop_api.requests import Requests
from vocloop_api.routes import (
    alerts,
    backlog,
    connectors,
    customers,
    decisions,
    facts,
    feedback,
    finding,
    health,
    hypotheses,
    imports,
    jobs,
    outcomes,
    people,
    privacy,
    proposals,
    quality,
    rounds,
    routing,
    scores,
    severity,
    subscriptions,
    success,
    themes,
    trackers,
    users,
    voices,
)
from vocloop_api.security import BoundedBody, KnownHosts, NoNul, SameOrigin, SecurityHeaders

# As in intake: a date that comes without a zone is a day in Japan.
JAPAN = ZoneInfo("Asia/Tokyo")
OPENAPI_URL = "/api/openapi.json"
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {
        "model": Problem,
        "description": "Not JSON in UTF-8, NUL in the address, an unknown Host",
    },
    401: {"model": Problem, "description": "Nobody is signed in, or the token does not hold"},
    403: {"model": Problem, "description": "Not for your roles or scopes, or of another site"},
    404: {"model": Problem, "description": "There is no such thing"},
    413: {"model": Problem, "description": "The body is too large"},
    422: {"model": Problem, "description": "The request can't be taken; `problems` says why"},
    429: {"model": Problem, "description": "Too much at once; `Retry-After` says when"},
    503: {"model": Problem, "description": "The database can't be reached or does not fit"},
}

router = APIRouter(prefix="/api", responses=REFUSALS)
for resource in (
    feedback,
    voices,
    themes,
    scores,
    severity,
    facts,
    proposals,
    quality,
    finding,
    customers,
    imports,
    connectors,
    privacy,
    backlog,
    rounds,
    decisions,
    outcomes,
    hypotheses,
    trackers,
    success,
    alerts,
    jobs,
    routing,
    people,
    subscriptions,
    users,
    health,
):
    router.include_router(resource.router)


def create_app(
    engine: Engine,
    *,
    allowed_hosts: Iterable[str] = (),
    timezone: ZoneInfo = JAPAN,
    openness: Openness = CLOSED,
) -> FastAPI:
    """The API over ``engine``, which is kept in ``app.state.engine``.

    Pages may be mounted into the same application. ``allowed_hosts`` are names, without port,
    under which it may be reached besides 127.0.0.1, localhost and [::1]. ``timezone`` says where
    months begin for callers who do not ask for a zone. ``openness``: who is let in without signing
    in; nobody by default."""
    app = _Guarded(
        title="vocloop",
        summary="A voice-of-customer feedback loop",
        version=version("vocloop"),
        # Both would load scripts from other hosts, which the content security policy forbids.
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI_URL,
        generate_unique_id_function=_operation_id,
        # All of it said here: by the framework's own variables nothing is sent anywhere.
        telemetry={
            "tracer_provider": traces.provider(),
            "metrics": False,
            "logs": False,
            "auto_configure": False,
            "exclude": _untold,
        },
    )
    app.state.engine = engine
    app.state.timezone = timezone
    # The last one added is the first to see a request.
    configured = settings()
    rates = Rates(
        {
            Kind.READ: configured.reads_a_minute,
            Kind.WRITE: configured.writes_a_minute,
            Kind.INTAKE: configured.intake_a_minute,
        }
    )
    app.add_middleware(Doors, routes=Routes(app), openness=openness, rates=rates)
    file_bytes = configured.import_megabytes << 20
    # A form of the pages carries up to 20 files.
    app.add_middleware(
        BoundedBody, larger={"/api/imports": file_bytes + 1, "/imports": 20 * file_bytes}
    )
    app.add_middleware(SameOrigin)
    app.add_middleware(NoNul)
    app.add_middleware(KnownHosts, others=tuple(allowed_hosts))
    install_error_handlers(app)
    app.include_router(router)
    return app


class _Guarded(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        # Outside of everything: a middleware proper sits inside the handler of unforeseen
        # errors, and its headers would be missing on their answers.
        guarded = Requests(SecurityHeaders(super().build_middleware_stack()))
        return Probes(
            guarded,
            lambda: self.state.engine,
            settings(),
            alive=getattr(self.state, "alive", _yes),
            taking=getattr(self.state, "taking", _yes),
        )

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _described(self)
        return self.openapi_schema


def _yes() -> bool:
    return True


def _untold(scope: MutableMapping[str, Any]) -> bool:
    """Whether a request is none that anyone looks for in a trace."""
    return scope["path"] in PATHS or scope["path"].startswith("/static/")


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    # Routes take rows unchecked and hand them to intake, so its models have to be added.
    for model in (FeedbackIn, CustomerIn):
        row = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= {**row.pop("$defs", {}), model.__name__: row}
    schema["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "docs/accounts.md"}
    }
    schema["security"] = [{"token": []}]
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    return schema


def _operation_id(route: APIRoute) -> str:
    return route.name

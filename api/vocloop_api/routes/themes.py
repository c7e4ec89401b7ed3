from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints

from vocloop.errors import InvalidInputError
from vocloop.themes import query
from vocloop.themes.checks import MAX_LIMIT
from vocloop.themes.heard import Heard
from vocloop.themes.quotes import quotes
from vocloop.worker import jobs
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.schemas import (
    JobAnswer,
    QuoteRow,
    QuoteRows,
    ThemePage,
    ThemeRow,
    ThemeRows,
    TotalsAnswer,
)
from vocloop_models import JobKind, LongevityKind, ValueLayer

router = APIRouter(tags=["themes"])

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]
Language = Annotated[
    str | None,
    Query(
        description="ISO 639-1, or und", openapi_examples={k: {"value": k} for k in ("ja", "en")}
    ),
]


@router.get("/themes")
def list_themes(
    session: ReadSession,
    request: Request,
    *,
    language: Language = None,
    kind: LongevityKind | None = None,
    text: Annotated[
        str | None,
        StringConstraints(max_length=200),
        Query(
            description="Words in a title or keyword of either language",
            openapi_examples={"ja": {"value": "シフト 承認"}, "en": {"value": "shift approval"}},
        ),
    ] = None,
    min_customers: Annotated[int, Query(ge=0, le=1_000_000)] = 3,
    archived: bool = False,
    area: Annotated[uuid.UUID | None, Query(description="Of `GET /api/areas`")] = None,
    layer: Annotated[ValueLayer | None, Query(description="Of value, that it hurts")] = None,
    source: Annotated[str | None, Query(description="Said through this source")] = None,
    segment: Annotated[
        str | None,
        Query(
            description="Said by such a company: attribute, colon, value",
            openapi_examples={"industry": {"value": "industry:製造業"}},
        ),
    ] = None,
    since: Annotated[dt.date | None, Query(description="Said on that day or later")] = None,
    department: Annotated[uuid.UUID | None, Query(description="Routed there")] = None,
    sort: query.Sort = "impact",
    cursor: Cursor = None,
    limit: Limit = 25,
) -> ThemeRows:
    """Themes by rank, highest first."""
    attribute, _, value = (segment or "").partition(":")
    heard = Heard(
        source=source,
        segment=(attribute, value) if segment else None,
        since=dt.datetime.combine(since, dt.time(), request.app.state.timezone) if since else None,
        department=department,
    )
    where = query.ThemeFilter(language, kind, text, min_customers, archived, area, layer, heard)
    page = query.ranked(session, where, sort=sort, cursor=cursor, limit=limit)
    return ThemeRows(
        rows=[ThemeRow.of(row) for row in page.rows],
        total=page.total,
        too_few=page.too_few,
        next_cursor=page.next_cursor,
    )


@router.get("/totals")
def read_totals(session: ReadSession) -> TotalsAnswer:
    """What the ranking of themes was made of."""
    return TotalsAnswer.model_validate(query.totals(session))


@router.post("/themes:refresh", status_code=202)
def refresh_themes(session: WriteSession, request: Request, response: Response) -> JobAnswer:
    """Rediscover the themes in the background; a job that waits already is answered again."""
    job = jobs.enqueue(session, JobKind.REFRESH_THEMES)
    response.headers["Location"] = request.app.url_path_for("read_job", job_id=job.id)
    return JobAnswer.model_validate(job)


@router.get("/themes/{theme_id}")
def read_theme(
    session: ReadSession,
    request: Request,
    theme_id: uuid.UUID,
    timezone: Annotated[
        str | None,
        Query(description="Where a month begins: an IANA name; the server's own by default"),
    ] = None,
) -> ThemePage:
    """A theme with its scores, their evidence, its months and its history."""
    zone = request.app.state.timezone if timezone is None else _zone(timezone)
    return ThemePage.of(query.one(session, theme_id, timezone=zone))


@router.get("/themes/{theme_id}/quotes")
def list_quotes(
    session: ReadSession,
    theme_id: uuid.UUID,
    language: Language = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> QuoteRows:
    """Customers' own words on a theme, the most typical first."""
    page = quotes(session, theme_id, language=language, cursor=cursor, limit=limit)
    return QuoteRows(
        rows=[QuoteRow.model_validate(row) for row in page.rows],
        total=page.total,
        next_cursor=page.next_cursor,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # KeyError: no such zone; ValueError, OSError: names that are paths, too long, or folders.
    except (KeyError, ValueError, OSError):
        reason = "not a time zone; use an IANA name such as Asia/Tokyo"
        raise InvalidInputError(f"timezone: {reason}", [("timezone", reason)]) from None

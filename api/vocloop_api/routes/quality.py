"""How good the themes are: areas above them, what they leave out, figures, spot checks."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from vocloop.themes import spot_checks
from vocloop.themes.areas import area_tree
from vocloop.themes.minority_voices import minority_voices
from vocloop.themes.standing import standing_of
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.quality_schemas import (
    AreaRow,
    AreaRows,
    CheckRow,
    CheckRows,
    MarkAnswer,
    MarkIn,
    MinorityRow,
    MinorityRows,
    QualityAnswer,
)
from vocloop_api.routes.themes import Cursor, Language, Limit

router = APIRouter(tags=["themes"])


@router.get("/areas")
def list_areas(session: ReadSession) -> AreaRows:
    """The tree of themes: areas with their themes."""
    return AreaRows(rows=[AreaRow.of(branch) for branch in area_tree(session)])


@router.get("/minority-voices")
def list_minority_voices(
    session: ReadSession,
    text: Annotated[
        str | None,
        StringConstraints(max_length=200),
        Query(
            description="Words of one statement, in any case and width",
            openapi_examples={"ja": {"value": "請求書 PDF"}, "en": {"value": "invoice pdf"}},
        ),
    ] = None,
    language: Language = None,
    cursor: Cursor = None,
    limit: Limit = 25,
) -> MinorityRows:
    """Statements of no theme: small groups that say the same first, then single ones."""
    page = minority_voices(session, text=text, language=language, cursor=cursor, limit=limit)
    return MinorityRows(
        rows=[MinorityRow.model_validate(row) for row in page.rows],
        groups=page.groups,
        next_cursor=page.next_cursor,
    )


@router.get("/quality")
def read_quality(session: ReadSession) -> QualityAnswer:
    """What runs measured of their themes, and what spot checks say of them."""
    return QualityAnswer.of(standing_of(session), spot_checks.accuracy(session))


@router.get("/quality/checks")
def list_checks(session: ReadSession) -> CheckRows:
    """Up to 50 memberships a month, drawn at random, for a person to mark right or wrong."""
    return CheckRows(rows=[CheckRow.of(check) for check in spot_checks.open_checks(session)])


@router.put("/quality/checks/{check_id}")
def mark_check(session: WriteSession, check_id: uuid.UUID, said: MarkIn) -> MarkAnswer:
    """Say whether a membership is right. It changes no theme: to move the statement is an edit."""
    check = spot_checks.mark(session, check_id, right=said.right, by=said.by)
    return MarkAnswer.model_validate(check)

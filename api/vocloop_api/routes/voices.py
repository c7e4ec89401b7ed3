from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.intake.privacy import privacy
from vocloop.roadmap import fates
from vocloop.themes import cursor as cursors
from vocloop_api.dependencies import ReadSession
from vocloop_api.intake_schemas import ItemName, VoiceRow, VoiceRows
from vocloop_api.schemas import WITHOUT_NUL, ThemeName

router = APIRouter(tags=["feedback"])


@router.get("/voices")
def list_voices(
    session: ReadSession,
    *,
    by: Annotated[
        str | None,
        Query(max_length=200, pattern=WITHOUT_NUL, description="Who handed them in"),
    ] = None,
    source: Annotated[str | None, Query(max_length=100, pattern=WITHOUT_NUL)] = None,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> VoiceRows:
    """What became of voices, the last handed in first."""
    page = fates.handed_in(
        session,
        source=source,
        # Names are kept as keyed hashes: who knows the name finds the voices.
        by=privacy(session, writing=False).person(by) if by else None,
        before=cursors.read(cursor, "voices", uuid.UUID)[0] if cursor is not None else None,
        limit=limit,
    )
    end = page.rows[-1].feedback.id if page.more else None
    return VoiceRows(
        rows=[_row(each) for each in page.rows],
        next_cursor=cursors.write("voices", end) if end is not None else None,
    )


def _row(fate: fates.Fate) -> VoiceRow:
    return VoiceRow(
        **fate.feedback.model_dump(),
        customer=fate.customer,
        step=fate.step,
        theme=ThemeName.model_validate(fate.theme) if fate.theme else None,
        item=ItemName.model_validate(fate.item) if fate.item else None,
    )

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.themes import proposals
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.fact_schemas import OutcomeRow, ProposalRow, ProposalsEdit
from vocloop_models import ProposalState

router = APIRouter(tags=["edits"], responses=ON_CONFLICT)


@router.get("/proposals")
def list_proposals(
    session: ReadSession,
    *,
    state: Annotated[ProposalState, Query()] = ProposalState.OPEN,
    theme_id: uuid.UUID | None = None,
) -> list[ProposalRow]:
    """Splits and merges that runs ask people about, the strongest first."""
    found = proposals.listed(session, state=state, theme_id=theme_id)
    return [ProposalRow.model_validate(each) for each in found]


@router.post("/proposals:accept")
def accept_proposals(session: WriteSession, edit: ProposalsEdit) -> list[OutcomeRow]:
    """Do what they say, in the order given. One that has become impossible is refused alone."""
    done = proposals.accept(session, edit.proposals, edit.author())
    return [OutcomeRow.model_validate(each) for each in done]


@router.post("/proposals:dismiss")
def dismiss_proposals(session: WriteSession, edit: ProposalsEdit) -> list[OutcomeRow]:
    """Leave things as they are. A proposal comes back only with clearly more behind it."""
    done = proposals.dismiss(session, edit.proposals, edit.author())
    return [OutcomeRow.model_validate(each) for each in done]

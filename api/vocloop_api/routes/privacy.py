from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from vocloop.intake import erasure, sources
from vocloop.worker import jobs
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.intake_schemas import (
    AuditAnswer,
    ContactAnswer,
    ContactQuestion,
    ForgottenAnswer,
    Policy,
    SourceAnswer,
)
from vocloop_api.schemas import WITHOUT_NUL
from vocloop_models import JobKind
from vocloop_models.database import transaction

router = APIRouter(tags=["privacy"])

SourceName = Annotated[str, Path(min_length=1, max_length=100, pattern=WITHOUT_NUL)]


@router.post("/contacts:find")
def find_contacts(session: ReadSession, question: ContactQuestion) -> list[ContactAnswer]:
    """Contacts by mail address, telephone number, id or name; compared by keyed hashes."""
    found = erasure.find_contacts(session, question.who, customer_id=question.customer_id)
    return [ContactAnswer.model_validate(each) for each in found]


@router.get("/contacts/{contact_id}/known")
def read_known(session: ReadSession, contact_id: uuid.UUID) -> dict[str, Any]:
    """All that is kept of a contact: the answer to a request for access."""
    return erasure.known_of(session, contact_id)


@router.delete("/contacts/{contact_id}")
def forget_contact(request: Request, contact_id: uuid.UUID) -> ForgottenAnswer:
    """Forget a contact with all their feedback. It can't be undone."""
    return _forgotten(request, erasure.forget_contact, contact_id)


@router.delete("/customers/{customer_id}")
def forget_customer(request: Request, customer_id: uuid.UUID) -> ForgottenAnswer:
    """Forget a customer with its contacts and all of its feedback. It can't be undone."""
    return _forgotten(request, erasure.forget_customer, customer_id)


@router.get("/audit")
def list_audit(
    session: ReadSession, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
) -> list[AuditAnswer]:
    """What was erased, undone and set, newest first; no personal data."""
    return [AuditAnswer.model_validate(each) for each in erasure.audit(session, limit)]


@router.get("/sources")
def list_sources(session: ReadSession) -> list[SourceAnswer]:
    """Where feedback comes from, and how each source is treated."""
    return [SourceAnswer.model_validate(each) for each in sources.sources(session)]


@router.put("/sources/{source}")
def set_source_policy(session: WriteSession, source: SourceName, policy: Policy) -> SourceAnswer:
    """Say how a source is treated from now on, and for how many days its feedback is kept."""
    sources.set_policy(
        session,
        source,
        personal_data=policy.personal_data,
        retention_days=policy.retention_days,
    )
    [row] = [each for each in sources.sources(session) if each.source == source]
    return SourceAnswer.model_validate(row)


def _forgotten(
    request: Request, forget: Callable[..., erasure.Forgotten], subject: uuid.UUID
) -> ForgottenAnswer:
    # Not a WriteSession: SQLite's log is emptied after the commit.
    engine = request.app.state.engine
    with transaction(engine) as session:
        done = forget(session, subject)
        if done.themes:
            # Titles and scores without the words that went.
            jobs.enqueue(session, JobKind.REFRESH_THEMES)
    erasure.wipe(engine)
    return ForgottenAnswer.model_validate(done)

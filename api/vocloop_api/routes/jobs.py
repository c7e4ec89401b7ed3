from __future__ import annotations

import uuid

from fastapi import APIRouter

from vocloop.worker import jobs
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.schemas import JobAnswer

router = APIRouter(tags=["jobs"], responses=ON_CONFLICT)


@router.get("/jobs/{job_id}")
def read_job(session: ReadSession, job_id: uuid.UUID) -> JobAnswer:
    """How far a job is."""
    return JobAnswer.model_validate(jobs.get(session, job_id))


@router.post("/jobs/{job_id}:cancel")
def cancel_job(session: WriteSession, job_id: uuid.UUID) -> JobAnswer:
    """Give a search for themes up; themes stay as they are. Imports and scenarios are cancelled
    themselves."""
    return JobAnswer.model_validate(jobs.cancel(session, job_id))

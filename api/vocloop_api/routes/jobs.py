from __future__ import annotations

import uuid

from fastapi import APIRouter

from vocloop.worker import jobs
from vocloop_api.dependencies import ReadSession
from vocloop_api.schemas import JobAnswer

router = APIRouter(tags=["jobs"])


@router.get("/jobs/{job_id}")
def read_job(session: ReadSession, job_id: uuid.UUID) -> JobAnswer:
    """How far a job is."""
    return JobAnswer.model_validate(jobs.get(session, job_id))

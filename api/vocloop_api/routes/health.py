from __future__ import annotations

from fastapi import APIRouter, Request
from sqlmodel import col, func, select

from vocloop.errors import DatabaseError
from vocloop_api.schemas import HealthAnswer
from vocloop_models import Feedback, FeedbackState
from vocloop_models.database import reading, revisions

router = APIRouter(tags=["health"])


@router.get("/health")
def read_health(request: Request) -> HealthAnswer:
    """Whether the database can be reached and fits this version; 503 when not."""
    engine = request.app.state.engine
    current, needed = revisions(engine)
    if current is None or current != needed:
        raise DatabaseError(
            f"the database's schema is at {current or 'nothing'}, this version needs {needed}; "
            "restart vocloop of this version so that it upgrades the schema"
        )
    waiting = col(Feedback.state).in_([FeedbackState.RECEIVED, FeedbackState.ENCODED])
    with reading(engine) as session:
        pending = session.exec(select(func.count()).select_from(Feedback).where(waiting)).one()
    return HealthAnswer(database=engine.dialect.name, revision=current, pending=pending)

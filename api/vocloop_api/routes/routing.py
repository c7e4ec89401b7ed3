"""Departments, what is in their inboxes, triage, rules, and what is overdue."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.route import inbox
from vocloop.route import setup as setting_up
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.schemas import Answer
from vocloop_api.signed_by import By
from vocloop_models import DecidedBy, RoutingEventKind, RoutingState, RuleField

router = APIRouter(tags=["routing"], responses=ON_CONFLICT)

Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Key = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Words = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DepartmentEdit(_In):
    name_ja: Name
    name_en: Name
    description_ja: Words = ""
    description_en: Words = ""
    owner: Name | None = None
    working_hours: dict[str, tuple[Clock, Clock]] = Field(
        default={},
        description="mon … sun to [from, to]; empty: always",
        examples=[{"mon": ["09:00", "18:00"]}],
    )
    timezone: Name = "Asia/Tokyo"
    answer_within: float | None = Field(
        default=None, gt=0, le=10_000, description="Working hours", allow_inf_nan=False
    )


class DepartmentAnswer(Answer):
    id: uuid.UUID
    key: str
    name_ja: str
    name_en: str
    description_ja: str
    description_en: str
    owner: str | None
    working_hours: dict[str, list[str]]
    timezone: str
    answer_within: float | None


class RoutingAnswer(Answer):
    id: uuid.UUID
    theme_id: uuid.UUID | None
    feedback_id: uuid.UUID | None
    department_id: uuid.UUID | None = Field(description="null: in triage")
    touched: dict[str, float] = Field(description="Other departments, share of statements")
    confidence: float
    decided_by: DecidedBy
    state: RoutingState
    due_at: dt.datetime | None
    answer: str | None
    routed_at: dt.datetime


class RoutingEventAnswer(Answer):
    kind: RoutingEventKind
    detail: dict[str, Any]
    by: str | None
    at: dt.datetime


class RuleIn(_In):
    field: RuleField
    value: Name
    department: Key
    by: By = None


class RuleAnswer(Answer):
    id: uuid.UUID
    field: RuleField
    value: str
    department_id: uuid.UUID
    by: str | None


class OverdueAnswer(Answer):
    id: uuid.UUID
    routing_id: uuid.UUID
    department_id: uuid.UUID
    due_at: dt.datetime
    raised_at: dt.datetime


class AcceptIn(_In):
    by: By = None


class AssignIn(AcceptIn):
    department: Key


class HandOverIn(AssignIn):
    reason: Words


class AnswerIn(AcceptIn):
    answer: Words


@router.get("/departments")
def list_departments(session: ReadSession) -> list[DepartmentAnswer]:
    return [DepartmentAnswer.model_validate(d) for d in inbox.departments(session)]


@router.put("/departments/{key}")
def put_department(session: WriteSession, key: Key, edit: DepartmentEdit) -> DepartmentAnswer:
    """Make a department, or write it anew."""
    hours = {day: list(span) for day, span in edit.working_hours.items()}
    values = edit.model_dump() | {"working_hours": hours}
    return DepartmentAnswer.model_validate(setting_up.put_department(session, key, values))


@router.get("/departments/{key}/inbox")
def read_inbox(session: ReadSession, key: str, *, answered: bool = False) -> list[RoutingAnswer]:
    """What a department has to answer, the most pressing first."""
    found = inbox.inbox(session, key, answered=answered)
    return [RoutingAnswer.model_validate(each) for each in found]


@router.get("/triage")
def read_triage(session: ReadSession) -> list[RoutingAnswer]:
    """What nobody is sure of, the oldest first."""
    return [RoutingAnswer.model_validate(each) for each in inbox.triage(session)]


@router.get("/themes/{theme_id}/routing")
def read_theme_routing(session: ReadSession, theme_id: uuid.UUID) -> RoutingAnswer:
    return RoutingAnswer.model_validate(inbox.of_theme(session, theme_id))


@router.get("/routings/{routing_id}/events")
def list_routing_events(session: ReadSession, routing_id: uuid.UUID) -> list[RoutingEventAnswer]:
    found = inbox.history(session, routing_id)
    return [RoutingEventAnswer.model_validate(each) for each in found]


@router.post("/routings/{routing_id}:assign")
def assign_routing(session: WriteSession, routing_id: uuid.UUID, to: AssignIn) -> RoutingAnswer:
    """Say whose it is, out of triage or an inbox. Others like it follow."""
    return RoutingAnswer.model_validate(inbox.assign(session, routing_id, to.department, to.by))


@router.post("/routings/{routing_id}:hand-over")
def hand_over_routing(
    session: WriteSession, routing_id: uuid.UUID, to: HandOverIn
) -> RoutingAnswer:
    found = inbox.hand_over(session, routing_id, to.department, to.reason, to.by)
    return RoutingAnswer.model_validate(found)


@router.post("/routings/{routing_id}:accept")
def accept_routing(session: WriteSession, routing_id: uuid.UUID, edit: AcceptIn) -> RoutingAnswer:
    return RoutingAnswer.model_validate(inbox.accept(session, routing_id, edit.by))


@router.post("/routings/{routing_id}:answer")
def answer_routing(session: WriteSession, routing_id: uuid.UUID, edit: AnswerIn) -> RoutingAnswer:
    return RoutingAnswer.model_validate(inbox.answer(session, routing_id, edit.answer, edit.by))


@router.get("/routing-rules")
def list_rules(session: ReadSession) -> list[RuleAnswer]:
    """Oldest first: the first that fits counts."""
    return [RuleAnswer.model_validate(each) for each in inbox.rules(session)]


@router.post("/routing-rules", status_code=201)
def add_rule(session: WriteSession, rule: RuleIn) -> RuleAnswer:
    made = inbox.add_rule(session, rule.field, rule.value, rule.department, rule.by)
    return RuleAnswer.model_validate(made)


@router.delete("/routing-rules/{rule_id}", status_code=204)
def remove_rule(session: WriteSession, rule_id: uuid.UUID) -> None:
    inbox.remove_rule(session, rule_id)


@router.get("/overdue")
def list_overdue(session: ReadSession) -> list[OverdueAnswer]:
    """Alerts that stand: not answered in time."""
    return [OverdueAnswer.model_validate(each) for each in inbox.alerts(session)]

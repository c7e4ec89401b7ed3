from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from vocloop.accounts.restricted import seeing_all
from vocloop.errors import InvalidInputError
from vocloop.intake.query import StatementInTheme, feedback_detail, feedback_page
from vocloop.intake.records import FeedbackIn, checked
from vocloop.intake.store import store, store_many
from vocloop.themes import cursor as cursors
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import Reasons, listed
from vocloop_api.examples import BATCH, FEEDBACK
from vocloop_api.schemas import (
    WITHOUT_NUL,
    BatchAnswer,
    BatchRow,
    CustomerName,
    FeedbackDetail,
    FeedbackRow,
    FeedbackRows,
    StatementRow,
    StatementTheme,
    StoredAnswer,
)
from vocloop_models import Customer, Feedback, FeedbackState

router = APIRouter(tags=["feedback"])

# One transaction each; more rows would keep other writers of SQLite waiting for seconds.
MOST_ROWS = 1_000

# Rows are checked by intake, not by the framework: files, pages and the API refuse in the same
# words, and one bad row of a batch does not hide the others.
Row = Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/FeedbackIn"})]


class Batch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rows: list[Row] = Field(min_length=1, max_length=MOST_ROWS)


@router.post(
    "/feedback",
    status_code=201,
    responses={200: {"model": StoredAnswer, "description": "Was stored before; nothing changed"}},
)
def store_feedback(
    session: WriteSession,
    request: Request,
    response: Response,
    row: Annotated[Row, Body(openapi_examples=FEEDBACK)],
) -> StoredAnswer:
    """Hand in one voice. The same one again (source and external id) changes nothing."""
    with seeing_all():
        stored = store(session, checked(FeedbackIn, row))
    if stored.outcome == "repeated":
        response.status_code = 200
    response.headers["Location"] = request.app.url_path_for(
        "read_feedback", feedback_id=stored.feedback_id
    )
    return StoredAnswer(id=stored.feedback_id, outcome=stored.outcome)


@router.post("/feedback:batch")
def store_feedback_batch(
    session: WriteSession, batch: Annotated[Batch, Body(openapi_examples=BATCH)]
) -> BatchAnswer:
    """Hand in up to 1,000 voices. Bad rows are refused alone; 422 when every row is."""
    good: dict[int, FeedbackIn] = {}
    bad: dict[int, Reasons] = {}
    for index, row in enumerate(batch.rows):
        try:
            good[index] = checked(FeedbackIn, row)
        except InvalidInputError as error:
            bad[index] = error.problems
    if not good:
        raise InvalidInputError(
            f"all {len(bad)} rows are refused; mend them and send them again",
            [
                (f"rows.{index}.{where}".rstrip("."), reason)
                for index, problems in bad.items()
                for where, reason in problems
            ],
        )
    with seeing_all():
        stored = dict(zip(good, store_many(session, list(good.values())), strict=True))
    rows = [
        BatchRow(
            index=index,
            outcome=stored[index].outcome if index in stored else "refused",
            id=stored[index].feedback_id if index in stored else None,
            problems=listed(bad.get(index, ()), whole="row"),
        )
        for index in range(len(batch.rows))
    ]
    outcomes = [row.outcome for row in rows]
    return BatchAnswer(
        stored=outcomes.count("stored"),
        repeated=outcomes.count("repeated"),
        refused=outcomes.count("refused"),
        rows=rows,
    )


@router.get("/feedback")
def list_feedback(
    session: ReadSession,
    *,
    state: FeedbackState | None = None,
    source: Annotated[str | None, Query(max_length=100, pattern=WITHOUT_NUL)] = None,
    customer_id: uuid.UUID | None = None,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FeedbackRows:
    """Feedback, the last received first."""
    before = cursors.read(cursor, "feedback", uuid.UUID)[0] if cursor is not None else None
    rows, end = feedback_page(
        session, state=state, source=source, customer_id=customer_id, before=before, limit=limit
    )
    return FeedbackRows(
        rows=[FeedbackRow(**_fields(*row)) for row in rows],
        next_cursor=cursors.write("feedback", end) if end is not None else None,
    )


@router.get("/feedback/{feedback_id}")
def read_feedback(session: ReadSession, feedback_id: uuid.UUID) -> FeedbackDetail:
    """What became of a voice: its state, its statements and their themes."""
    feedback, customer, parts = feedback_detail(session, feedback_id)
    return FeedbackDetail(
        **_fields(feedback, customer), statements=[_statement(part) for part in parts]
    )


def _fields(feedback: Feedback, customer: Customer | None) -> dict[str, Any]:
    name = CustomerName.model_validate(customer) if customer is not None else None
    return {**feedback.model_dump(), "customer": name}


def _statement(part: StatementInTheme) -> StatementRow:
    theme = None
    if part.theme is not None and part.membership is not None:
        theme = StatementTheme(
            **part.theme.model_dump(include={"id", "number", "title_ja", "title_en"}),
            confidence=part.membership.confidence,
            central=part.membership.central,
        )
    return StatementRow(
        **part.statement.model_dump(include={"id", "position", "text", "language"}), theme=theme
    )

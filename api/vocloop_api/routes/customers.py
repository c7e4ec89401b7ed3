from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from vocloop.accounts.restricted import seeing_all
from vocloop.errors import InvalidInputError
from vocloop.intake import customer_list, merges
from vocloop.intake.customers import upsert_customers
from vocloop.intake.records import CustomerIn, checked
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT, Reasons, listed
from vocloop_api.intake_schemas import (
    ContactListed,
    CustomerDetail,
    CustomerEdit,
    CustomerListed,
    CustomerRow,
    CustomersAnswer,
    MergeAnswer,
)
from vocloop_api.schemas import CustomerName
from vocloop_models import MergeState, TouchTier

router = APIRouter(
    tags=["customers"],
    responses=ON_CONFLICT,
)

MOST_ROWS = 1_000


class CustomerList(BaseModel):
    model_config = ConfigDict(extra="forbid")

    # Checked by intake, as rows of feedback are: one bad row does not hide the others.
    rows: list[Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/CustomerIn"})]] = Field(
        min_length=1, max_length=MOST_ROWS
    )


class Pair(BaseModel):
    model_config = ConfigDict(extra="forbid")

    one: uuid.UUID
    other: uuid.UUID


@router.get("/customers")
def list_customers(
    session: ReadSession,
    *,
    q: Annotated[
        str | None,
        Query(
            max_length=300,
            description="Part of a name or external id, whatever its case and width",
            openapi_examples={"ja": {"value": "みなも"}, "en": {"value": "minamo"}},
        ),
    ] = None,
    touch_tier: TouchTier | None = None,
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 10,
) -> list[CustomerListed]:
    """Customers by name from the `start`-th on, `limit` at most; with `q` those whose name or id
    holds it, names that begin with it first."""
    if q is not None and not q.strip():
        return []  # nothing is typed yet, so nothing is suggested
    page = customer_list.listed(session, text=q or "", tier=touch_tier, start=start, limit=limit)
    return [CustomerListed(**_known(row)) for row in page.rows]


@router.get("/customers/{customer_id}")
def read_customer(session: ReadSession, customer_id: uuid.UUID) -> CustomerDetail:
    """What is known of a customer, and its contacts."""
    row, contacts = customer_list.one(session, customer_id)
    people = [ContactListed(**each.contact.model_dump(), voices=each.voices) for each in contacts]
    return CustomerDetail(**_known(row), people=people)


@router.patch("/customers/{customer_id}")
def change_customer(
    session: WriteSession, customer_id: uuid.UUID, edit: CustomerEdit
) -> CustomerDetail:
    """Say what a customer is like."""
    customer_list.change(session, customer_id, edit.model_dump(exclude_unset=True))
    return read_customer(session, customer_id)


def _known(row: customer_list.CustomerRow) -> dict[str, Any]:
    return {**row.customer.model_dump(), "contacts": row.contacts, "voices": row.voices}


@router.post("/customers:upsert")
def upsert_customer_list(session: WriteSession, customers: CustomerList) -> CustomersAnswer:
    """Store or complete up to 1,000 customers by external id, mail domain or name; what a row
    leaves out stays. Bad rows are refused alone."""
    good: dict[int, CustomerIn] = {}
    bad: dict[int, Reasons] = {}
    for index, row in enumerate(customers.rows):
        try:
            good[index] = checked(CustomerIn, row)
        except InvalidInputError as error:
            bad[index] = error.problems
    with seeing_all():
        done = dict(zip(good, upsert_customers(session, list(good.values())), strict=True))
    rows = [
        CustomerRow(
            index=index,
            outcome=done.get(index, "refused"),
            problems=listed(bad.get(index, ()), whole="row"),
        )
        for index in range(len(customers.rows))
    ]
    outcomes = [row.outcome for row in rows]
    return CustomersAnswer(
        stored=outcomes.count("stored"),
        updated=outcomes.count("updated"),
        repeated=outcomes.count("repeated"),
        refused=outcomes.count("refused"),
        rows=rows,
    )


@router.get("/customer-merges")
def list_customer_merges(
    session: ReadSession, state: MergeState = MergeState.OPEN
) -> list[MergeAnswer]:
    """Customers that may be one, for a person to decide."""
    return [
        MergeAnswer.model_validate(each.merge).model_copy(
            update={
                "kept": CustomerName.model_validate(each.kept) if each.kept else None,
                "other": CustomerName.model_validate(each.other) if each.other else None,
            }
        )
        for each in merges.suggestions(session, state)
    ]


@router.post("/customer-merges")
def suggest_customer_merge(session: WriteSession, pair: Pair) -> MergeAnswer:
    """Suggest that two customers are one; accept it then."""
    return MergeAnswer.model_validate(merges.suggest_pair(session, pair.one, pair.other))


@router.post("/customer-merges:refresh")
def refresh_customer_merges(session: WriteSession) -> list[MergeAnswer]:
    """Look for customers that may be one; nothing is merged by it."""
    merges.refresh_suggestions(session)
    return list_customer_merges(session)


@router.post("/customer-merges/{merge_id}:accept")
def accept_customer_merge(session: WriteSession, merge_id: uuid.UUID) -> MergeAnswer:
    """Make the two one. `:undo` brings everything back."""
    return MergeAnswer.model_validate(merges.accept(session, merge_id))


@router.post("/customer-merges/{merge_id}:dismiss")
def dismiss_customer_merge(session: WriteSession, merge_id: uuid.UUID) -> MergeAnswer:
    """The two are different companies; the pair is not suggested again."""
    return MergeAnswer.model_validate(merges.dismiss(session, merge_id))


@router.post("/customer-merges/{merge_id}:undo")
def undo_customer_merge(session: WriteSession, merge_id: uuid.UUID) -> MergeAnswer:
    """Take a merge, or a dismissal, back."""
    return MergeAnswer.model_validate(merges.undo(session, merge_id))

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.intake.customers import suggest
from vocloop_api.dependencies import ReadSession
from vocloop_api.schemas import CustomerName

router = APIRouter(tags=["customers"])


@router.get("/customers")
def suggest_customers(
    session: ReadSession,
    q: Annotated[
        str,
        Query(
            max_length=300,
            description="Part of a name or external id, whatever its case and width",
            openapi_examples={"ja": {"value": "みなも"}, "en": {"value": "minamo"}},
        ),
    ],
) -> list[CustomerName]:
    """At most ten customers to choose from; names that begin with `q` come first."""
    return [CustomerName.model_validate(each) for each in suggest(session, q)]

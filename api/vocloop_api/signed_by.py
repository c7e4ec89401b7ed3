"""The field ``by`` of what is sent: the signed-in user, whatever was sent; where nobody signs in,
what was sent."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from vocloop.accounts.visitor import signed

# PostgreSQL takes no NUL in text.
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def _by_someone(given: Any) -> Any:
    by = signed(given)
    if by is None:
        raise PydanticCustomError("missing", "Field required")
    return by


By = Annotated[
    _Name | None,
    AfterValidator(signed),
    Field(
        validate_default=True,
        description="Who says so; of a signed-in user the account's name is kept instead",
        examples=["sato@minamo.example"],
    ),
]
# As By, but somebody must answer for it.
BySomeone = Annotated[
    _Name,
    BeforeValidator(_by_someone),
    Field(
        default=None,
        validate_default=True,
        description="Who says so: needed unless a user is signed in, whose name is kept instead",
        examples=["sato@minamo.example"],
    ),
]

"""Who may sign in, and what programs act for them. Passwords are set by people, on the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from vocloop.accounts import restricted, tokens, users
from vocloop.accounts.visitor import Visitor
from vocloop.errors import NotFoundError
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import Problem
from vocloop_api.roadmap_schemas import Name
from vocloop_api.schemas import Answer
from vocloop_models import Role, Scope, User

router = APIRouter(
    tags=["users"], responses={409: {"model": Problem, "description": "Taken, or the last one"}}
)


class AccountAnswer(Answer):
    name: str = Field(description="Empty when nobody had to sign in")
    roles: list[Role]
    scopes: list[Scope] | None = Field(description="Of the token; null for a person")


class UserAnswer(Answer):
    id: uuid.UUID
    login: str
    name: str
    roles: list[Role]
    department_id: uuid.UUID | None
    active: bool
    second_factor: bool
    created_at: dt.datetime

    @classmethod
    def of(cls, user: User) -> UserAnswer:
        return cls(
            **user.model_dump(
                include={"id", "login", "name", "department_id", "active", "created_at"}
            ),
            roles=sorted(users.roles_of(user)),
            second_factor=user.totp_since is not None,
        )


class UserIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(min_length=1, max_length=users.LONGEST_LOGIN)]
    name: Name
    roles: Annotated[list[Role], Field(min_length=1)]
    department: Name | None = Field(default=None, description="Key of a department")


class UserEdit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    roles: Annotated[list[Role], Field(min_length=1)] | None = None
    active: bool | None = None


class AccessIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    users: Annotated[list[Name], Field(max_length=1_000, description="Logins")]


class RestrictionAnswer(Answer):
    customer_id: uuid.UUID
    name: str | None
    users: list[str] = Field(description="Logins of those who may see it")


class AccessAnswer(Answer):
    restricted: bool
    users: list[str] = Field(description="Logins of those who may see it")


class TokenAnswer(Answer):
    id: uuid.UUID
    owner: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    used_at: dt.datetime | None


@router.get("/account")
def read_account(request: Request) -> AccountAnswer:
    """Who is asking, and what they are."""
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise NotFoundError("nobody is signed in; sign in, or send a token")
    return AccountAnswer(
        name=visitor.name,
        roles=sorted(visitor.roles),
        scopes=None if visitor.scopes is None else sorted(visitor.scopes),
    )


@router.get("/users")
def list_users(session: ReadSession) -> list[UserAnswer]:
    return [UserAnswer.of(each) for each in users.everyone(session)]


@router.post("/users", status_code=201)
def add_user(session: WriteSession, row: UserIn) -> UserAnswer:
    """A user without a password: they can sign in once an administrator has set one."""
    made = users.add(session, row.login, row.name, row.roles, department=row.department)
    return UserAnswer.of(made)


@router.patch("/users/{user_id}")
def change_user(session: WriteSession, user_id: uuid.UUID, edit: UserEdit) -> UserAnswer:
    """Give roles, disable or enable. Disabling ends sessions and revokes tokens at once."""
    user = users.get(session, user_id)
    if edit.roles is not None:
        users.set_roles(session, user, edit.roles)
    if edit.active is not None:
        users.set_active(session, user, active=edit.active)
    return UserAnswer.of(user)


@router.get("/customer-restrictions")
def list_restrictions(session: ReadSession) -> list[RestrictionAnswer]:
    """Restricted customers and who may see them; one that you may not see has no name."""
    return [
        RestrictionAnswer(
            customer_id=each.customer_id,
            name=each.name,
            users=[user.login for user in each.named],
        )
        for each in restricted.listed(session)
    ]


@router.get("/customers/{customer_id}/access")
def read_access(session: ReadSession, customer_id: uuid.UUID) -> AccessAnswer:
    """Who may see a restricted customer."""
    return _access(session, customer_id)


@router.put("/customers/{customer_id}/access")
def restrict_customer(session: WriteSession, customer_id: uuid.UUID, row: AccessIn) -> AccessAnswer:
    """Let only these users see the customer: its voices, contacts and numbers are left out for
    everyone else, administrators too."""
    restricted.restrict(session, customer_id, row.users)
    return _access(session, customer_id)


@router.delete("/customers/{customer_id}/access", status_code=204)
def open_customer(session: WriteSession, customer_id: uuid.UUID) -> None:
    """Let everyone see the customer again."""
    restricted.open_again(session, customer_id)


def _access(session: Session, customer_id: uuid.UUID) -> AccessAnswer:
    named = [each.login for each in restricted.named_for(session, customer_id)]
    return AccessAnswer(restricted=restricted.is_restricted(session, customer_id), users=named)


@router.get("/tokens")
def list_tokens(session: ReadSession) -> list[TokenAnswer]:
    """Tokens of everyone. The tokens themselves are not kept."""
    return [
        TokenAnswer.model_validate({**token.model_dump(), "owner": user.login})
        for token, user in tokens.listed(session)
    ]


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(session: WriteSession, token_id: uuid.UUID) -> None:
    tokens.revoke(session, token_id)

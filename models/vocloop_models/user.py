"""Who may sign in, and what they signed in with. Passwords and tokens are kept as hashes only."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class Role(StrEnum):
    """What a user is to the loop (METHOD.md 1); vocloop.accounts.permissions says what each may."""

    AGENT = "agent"
    PRODUCT_MANAGER = "product_manager"
    EXECUTIVE = "executive"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What a token may do, within what its owner may."""

    READ = "read"
    INTAKE = "intake"
    WRITE = "write"
    ADMIN = "admin"


class SignedInBy(StrEnum):
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    OPENID = "openid"


class User(Record, table=True):
    """A colleague who may sign in. They are never deleted: what they did stays theirs."""

    __tablename__ = "useraccount"  # "user" is a word of SQL

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    login: str = Field(unique=True, max_length=254, description="Mail address or short name")
    name: str = Field(unique=True, max_length=200, description="What edits and votes are signed by")
    password_hash: str | None = Field(default=None, max_length=300)
    roles: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    department_id: uuid.UUID | None = Field(default=None, foreign_key="department.id", index=True)
    language: str | None = Field(default=None, max_length=8, description="ja or en")
    active: bool = True
    subject: str | None = Field(
        default=None, unique=True, max_length=500, description="Issuer and subject of OpenID"
    )
    totp_secret: bytes | None = Field(default=None, description="Sealed by vocloop.keys")
    totp_since: dt.datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Asked for since then; until then enrolling"
    )
    totp_step: int | None = Field(default=None, description="The last one used: none serves twice")
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class UserSession(Record, table=True):
    """One browser that is signed in."""

    __tablename__ = "usersession"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="useraccount.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    signed_in_by: SignedInBy = Field(sa_type=words(SignedInBy))
    browser: str = Field(default="", max_length=200)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    used_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    ended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(Record, table=True):
    """A program that acts for a user."""

    __tablename__ = "apitoken"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="useraccount.id", index=True)
    name: str = Field(max_length=100)
    prefix: str = Field(max_length=16, description="By which its owner knows it again")
    token_hash: str = Field(unique=True, max_length=64)
    scopes: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInFailures(Record, table=True):
    """How often signing in went wrong lately, by login and by address, both as keyed hashes."""

    __tablename__ = "signinfailures"

    key: str = Field(primary_key=True, max_length=80)
    count: int = 0
    since: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    locked_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class CustomerAccess(Record, table=True):
    """Who may see a restricted customer."""

    __tablename__ = "customeraccess"

    customer_id: uuid.UUID = Field(foreign_key="customer.id", primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="useraccount.id", primary_key=True)

"""Tokens of programs: shown once, kept as a hash, bound by scopes and by what their owner may."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from sqlmodel import Session, col, or_, select, update

from vocloop.accounts import journal, secret_tokens
from vocloop.accounts.sessions import USE_NOTED
from vocloop.errors import InvalidInputError, NotFoundError
from vocloop_models import ApiToken, AuditAction, Scope, User, now

PREFIX = "voc_"
SHOWN = 10
LONGEST_NAME = 100
MOST_DAYS = 3_650


def create(
    session: Session,
    user: User,
    name: str,
    scopes: Iterable[Scope],
    *,
    days: int | None = None,
) -> tuple[ApiToken, str]:
    """The row, and the token itself: the only time that it is seen. ``days`` None: no end."""
    wanted = sorted({Scope(each) for each in scopes})
    name = " ".join(name.split())
    if not wanted:
        raise InvalidInputError(
            f"a token needs a scope; use one or more of {', '.join(Scope)}",
            [("scopes", f"one of {', '.join(Scope)}")],
        )
    if not 1 <= len(name) <= LONGEST_NAME or "\x00" in name:
        raise InvalidInputError(
            "a token needs a name of 1 to 100 letters, to know it again",
            [("name", "1 to 100 letters")],
        )
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidInputError(
            f"a token lasts 1 to {MOST_DAYS:,} days", [("days", f"1 to {MOST_DAYS:,}")]
        )
    token = secret_tokens.fresh(PREFIX)
    made = ApiToken(
        user_id=user.id,
        name=name,
        prefix=token[:SHOWN],
        token_hash=secret_tokens.digest(token),
        scopes=[each.value for each in wanted],
        expires_at=None if days is None else now() + dt.timedelta(days=days),
    )
    session.add(made)
    session.flush()
    journal.note(
        session,
        AuditAction.ADDED_TOKEN,
        by=user.name,
        user=user.login,
        token=made.prefix,
        scopes=made.scopes,
    )
    return made, token


def find(session: Session, token: str) -> tuple[ApiToken, User] | None:
    """A token that holds and its owner; None when revoked, run out, or the owner disabled."""
    if not token.startswith(PREFIX):
        return None
    return session.exec(
        select(ApiToken, User)
        .join(User, col(User.id) == col(ApiToken.user_id))
        .where(
            ApiToken.token_hash == secret_tokens.digest(token),
            col(ApiToken.revoked_at).is_(None),
            or_(col(ApiToken.expires_at).is_(None), col(ApiToken.expires_at) > now()),
            User.active,
        )
    ).first()


def is_stale(found: ApiToken) -> bool:
    return found.used_at is None or now() - found.used_at > USE_NOTED


def note_use(session: Session, token_id: uuid.UUID) -> None:
    session.exec(update(ApiToken).where(col(ApiToken.id) == token_id).values(used_at=now()))


def listed(session: Session, user_id: uuid.UUID | None = None) -> list[tuple[ApiToken, User]]:
    """Those that are not revoked, newest first; of everyone without ``user_id``."""
    query = (
        select(ApiToken, User)
        .join(User, col(User.id) == col(ApiToken.user_id))
        .where(col(ApiToken.revoked_at).is_(None))
        .order_by(col(ApiToken.id).desc())
    )
    if user_id is not None:
        query = query.where(ApiToken.user_id == user_id)
    return list(session.exec(query))


def revoke(session: Session, token_id: uuid.UUID, *, owner: uuid.UUID | None = None) -> None:
    """``owner``: whose it must be. Raises NotFoundError."""
    found = session.get(ApiToken, token_id)
    if found is None or (owner is not None and found.user_id != owner):
        raise NotFoundError(f"there is no token {token_id}; see the list of tokens")
    if found.revoked_at is None:
        found.revoked_at = now()
        session.flush()
        journal.note(session, AuditAction.REVOKED_TOKEN, token=found.prefix)


def by_prefix(session: Session, prefix: str) -> ApiToken:
    found = session.exec(
        select(ApiToken).where(ApiToken.prefix == prefix, col(ApiToken.revoked_at).is_(None))
    ).all()
    if len(found) != 1:
        raise NotFoundError(f"there is no one token {prefix}…; `vocloop tokens list` shows all")
    return found[0]


def revoke_all(session: Session, user_id: uuid.UUID) -> None:
    session.exec(
        update(ApiToken)
        .where(col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=now())
    )

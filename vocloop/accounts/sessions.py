"""Browsers that are signed in."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlmodel import Session, col, select, update

from vocloop.accounts import secret_tokens
from vocloop.errors import NotFoundError
from vocloop_models import SignedInBy, User, UserSession, now

LASTS = dt.timedelta(days=14)
# A browser that is left alone for a working day has to sign in again.
IDLE = dt.timedelta(hours=24)
# How exactly the last use is known: writing at every request would make each one a writer.
USE_NOTED = dt.timedelta(minutes=5)
LONGEST_BROWSER = 200


def start(session: Session, user: User, by: SignedInBy, browser: str) -> str:
    """The token for the cookie; it is not kept."""
    token = secret_tokens.fresh()
    session.add(
        UserSession(
            user_id=user.id,
            token_hash=secret_tokens.digest(token),
            signed_in_by=by,
            browser=browser.replace("\x00", "")[:LONGEST_BROWSER],
            expires_at=now() + LASTS,
        )
    )
    session.flush()
    return token


def find(session: Session, token: str) -> tuple[UserSession, User] | None:
    """The live session of a cookie and its user; None when it is over, or the user disabled."""
    at = now()
    return session.exec(
        select(UserSession, User)
        .join(User, col(User.id) == col(UserSession.user_id))
        .where(
            UserSession.token_hash == secret_tokens.digest(token),
            col(UserSession.ended_at).is_(None),
            col(UserSession.expires_at) > at,
            col(UserSession.used_at) > at - IDLE,
            User.active,
        )
    ).first()


def is_stale(found: UserSession) -> bool:
    """Whether its last use is to be noted again."""
    return now() - found.used_at > USE_NOTED


def note_use(session: Session, session_id: uuid.UUID) -> None:
    session.exec(update(UserSession).where(col(UserSession.id) == session_id).values(used_at=now()))


def live(session: Session, user_id: uuid.UUID) -> list[UserSession]:
    at = now()
    return list(
        session.exec(
            select(UserSession)
            .where(
                UserSession.user_id == user_id,
                col(UserSession.ended_at).is_(None),
                col(UserSession.expires_at) > at,
                col(UserSession.used_at) > at - IDLE,
            )
            .order_by(col(UserSession.used_at).desc())
        )
    )


def end(session: Session, user_id: uuid.UUID, session_id: uuid.UUID) -> None:
    """Raises NotFoundError for a session of somebody else."""
    found = session.get(UserSession, session_id)
    if found is None or found.user_id != user_id:
        raise NotFoundError(f"there is no session {session_id} of yours; it may be over already")
    found.ended_at = found.ended_at or now()
    session.flush()


def end_all(session: Session, user_id: uuid.UUID, *, but: uuid.UUID | None = None) -> None:
    statement = (
        update(UserSession)
        .where(col(UserSession.user_id) == user_id, col(UserSession.ended_at).is_(None))
        .values(ended_at=now())
    )
    if but is not None:
        statement = statement.where(col(UserSession.id) != but)
    session.exec(statement)

"""From what a request carries to who it is."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine
from sqlmodel import Session

from vocloop.accounts import restricted, sessions, tokens, users
from vocloop.accounts.visitor import Visitor
from vocloop_models import Scope, User
from vocloop_models.database import reading, transaction


def by_cookie(engine: Engine, token: str) -> Visitor | None:
    with reading(engine) as session:
        found = sessions.find(session, token)
        if found is None:
            return None
        live, user = found
        visitor = replace(_known(session, user), session_id=live.id, language=user.language)
    if sessions.is_stale(live):
        with transaction(engine) as session:
            sessions.note_use(session, live.id)
    return visitor


def by_token(engine: Engine, token: str) -> Visitor | None:
    with reading(engine) as session:
        found = tokens.find(session, token)
        if found is None:
            return None
        held, user = found
        scopes = frozenset(Scope(each) for each in held.scopes)
        visitor = replace(_known(session, user), scopes=scopes)
    if tokens.is_stale(held):
        with transaction(engine) as session:
            tokens.note_use(session, held.id)
    return visitor


def _known(session: Session, user: User) -> Visitor:
    return Visitor(
        name=user.name,
        roles=users.roles_of(user),
        user_id=user.id,
        hidden=restricted.hidden_from(session, user),
    )

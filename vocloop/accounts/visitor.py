"""Who is asking, for as long as one request lasts."""

from __future__ import annotations

import uuid
from contextvars import ContextVar
from dataclasses import dataclass

from vocloop_models import Role, Scope


@dataclass(frozen=True)
class Visitor:
    """A signed-in user, a program with a user's token, or whoever sits at an open machine.

    ``scopes``: of a token; None for a person, who may all that the roles may. ``hidden``: the
    restricted customers that are not for this visitor."""

    name: str
    roles: frozenset[Role]
    user_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    scopes: frozenset[Scope] | None = None
    language: str | None = None
    hidden: frozenset[uuid.UUID] = frozenset()


SESSION_COOKIE = "vocloop_session"
# Whom a visitor of the demo looks as.
PERSONA_COOKIE = "vocloop_persona"

# Nameless: what such a visitor does is signed by the name they give, as before there were accounts.
AT_THIS_MACHINE = Visitor(name="", roles=frozenset(Role))

# Set by the web layer around each request; the worker and the commands have none.
visiting: ContextVar[Visitor | None] = ContextVar("visiting", default=None)


def signed(given: str | None) -> str | None:
    """Whose name an edit is kept under: the signed-in user's, whatever was given."""
    visitor = visiting.get()
    return visitor.name if visitor is not None and visitor.name else given

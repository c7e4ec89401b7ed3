"""The one-time address by which the first administrator is made, and only the first."""

from __future__ import annotations

import base64
import hmac

from sqlmodel import Session

from vocloop.accounts import users
from vocloop.errors import NotFoundError
from vocloop.keys import kept_key
from vocloop_models import Role, User

_KEY = "setup"


def path(session: Session) -> str:
    """Where it leads; "" once there is any user. Every process of one database tells the same."""
    if users.any_there(session):
        return ""
    return f"/setup/{_token(session)}"


def check(session: Session, token: str) -> None:
    """Raises NotFoundError for another token, and for all once there is a user."""
    if users.any_there(session) or not hmac.compare_digest(
        token.encode(), _token(session).encode()
    ):
        raise NotFoundError(
            "this address sets nothing up: it is cut, or there are users already; sign in, or run"
            " `vocloop users add`"
        )


def first(session: Session, token: str, login: str, name: str, password: str) -> User:
    check(session, token)
    return users.add(session, login, name, [Role.ADMINISTRATOR], password=password)


def _token(session: Session) -> str:
    return base64.urlsafe_b64encode(kept_key(session, _KEY)).decode().rstrip("=")

"""Signing in by password: counted before it is looked at, slow for whoever guesses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from vocloop.accounts import journal, passwords, sessions, totp, users
from vocloop.keys import hasher
from vocloop_models import AuditAction, SignedInBy, SignInFailures, User, now
from vocloop_models.bulk import insert_new
from vocloop_models.database import transaction

# Ten wrong passwords of one login within a quarter of an hour lock it for a quarter of an hour.
# One address may be a whole office behind one router, so that it has more.
WINDOW = dt.timedelta(minutes=15)
LOCKED = dt.timedelta(minutes=15)
MOST_OF_LOGIN = 10
MOST_OF_ADDRESS = 50


class Refusal(StrEnum):
    WRONG = "wrong"
    CODE = "code"  # the password was right, and a code of the second factor is needed
    LOCKED = "locked"


@dataclass(frozen=True)
class SignIn:
    """``token`` for the cookie, or why there is none; ``wait`` seconds when locked."""

    token: str = ""
    refused: Refusal | None = None
    wait: int = 0


def sign_in(
    engine: Engine, login: str, password: str, *, code: str = "", address: str, browser: str = ""
) -> SignIn:
    """Takes the engine: the password is verified between two transactions, since a writer would
    keep everyone waiting meanwhile."""
    login = users.plain_login(login)[: users.LONGEST_LOGIN]
    with transaction(engine) as session:
        keys = _keys(session, login, address)
        wait = _counted(session, keys, login)
        user = None if wait else users.by_login(session, login)
    if wait:
        return SignIn(refused=Refusal.LOCKED, wait=wait)
    kept = user.password_hash if user else None
    right = passwords.verified(password, kept)
    if user is None or kept is None or not right:
        return SignIn(refused=Refusal.WRONG)
    renewed = passwords.renewed(password, kept)
    with transaction(engine) as session:
        # Read anew under a lock: a code is used up once, and the user may be disabled by now.
        known = session.exec(
            select(User).where(User.id == user.id, User.active).with_for_update()
        ).first()
        # Another password by now, or the same one renewed by a second browser.
        if known is None or (
            known.password_hash != kept and not passwords.verified(password, known.password_hash)
        ):
            return SignIn(refused=Refusal.WRONG)
        known.password_hash = renewed or known.password_hash
        _take_back(session, keys[1])
        if known.totp_since is not None and not (code and totp.use(session, known, code)):
            return SignIn(refused=Refusal.CODE)
        _forgive(session, keys[0])
        journal.note(session, AuditAction.SIGNED_IN, by=known.name, user=known.login)
        return SignIn(token=sessions.start(session, known, SignedInBy.PASSWORD, browser))


def unlock(session: Session, login: str) -> None:
    key = _keys(session, users.plain_login(login), "")[0]
    _forgive(session, key)


def _take_back(session: Session, key: str) -> None:
    """An attempt with the right password was none: what others got wrong there goes on counting."""
    counted = col(SignInFailures.count)
    session.exec(
        update(SignInFailures)
        .where(col(SignInFailures.key) == key, counted > 0)
        .values(count=counted - 1)
    )


def _forgive(session: Session, key: str) -> None:
    # Not deleted: somebody else's attempt may just be about to count there.
    counted = update(SignInFailures).where(col(SignInFailures.key) == key)
    session.exec(counted.values(count=0, since=now(), locked_until=None))


def _keys(session: Session, login: str, address: str) -> tuple[str, str]:
    # What people mistype into the field of the login may be their password.
    mac = hasher(session).hashed
    return f"login {mac(login)}", f"address {mac(address)}"


def _counted(session: Session, keys: tuple[str, str], login: str) -> int:
    """Count an attempt before it is looked at, so that many at once count too; the seconds to
    wait when it is one too many."""
    at = now()
    insert_new(
        session,
        SignInFailures,
        [{"key": key, "count": 0, "since": at} for key in keys],
        unique=("key",),
    )
    found = {
        each.key: each
        for each in session.exec(
            select(SignInFailures)
            .where(col(SignInFailures.key).in_(keys))
            .order_by(col(SignInFailures.key))
            .with_for_update()
        )
    }
    wait = 0
    for key, most in zip(keys, (MOST_OF_LOGIN, MOST_OF_ADDRESS), strict=True):
        row = found[key]
        if row.locked_until is not None and row.locked_until > at:
            wait = max(wait, round((row.locked_until - at).total_seconds()) or 1)
            continue
        if row.locked_until is not None or at - row.since > WINDOW:
            row.count, row.since, row.locked_until = 0, at, None
        row.count += 1
        if row.count > most:
            row.locked_until = at + LOCKED
            wait = max(wait, round(LOCKED.total_seconds()))
            user = users.by_login(session, login)
            journal.note(session, AuditAction.LOCKED, user=user.login if user else "(no such user)")
    session.flush()
    return wait

"""The second factor: one-time passwords by the clock (TOTP, RFC 6238), sealed in the database."""

from __future__ import annotations

import hmac
import time

import pyotp
from cryptography.fernet import InvalidToken
from sqlmodel import Session

from vocloop.accounts import journal
from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.keys import workspace_cipher
from vocloop_models import AuditAction, User, now

ISSUER = "vocloop"
STEP_SECONDS = 30
# A code of the step before and after is taken too: clocks and fingers are slow (RFC 6238, 5.2).
SLACK = 1
WRONG = "this code is not right now; check the clock of your device, and use the newest code"


def begin(session: Session, user: User) -> str:
    """A new secret as an otpauth:// address for the QR code. Not asked for until confirmed."""
    if user.totp_since is not None:
        raise ConflictError(says("a second factor is set already; turn it off first"))
    secret = pyotp.random_base32()
    user.totp_secret = workspace_cipher(session).encrypt(secret.encode())
    user.totp_step = None
    session.flush()
    return address(user, secret)


def pending(session: Session, user: User) -> str | None:
    """The address of a secret that waits for its first code."""
    if user.totp_secret is None or user.totp_since is not None:
        return None
    return address(user, _secret(session, user))


def address(user: User, secret: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=ISSUER)


def confirm(session: Session, user: User, code: str) -> None:
    """From now on signing in asks for a code. Raises InvalidInputError for a wrong one."""
    if user.totp_secret is None or user.totp_since is not None:
        raise ConflictError(says("there is no second factor to confirm; begin again"))
    if not use(session, user, code):
        raise InvalidInputError(WRONG, [("code", WRONG)])
    user.totp_since = now()
    session.flush()
    journal.note(session, AuditAction.CHANGED_USER, user=user.login, second_factor=True)


def use(session: Session, user: User, code: str) -> bool:
    """Whether ``code`` is right; none is right twice."""
    digits = code.replace(" ", "")
    if not digits.isascii() or not digits.isdecimal():
        return False
    totp = pyotp.TOTP(_secret(session, user))
    step = int(time.time()) // STEP_SECONDS
    for each in range(step - SLACK, step + SLACK + 1):
        if each <= (user.totp_step or 0):
            continue
        if hmac.compare_digest(totp.at(each * STEP_SECONDS), digits):
            user.totp_step = each
            session.flush()
            return True
    return False


def turn_off(session: Session, user: User) -> None:
    user.totp_secret = user.totp_since = user.totp_step = None
    session.flush()
    journal.note(session, AuditAction.CHANGED_USER, user=user.login, second_factor=False)


def _secret(session: Session, user: User) -> str:
    try:
        return workspace_cipher(session).decrypt(user.totp_secret or b"").decode()
    except InvalidToken as error:
        raise ConflictError(
            says(
                "the second factor of %(login)s can't be read with today's "
                "VOCLOOP_ENCRYPTION_KEY; run `vocloop users totp-off %(login)s`",
                login=user.login,
            )
        ) from error

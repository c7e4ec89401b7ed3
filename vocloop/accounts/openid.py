"""Signing in by OpenID Connect: code flow with PKCE (OpenID Connect Core 1.0, RFC 7636)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.fernet import InvalidToken
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from vocloop.accounts import journal, provider, sessions, users
from vocloop.accounts.provider import Claims
from vocloop.config import Settings, settings
from vocloop.errors import ConflictError, NotFoundError, SignatureError
from vocloop.keys import workspace_cipher
from vocloop_models import AuditAction, Role, SignedInBy, User
from vocloop_models.database import held, transaction

logger = logging.getLogger(__name__)

CALLBACK = "/sign-in/openid/callback"
# How long a person may take at the provider.
LASTS_SECONDS = 600
# Whom nothing maps to another role.
LOWEST = frozenset({Role.AGENT})


class UnknownPersonError(SignatureError):
    """The provider proves who it is, and it is nobody who may use this vocloop."""


@dataclass(frozen=True)
class Start:
    """Where to send the browser, and the sealed cookie that must come back with it."""

    address: str
    cookie: str


@dataclass(frozen=True)
class Arrival:
    """``token`` for the cookie of the session, and the page that was wanted."""

    token: str
    then: str


def is_there() -> bool:
    configured = settings()
    return bool(configured.oidc_issuer and configured.oidc_client_id)


def _configured() -> Settings:
    if not is_there():
        raise NotFoundError(
            "no OpenID provider is configured; set VOCLOOP_OIDC_ISSUER and VOCLOOP_OIDC_CLIENT_ID"
        )
    return settings()


def begin(engine: Engine, *, callback: str, then: str) -> Start:
    """``callback``: our address that the provider sends back to; ``then``: the page after it.

    Raises RemoteError when the provider does not answer as it should, NotFoundError for none."""
    configured = _configured()
    endpoint = provider.described(configured)["authorization_endpoint"]
    kept = {name: generate_token(48) for name in ("state", "nonce", "verifier")}
    address = prepare_grant_uri(
        endpoint,
        configured.oidc_client_id,
        "code",
        redirect_uri=callback,
        scope="openid email profile",
        state=kept["state"],
        nonce=kept["nonce"],
        code_challenge=create_s256_code_challenge(kept["verifier"]),
        code_challenge_method="S256",
    )
    packed = json.dumps({**kept, "then": then, "callback": callback}).encode()
    with transaction(engine) as session:
        cookie = workspace_cipher(session).encrypt(packed).decode()
    return Start(address, cookie)


def arrive(engine: Engine, cookie: str, answer: Mapping[str, str], browser: str) -> Arrival:
    """Sign in who came back. ``answer``: the query of our callback. Takes the engine: the provider
    is asked between two transactions.

    Raises SignatureError for what was not begun in this browser or is not proven,
    UnknownPersonError for who may not use vocloop, RemoteError when the provider fails."""
    configured = _configured()
    with transaction(engine) as session:
        kept = _kept(session, cookie)
    if not answer.get("state") or answer["state"] != kept["state"]:
        raise SignatureError("this sign-in was not begun in this browser; begin again")
    # RFC 9207: another provider's answer to our question.
    if answer.get("iss", configured.oidc_issuer) != configured.oidc_issuer:
        raise SignatureError("another provider answered than the one that was asked; begin again")
    if "code" not in answer:
        reason = answer.get("error", "no code")[:100]
        raise SignatureError(f"the provider did not sign in ({reason!r}); begin again")
    claims = provider.claims_for(
        configured,
        answer["code"],
        callback=kept["callback"],
        verifier=kept["verifier"],
        nonce=kept["nonce"],
    )
    try:
        token = _signed_in(engine, configured, claims, browser)
    except (IntegrityError, ConflictError):
        # Two first sign-ins of one person at once: the other one has added the user by now.
        token = _signed_in(engine, configured, claims, browser)
    return Arrival(token, kept["then"])


def _signed_in(engine: Engine, configured: Settings, claims: Claims, browser: str) -> str:
    with transaction(engine) as session:
        user = _user(session, configured, claims)
        # Whoever disables them just now is waited for.
        held(session, User, user.id)
        if not user.active:
            raise _unknown()
        journal.note(session, AuditAction.SIGNED_IN, by=user.name, user=user.login, openid=True)
        return sessions.start(session, user, SignedInBy.OPENID, browser)


def _kept(session: Session, cookie: str) -> dict[str, str]:
    try:
        packed = workspace_cipher(session).decrypt(cookie.encode(), ttl=LASTS_SECONDS)
    except InvalidToken as error:
        raise SignatureError(
            "this sign-in was not begun in this browser, or too long ago; begin again"
        ) from error
    kept: dict[str, str] = json.loads(packed)
    return kept


def _user(session: Session, configured: Settings, claims: Claims) -> User:
    """By subject, else by verified mail address; else a new one, where the setting says so."""
    subject = _subject(claims)
    # A provider that lets people write any address into their profile says false here, or nothing.
    mail = claims.get("email") if claims.get("email_verified") is True else None
    user = session.exec(select(User).where(User.subject == subject)).first()
    if user is None and isinstance(mail, str) and mail:
        user = users.by_login(session, mail)
        if user is None:
            return _added(session, configured, claims, mail)
        if user.subject is not None:
            # Whoever has the address now need not be who had it before.
            raise UnknownPersonError(f"{user.login} belongs to another account of the provider")
    if user is None or not user.active:
        raise _unknown()
    if user.subject is None:
        user.subject = subject
        session.flush()
        journal.note(session, AuditAction.CHANGED_USER, by=user.name, user=user.login, openid=True)
    roles = _roles(configured, claims)
    if configured.oidc_roles and roles != users.roles_of(user):
        try:
            users.set_roles(session, user, roles)
        except ConflictError as error:
            # The last administrator has to be able to come in and name another one.
            logger.warning("roles of %s stay as they are: %s", user.login, error)
    return user


def _unknown() -> UnknownPersonError:
    return UnknownPersonError(
        "the provider knows who signed in, vocloop does not; add a user whose login is the "
        "mail address that the provider has verified"
    )


def _added(session: Session, configured: Settings, claims: Claims, mail: str) -> User:
    roles = _roles(configured, claims)
    # Anybody but an administrator as the first user would take away the address that makes one.
    is_first = not users.any_there(session)
    if not configured.oidc_create or (is_first and Role.ADMINISTRATOR not in roles):
        raise UnknownPersonError(
            "there is no user with the mail address that the provider has verified; add one, or "
            "set VOCLOOP_OIDC_CREATE"
        )
    name = users.free_name(session, str(claims.get("name") or mail), mail)
    return users.add(session, mail, name, roles, subject=_subject(claims))


def _subject(claims: Claims) -> str:
    return f"{claims['iss']} {claims['sub']}"


def _roles(configured: Settings, claims: Claims) -> frozenset[Role]:
    said = claims.get(configured.oidc_role_claim)
    values = said if isinstance(said, list) else [said]
    known = configured.oidc_roles
    return frozenset(known[v] for v in values if isinstance(v, str) and v in known) or LOWEST

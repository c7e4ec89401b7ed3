"""The OpenID provider: how it describes itself, and what it proves of a person
(OpenID Connect Core 1.0 and Discovery 1.0).

It is asked through vocloop.outgoing, as every configured address is: Authlib's own clients would
follow redirects into our network."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vocloop import outgoing
from vocloop.config import Settings
from vocloop.errors import RemoteError, SignatureError

# Signed by a key pair of the provider: "none" and shared secrets are not taken.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
MOST_BYTES = 256 * 1024
LEEWAY_SECONDS = 60
# Whoever presses the button often asks the provider once in that time.
DESCRIBED_SECONDS = 300

Description = Mapping[str, Any]
Claims = Mapping[str, Any]


def described(configured: Settings) -> Description:
    """What the provider says of itself, kept for some minutes. Raises RemoteError."""
    return _described(
        configured.oidc_issuer,
        configured.outgoing_allowed,
        int(time.monotonic() // DESCRIBED_SECONDS),
    )


@lru_cache(maxsize=4)
def _described(issuer: str, allowed: tuple[str, ...], _span: int) -> Description:
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _asked("GET", url, allowed)
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    # A provider that speaks for another issuer could sign its people in as somebody else's.
    if found.get("issuer") != issuer or not all(isinstance(found.get(w), str) for w in wanted):
        raise RemoteError(
            f"{url} does not describe the issuer {issuer} with its {', '.join(wanted)}; write "
            "VOCLOOP_OIDC_ISSUER exactly as the provider does"
        )
    return found


def claims_for(
    configured: Settings, code: str, *, callback: str, verifier: str, nonce: str
) -> Claims:
    """What the provider proves of the person whom it gave ``code``.

    Raises SignatureError for a token that is not for us, of now and by the provider; RemoteError
    when the provider does not answer as it should."""
    provider = described(configured)
    tokens = _exchanged(configured, provider, code, callback=callback, verifier=verifier)
    proven = _proven(configured, provider, tokens, nonce)
    if "email" in proven and configured.oidc_role_claim in proven:
        return proven
    return {**_told(configured, provider, tokens, proven), **proven}


def _exchanged(
    configured: Settings, provider: Description, code: str, *, callback: str, verifier: str
) -> Mapping[str, Any]:
    more = {"code": code, "client_id": configured.oidc_client_id, "code_verifier": verifier}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    secret = _secret(configured)
    ways = provider.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if secret and "client_secret_basic" in ways:
        pair = f"{quote(configured.oidc_client_id, safe='')}:{quote(secret, safe='')}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif secret:
        more["client_secret"] = secret
    body = prepare_token_request("authorization_code", redirect_uri=callback, **more)
    answer = _asked(
        "POST",
        provider["token_endpoint"],
        configured.outgoing_allowed,
        headers=headers,
        body=body.encode(),
    )
    if not isinstance(answer.get("id_token"), str):
        raise RemoteError(
            "the provider's token endpoint sent no id_token; allow the scope openid for this client"
        )
    return answer


def _proven(
    configured: Settings, provider: Description, tokens: Mapping[str, Any], nonce: str
) -> Claims:
    keys: Any = _asked("GET", provider["jwks_uri"], configured.outgoing_allowed)
    try:
        token = jwt.decode(tokens["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": configured.oidc_issuer},
                "aud": {"essential": True, "value": configured.oidc_client_id},
                "sub": {"essential": True},
            },
            {
                "nonce": nonce,
                "client_id": configured.oidc_client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignatureError(
            f"the provider's id_token does not prove who signed in ({error}); begin again"
        ) from error
    return dict(claims)


def _told(
    configured: Settings, provider: Description, tokens: Mapping[str, Any], proven: Claims
) -> Claims:
    """What the provider tells of the same person apart from the token (Core 5.3)."""
    url, token = provider.get("userinfo_endpoint"), tokens.get("access_token")
    if not isinstance(url, str) or not isinstance(token, str):
        return {}
    headers = {"authorization": f"Bearer {token}"}
    told = _asked("GET", url, configured.outgoing_allowed, headers=headers)
    if told.get("sub") != proven["sub"]:
        raise SignatureError("the provider's userinfo tells of somebody else; begin again")
    return told


def _asked(
    method: str,
    url: str,
    allowed: tuple[str, ...],
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> dict[str, Any]:
    wanted = {"accept": "application/json", **(headers or {})}
    try:
        answer = outgoing.request(
            method, url, body=body, headers=wanted, allowed=allowed, most=MOST_BYTES
        )
        found = json.loads(answer.body) if answer.status == 200 else None
    except (outgoing.UnreachableError, outgoing.RefusedAddressError, ValueError) as error:
        raise RemoteError(f"the OpenID provider can't be asked at {url}: {error}") from error
    if not isinstance(found, dict):
        raise RemoteError(
            f"the OpenID provider answered {answer.status} at {url}, not with what was asked; see "
            "its log, and VOCLOOP_OIDC_CLIENT_ID and its secret"
        )
    return found


def _secret(configured: Settings) -> str:
    path, secret = configured.oidc_client_secret_file, configured.oidc_client_secret
    if path is not None:
        return path.read_text("utf-8").strip()
    return secret.get_secret_value() if secret is not None else ""

"""A real OpenID provider on loopback: discovery, authorize, token, jwks, userinfo. It holds to the
protocol (codes serve once, PKCE, the client's secret), and lies only where a test says so."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.receivers import HOST

CLIENT, SECRET = "vocloop at minamo", "s3cret:/+ of the client"


class OpenIdProvider:
    """``person``: the claims of who is signed in there. ``token`` and ``userinfo``: claims that are
    put over, or, being None, left out of what is true; ``description`` likewise."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.token: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.description: dict[str, Any] = {}
        self.key = ECKey.generate_key("P-256", {"kid": "1"})
        self.signing_key: Any = self.key
        self.algorithm = "ES256"
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                provider.asked.append(parts.path)
                query = {k: v[0] for k, v in parse_qs(parts.query).items()}
                if parts.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(query))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                answers = {
                    "/.well-known/openid-configuration": provider.described,
                    "/jwks": lambda: {"keys": [provider.key.as_dict(private=False)]},
                    "/userinfo": lambda: provider.told(self.headers["authorization"] or ""),
                }
                self._answer(answers[parts.path]())

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {k: v[0] for k, v in parse_qs(body).items()}
                self._answer(provider.exchange(form, self.headers["authorization"] or ""))

            def _answer(self, found: dict[str, Any] | None) -> None:
                body = json.dumps(found or {"error": "invalid_grant"}).encode()
                self.send_response(200 if found else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.issuer = f"http://{HOST}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def described(self) -> dict[str, Any]:
        return _over(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
            },
            self.description,
        )

    def authorize(self, query: dict[str, str]) -> str:
        assert query["tenant"] == "1"
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert "openid" in query["scope"].split()
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        answer = {"code": code, "state": query["state"], "iss": self.issuer}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self._codes.pop(form["code"], None)
        if asked is None or not self._is_client(form, authorization):
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        if create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return None
        at = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300}
        claims = _over({**claims, "nonce": asked["nonce"], **self.person}, self.token)
        header = {"alg": self.algorithm, "kid": "1"}
        token = jwt.encode(header, claims, self.signing_key, algorithms=[self.algorithm])
        return {"access_token": "access", "token_type": "Bearer", "id_token": token}

    def told(self, authorization: str) -> dict[str, Any] | None:
        return _over(self.person, self.userinfo) if authorization == "Bearer access" else None

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        if self.described().get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return not authorization and form.get("client_secret") == SECRET
        name, _, secret = (
            base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        )
        return (unquote(name), unquote(secret)) == (CLIENT, SECRET)


def _over(true: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**true, **said}.items() if value is not None}

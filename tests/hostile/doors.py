"""Requests that are meant to go where they may not: paths, headers, cookies, tokens, other sites,
our own network."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.hostile.listed import IGNORED, NOTHING, REFUSED, Hostile, shown
from tests.hostile.words import voice

PATHS = (
    "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd",
    "%2e%2e/%2e%2e/etc/passwd", "....//....//etc/passwd", "..\\..\\windows\\win.ini",
    "%5c..%5c..%5cwindows%5cwin.ini", "/etc/passwd", "//etc/passwd", "%c0%ae%c0%ae/etc/passwd",
    "app.css/../../../app.py", "file:///etc/passwd", "..;/..;/etc/passwd", "%00/etc/passwd",
)  # fmt: skip
INSIDE = (
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
    "https://127.1/", "https://0/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://10.0.0.1/", "https://172.16.0.1/",
    "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/",
    "https://0.0.0.0/", "https://224.0.0.1/", "https://255.255.255.255/", "http://example.org/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "ftp://example.org/", "//example.org/",
    "https://user:word@example.org/", "https://example.org:0/", "https://exam\\ple.org/",
    "https://example.org/\r\nX-Evil: 1", "https://１２７.0.0.1/", "https://example.org@127.0.0.1/",
    "dict://127.0.0.1:11211/stats", "ldap://127.0.0.1/", "https:///etc/passwd", "javascript:alert(1)",
)  # fmt: skip
ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "/\t/evil.example",
    "javascript:alert(1)", "http:evil.example", "/%0d%0aLocation:%20https://evil.example",
    "///evil.example", "https:evil.example", " //evil.example", "@evil.example", "/..//evil.example",
    "data:text/html,words",
)  # fmt: skip
METHODS = ("TRACE", "TRACK", "CONNECT", "PROPFIND", "MOVE", "DEBUG", "DELETE", "PATCH", "BREW")
DELETES = {
    "X-HTTP-Method-Override": "DELETE",
    "X-HTTP-Method": "DELETE",
    "X-Method-Override": "DELETE",
}
HOSTS = (
    "evil.example", "127.0.0.1.evil.example", "127.0.0.1:8750@evil.example", "evil.example:8750",
    "127.0.0.1:8750/evil", "169.254.169.254",
)  # fmt: skip


def doors() -> Iterator[Hostile]:
    yield from _paths()
    yield from _inside()
    yield from _headers()
    yield from _who()
    yield from _cursors()


def _paths() -> Iterator[Hostile]:
    kind = "Ways to other files"
    for path in PATHS:
        status = 400 if "%00" in path else 404
        yield Hostile(kind, shown(path), "GET", f"/static/{path.replace(chr(92), '%5c')}", status)
    for path in PATHS[:6]:
        inside = quote(path, safe="%")
        yield Hostile(kind, shown(path), "GET", f"/api/connectors/{inside}", 404)
    for name in (
        "../../etc/cron.d/x",
        "C:\\Windows\\x.csv",
        "a/b/../../../x.csv",
        "..",
        "~/.ssh/x",
    ):
        yield Hostile(
            kind, f"a file named {shown(name)}", "POST", f"/api/imports?name={quote(name)}", 201,
            "kept in the database, under the last part of its name", {"content": b"text\r\nwords\r\n"},
            holds=lambda place: "/" not in place.answer.json()["name"],
        )  # fmt: skip
    kind = "Other methods"
    for method in METHODS:
        yield Hostile(kind, method, method, "/api/totals", 405)
    for header, value in DELETES.items():
        send = {"headers": {header: value}}
        yield Hostile(
            kind, f"{header}: {value}", "GET", "/api/themes/{theme_id}", 200, IGNORED, send
        )
    yield Hostile(
        kind, "_method=DELETE", "GET", "/api/themes/{theme_id}?_method=DELETE", 200, IGNORED
    )


def _inside() -> Iterator[Hostile]:
    kind = "Addresses of our own network"
    for url in INSIDE:
        body: dict[str, Any] = {"name": "x", "url": url, "events": ["theme.born"], "by": "x"}
        yield Hostile(kind, shown(url), "POST", "/api/subscriptions", 422, send={"json": body})
    for url in INSIDE[:12]:
        body = {"kind": "zendesk", "source": "inside", "address": url}
        yield Hostile(kind, shown(url), "POST", "/api/connectors", 422, send={"json": body})
        body = {"name": "inside", "kind": "gitlab", "project": "a/b", "address": url, "by": "x"}
        yield Hostile(kind, shown(url), "POST", "/api/trackers", 422, send={"json": body})
    kind = "Ways to other sites after signing in"
    for then in ELSEWHERE:
        send = {"data": {"login": "keeper", "password": "{password}", "next": then}}
        yield Hostile(
            kind, shown(then), "POST", "/sign-in", 303, "signed in, and led to a page of our own", send,
            holds=lambda place: place.leads_home(), anonymous=True,
        )  # fmt: skip


def _headers() -> Iterator[Hostile]:
    kind = "Headers"
    for host in HOSTS:
        send = {"headers": {"Host": host}}
        yield Hostile(kind, f"Host: {host}", "GET", "/api/totals", 400, send=send)
    for given in ("a b", "x" * 65, "<script>", "a\tb", "é"):
        send = {"headers": {"X-Request-Id": given.encode("latin-1")}}
        yield Hostile(
            kind, f"X-Request-Id: {shown(given)}", "GET", "/api/totals", 200, IGNORED, send,
            holds=lambda place, given=given: place.answer.headers["x-request-id"] != given,
        )  # fmt: skip
    for name in ("evil\r\nSet-Cookie: a=b", 'x"; filename="y.exe', "x\r\n\r\n<script>"):
        yield Hostile(
            kind, f"a file named {shown(name)}", "POST", f"/api/imports?name={quote(name)}", 201,
            "kept as a name, in no header", {"content": b"text\r\nwords\r\n"},
            holds=lambda place: "set-cookie" not in place.answer.headers,
        )  # fmt: skip
    for name, value in (
        ("Accept-Language", "en," * 5_000), ("Accept-Language", "../../etc/passwd"),
        ("Accept-Language", "ja;q=NaN"), ("Cookie", "a=b; " * 2_000), ("Cookie", "=;;;===\x01"),
        ("Range", "bytes=0-1," * 2_000), ("If-Modified-Since", "yesterday"), ("Accept", "*/*;q=x"),
        ("X-Forwarded-For", "127.0.0.1"), ("X-Original-URL", "/api/users"), ("Expect", "evil"),
        ("X-Forwarded-Host", "evil.example"), ("Upgrade", "h2c"), ("Via", "1.1 evil"),
    ):  # fmt: skip
        send = {"headers": {name: value}}
        yield Hostile(kind, f"{name}: {shown(value)}", "GET", "/themes", 200, IGNORED, send)
    kind = "Other sites"
    for headers in (
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://[x"},
        {"Origin": "http://127.0.0.1:8750.evil.example"},
    ):  # fmt: skip
        [(name, value)] = headers.items()
        send = voice("Words") | {"headers": headers}
        yield Hostile(kind, f"{name}: {value}", "POST", "/api/feedback", 403, send=send)


def _who() -> Iterator[Hostile]:
    kind = "Cookies and tokens"
    for short, cookie in {
        "no session": "x",
        "nothing": "",
        "half of a session": "{half}",
        "a session and a letter": "{session}x",
        "a session in capitals": "{SESSION}",
        "the digest of a session": "{digest}",
        "words for the database": "' OR 1=1 --",
        "a token as a session": "{token}",
        "a million letters": "a" * 1_000_000,
        "a pickle": "gASVKAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU",
    }.items():
        send = {"headers": {"Cookie": f"vocloop_session={cookie}"}}
        yield Hostile(kind, f"cookie: {short}", "GET", "/api/users", 401, send=send, anonymous=True)
    for short, token in {
        "nothing": "",
        "another beginning": "xoc_abc",
        "half of a token": "{half_token}",
        "a token and a letter": "{token}x",
        "a session as a token": "{session}",
        "two tokens": "{token}, {token}",
        "a token of no signature": "eyJhbGciOiJub25lIn0.eyJyb2xlcyI6WyJhZG1pbiJdfQ.",
        "a revoked token": "{revoked}",
        "a token that ran out": "{ended}",
        "letters that no token has": "voc_abc.def",
    }.items():
        send = {"headers": {"Authorization": f"Bearer {token}"}}
        yield Hostile(kind, f"bearer: {short}", "GET", "/api/users", 401, send=send, anonymous=True)
    for scheme in ("Basic a2VlcGVyOng=", "Negotiate x", "Digest username=keeper", "bearer"):
        send = {"headers": {"Authorization": scheme}}
        yield Hostile(kind, scheme, "GET", "/api/users", 401, send=send, anonymous=True)
    for persona in ("administrator", "../administrator"):
        send = {"headers": {"Cookie": f"vocloop_persona={persona}"}}
        short = f"cookie: the demo's {persona}"
        yield Hostile(kind, short, "GET", "/api/users", 401, send=send, anonymous=True)
    for path in ("/unsubscribe/x", "/setup/x", "/unsubscribe/%00", "/setup/%F0%9F"):
        status = 400 if "%00" in path else 404
        yield Hostile(kind, path, "GET", path, status, anonymous=True)
    for path in ("/api/hooks/typeform", "/api/trackers/{tracker_id}/events"):
        send = {"content": b"{}", "headers": {"typeform-signature": "sha256=AAAA"}}
        short = "a webhook with a signature of somebody else"
        yield Hostile(kind, short, "POST", path, 401, send=send, anonymous=True)
    yield Hostile(
        kind,
        "state of no sign-in",
        "GET",
        "/sign-in/openid/callback?state=x&code=y",
        404,
        anonymous=True,
    )


def _cursors() -> Iterator[Hostile]:
    kind = "Cursors"

    def packed(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    for short, cursor in {
        "words": "words",
        "not base64": "%%%",
        "of another list": packed(["voices", "01890000-0000-7000-8000-000000000000"]),
        "a number for an id": packed(["feedback", 1]),
        "words for an id": packed(["feedback", "' OR 1=1 --"]),
        "a list for an id": packed(["feedback", ["x"]]),
        "too many values": packed(["feedback", "01890000-0000-7000-8000-000000000000", 1]),
        "no values": packed(["feedback"]),
        "an object": packed({"feedback": 1}),
        "lists in lists": packed([[[[[["feedback"]]]]]]),
        "a pickle": "gASVKAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU",
        "10,000 letters": "a" * 10_000,
        "NUL": quote("\x00"),
    }.items():
        status = 400 if "%00" in cursor else 422
        yield Hostile(kind, short, "GET", f"/api/feedback?cursor={cursor}", status)
    unknown = packed(["feedback", "00000000-0000-0000-0000-000000000000"])
    yield Hostile(
        kind, "an id of nobody", "GET", f"/api/feedback?cursor={unknown}", 200, NOTHING,
        holds=lambda place: place.answer.json()["rows"] == [],
    )  # fmt: skip
    for name in ("sort", "limit"):
        value = "x" * 5_000
        yield Hostile(
            kind, f"{name}: 5,000 letters", "GET", f"/api/themes?{name}={value}", 422, REFUSED
        )

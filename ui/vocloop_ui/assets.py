"""Static files under addresses that carry a hash of their content, so that browsers may keep them
for ever and never show an old one."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
# 12 hex digits tell a handful of files apart for as long as anyone keeps them.
HASH_DIGITS = 12
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
PACKED = (".css", ".js", ".svg")


@cache
def _digest(name: str, _changed: int) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:HASH_DIGITS]


def exists(name: str) -> bool:
    return (STATIC / name).is_file()


def digest(name: str) -> str:
    """The content hash of a static file; recomputed when the file changes.

    Raises FileNotFoundError when there is no such file."""
    return _digest(name, (STATIC / name).stat().st_mtime_ns)


def address(name: str) -> str:
    return f"/static/{name}?v={digest(name)}"


@cache
def _packed(name: str, _digest: str) -> bytes:
    # No time of day in it: the same file gives the same bytes.
    return gzip.compress((STATIC / name).read_bytes(), mtime=0)


class HashedFiles(StaticFiles):
    """Styles and scripts are sent packed. Pages are not: where a page repeats what a stranger put
    into its address beside something secret, its packed length tells of the secret (BREACH)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = scope["query_string"].decode("ascii", "replace")
        current = exists(path) and asked == f"v={digest(path)}"
        if current and path.endswith(PACKED):
            response.headers["vary"] = "accept-encoding"
            if response.status_code == HTTPStatus.OK and takes_gzip(Headers(scope=scope)):
                headers = {n: response.headers[n] for n in ("content-type", "vary")}
                headers["content-encoding"] = "gzip"
                response = Response(_packed(path, digest(path)), headers=headers)
        response.headers["cache-control"] = FOREVER if current else ASK_AGAIN
        return response


def takes_gzip(headers: Headers) -> bool:
    """Whether Accept-Encoding (RFC 9110) names gzip, with a weight that is not 0."""
    for offered in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = offered.partition(";")
        if coding.strip() == "gzip":
            return weight.partition("=")[2].strip().strip("0.") != "" or not weight
    return False

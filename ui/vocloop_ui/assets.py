"""Static files under addresses that carry a hash of their content, so that browsers may keep them
for ever and never show an old one."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
# 12 hex digits tell a handful of files apart for as long as anyone keeps them.
HASH_DIGITS = 12
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


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


class HashedFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = scope["query_string"].decode("ascii", "replace")
        current = exists(path) and asked == f"v={digest(path)}"
        response.headers["cache-control"] = FOREVER if current else ASK_AGAIN
        return response

"""Asks a tracker's API, and turns its refusals into what a person can do."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from vocloop.errors import RemoteError, says
from vocloop_models import now

_LIMITED = 429
_LONGEST_WAIT = 6 * 3600.0


class Answer(Protocol):
    """``headers`` by lower-case names."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


Send = Callable[[str, str, Mapping[str, str], bytes | None], Answer]
"""method, address, headers, body. Raises RemoteError, InvalidInputError for an address that may not
be asked."""


class RefusedError(RemoteError):
    """The tracker will say the same again: a person has to see to it."""


class LimitedError(RemoteError):
    """The tracker asks to be left alone for ``seconds``."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Client:
    """``advice``: what the key needs, said when it is refused."""

    def __init__(
        self, send: Send, address: str, title: str, headers: Mapping[str, str], advice: str
    ) -> None:
        self._send, self._address, self.title = send, address.rstrip("/"), title
        self._headers = {"Accept": "application/json", **headers}
        self._advice = advice

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        told: Collection[int] = (),
    ) -> Any:
        """The JSON that is answered, also with a status of ``told``. Raises RemoteError."""
        url = f"{self._address}{path}" + (f"?{urlencode(query)}" if query else "")
        packed = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": "application/json"} if packed else {})
        answer = self._send(method, url, headers, packed)
        if answer.status >= 300 and answer.status not in told:
            raise self._refusal(answer, urlsplit(url).path)
        try:
            return json.loads(answer.body) if answer.body else None
        except (ValueError, RecursionError) as error:
            raise RefusedError(
                says(
                    "%(tool)s answers %(path)s with something that is not JSON; check its address",
                    tool=self.title,
                    path=path,
                )
            ) from error

    def _refusal(self, answer: Answer, path: str) -> RemoteError:
        status, wait = answer.status, _wait(answer)
        values: dict[str, object] = {"tool": self.title, "status": status, "path": path}
        spent = answer.headers.get("x-ratelimit-remaining") == "0"
        if status == _LIMITED or (status in (403, 503) and (wait is not None or spent)):
            return LimitedError(
                says("%(tool)s asks to wait (%(status)s)", tool=self.title, status=status),
                wait or 60.0,
            )
        if status >= 500 or status == 408:
            return RemoteError(
                says("%(tool)s failed (%(status)s at %(path)s); it is tried again", **values)
            )
        if status in (401, 403):
            return RefusedError(
                says(
                    "%(tool)s refuses the key (%(status)s); %(advice)s",
                    tool=self.title,
                    status=status,
                    advice=self._advice,
                )
            )
        if status in (404, 410):
            return RefusedError(
                says(
                    "%(tool)s has nothing at %(path)s (%(status)s); check the tracker's project, "
                    "and that the key may see it",
                    **values,
                )
            )
        return RefusedError(says("%(tool)s does not take it (%(status)s at %(path)s)", **values))


def _wait(answer: Answer) -> float | None:
    """Retry-After (RFC 9110), or X-RateLimit-Reset when nothing is left, in seconds."""
    written = answer.headers.get("retry-after", "").strip()
    if written.isdecimal():
        return min(float(written), _LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(written)
        date = date if date.tzinfo else date.replace(tzinfo=dt.UTC)
        return min(max((date - now()).total_seconds(), 0.0), _LONGEST_WAIT)
    except (TypeError, ValueError):
        pass
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return min(max(float(reset) - now().timestamp(), 0.0), _LONGEST_WAIT)
    return None

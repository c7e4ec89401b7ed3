"""Asks one tool's API, and turns its refusals into what a person can do."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from vocloop.errors import InvalidInputError, RemoteError, says
from vocloop.outgoing import Answer, RefusedAddressError, UnreachableError, request
from vocloop_models import now

Limit = Callable[[Answer, dt.datetime], float | None]
"""Seconds that an answer asks to wait before the next request, None if it does not."""

# For a tool that refuses further requests without saying for how long.
_WAIT_SECONDS = 60.0
# What a header may make us wait at most; beyond, it is asked again to hear the same.
_LONGEST_WAIT = 6 * 3600.0
_SECONDS = 60.0
_MOST_BYTES = 64 << 20
_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 307, 308})
_REFUSED = 429
_UNAVAILABLE = 503


class LimitedError(RemoteError):
    """The tool asks to be left alone for ``seconds``."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class ExpiredError(RemoteError):
    """The tool does not know its own cursor any more."""


def asked_to_wait(answer: Answer, moment: dt.datetime) -> float | None:
    """The usual way: 429, or 503 with ``Retry-After`` (RFC 9110), or X-RateLimit-Remaining at 0
    with the second of X-RateLimit-Reset still to come."""
    wait = retry_after(answer, moment)
    if answer.status == _REFUSED:
        return wait if wait is not None else until_reset(answer, moment) or _WAIT_SECONDS
    if answer.status == _UNAVAILABLE and wait is not None:
        return wait
    return until_reset(answer, moment) if answer.status < 400 else None


def retry_after(answer: Answer, moment: dt.datetime) -> float | None:
    """``Retry-After`` in seconds, written as such or as a date."""
    written = answer.headers.get("retry-after", "").strip()
    if written.replace(".", "", 1).isdecimal():
        return min(float(written), _LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(written)
    except (TypeError, ValueError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=dt.UTC)
    return _bounded((date - moment).total_seconds())


def until_reset(answer: Answer, moment: dt.datetime) -> float | None:
    """Seconds until X-RateLimit-Reset (an epoch) when nothing is left of the limit."""
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") != "0" or not reset.isdecimal():
        return None
    return _bounded(float(reset) - moment.timestamp())


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_WAIT)


class Client:
    """One poll's way to a tool. ``before`` is called before each request: it keeps the poll's lease
    and ends a poll that shall stop."""

    def __init__(
        self,
        address: str,
        *,
        allowed: Sequence[str],
        title: str,
        headers: Mapping[str, str],
        advice: str,
        limit: Limit = asked_to_wait,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self._address, self._allowed, self._title = address, allowed, title
        self._headers = {"Accept": "application/json", **headers}
        self._advice, self._limit, self._before = advice, limit, before
        self._free_at = 0.0

    def get(
        self, path: str, query: Mapping[str, Any] | None = None, *, expirable: bool = False
    ) -> Any:
        """The JSON at ``path``. With ``expirable`` a refusal of the query raises ExpiredError."""
        return self.get_page(path, query, expirable=expirable)[0]

    def get_page(
        self, path: str, query: Mapping[str, Any] | None = None, *, expirable: bool = False
    ) -> tuple[Any, str | None]:
        """The JSON at ``path``, or at a whole address of the same host, and the address that its
        ``Link`` header (RFC 8288) calls next."""
        answer = self._ask("GET", self._url(path, query), None, expirable=expirable)
        return self._json(answer, path), _next(answer.headers.get("link", ""))

    def post(self, path: str, body: Any) -> Any:
        """The JSON that a question sent as JSON is answered with."""
        written = json.dumps(body).encode()
        return self._json(self._ask("POST", self._url(path, None), written), path)

    def _url(self, path: str, query: Mapping[str, Any] | None) -> str:
        url = self._own(path) if path.startswith(("https://", "http://")) else self._address + path
        return f"{url}?{urlencode(query)}" if query else url

    def _own(self, url: str) -> str:
        # The key goes to no other host, wherever an answer leads.
        if urlsplit(url)[:2] != urlsplit(self._address)[:2]:
            raise RemoteError(
                says(
                    "%(tool)s leads on to another host, which is not asked; if that is "
                    "right, connect its address",
                    tool=self._title,
                )
            )
        return url

    def _ask(self, method: str, url: str, body: bytes | None, *, expirable: bool = False) -> Answer:
        left = self._free_at - now().timestamp()
        if left > 0:
            raise LimitedError(
                says("%(tool)s allows no more requests for now", tool=self._title), left
            )
        answer = self._send(method, url, body)
        wait = self._limit(answer, now())
        if wait is not None and answer.status >= 400:
            raise LimitedError(
                says("%(tool)s asks to wait (%(status)s)", tool=self._title, status=answer.status),
                wait,
            )
        if wait is not None:
            self._free_at = now().timestamp() + wait
        if answer.status >= 300:
            raise self._refusal(answer, url, expirable=expirable)
        return answer

    def _send(self, method: str, url: str, body: bytes | None) -> Answer:
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        for _ in range(_MOST_REDIRECTS + 1):
            self._before()
            try:
                answer = request(
                    method,
                    url,
                    body=body,
                    headers=headers,
                    allowed=self._allowed,
                    seconds=_SECONDS,
                    most=_MOST_BYTES,
                )
            except RefusedAddressError as error:
                raise InvalidInputError(
                    says("%(tool)s: %(error)s", tool=self._title, error=error)
                ) from error
            except UnreachableError as error:
                raise RemoteError(says("%(error)s; it is tried again", error=error)) from error
            announced = answer.headers.get("content-length", "")
            if announced.isdecimal() and int(announced) != len(answer.body):
                raise RemoteError(
                    says("the answer of %(tool)s broke off; it is tried again", tool=self._title)
                )
            target = answer.headers.get("location")
            if method != "GET" or answer.status not in _REDIRECTS or target is None:
                return answer
            url = self._own(urljoin(url, target))
        raise RemoteError(
            says("%(tool)s leads on in a circle; check the connector's address", tool=self._title)
        )

    def _refusal(self, answer: Answer, url: str, *, expirable: bool) -> RemoteError:
        status = answer.status
        if expirable and status in {400, 404, 410, 422}:
            return ExpiredError(f"{self._title} does not know its cursor any more ({status})")
        if status == 401:
            return RemoteError(
                says(
                    "%(tool)s refuses the key (%(status)s); %(advice)s",
                    tool=self._title,
                    status=status,
                    advice=self._advice,
                )
            )
        if status == 403:
            return RemoteError(
                says(
                    "the key for %(tool)s lacks a right (403); %(advice)s",
                    tool=self._title,
                    advice=self._advice,
                )
            )
        path = urlsplit(url).path
        if status == 404:
            return RemoteError(
                says(
                    "%(tool)s has nothing at %(path)s (404); check the connector's "
                    "address, and that the key may see it",
                    tool=self._title,
                    path=path,
                )
            )
        if status >= 500:
            return RemoteError(
                says(
                    "%(tool)s failed (%(status)s at %(path)s); it is tried again",
                    tool=self._title,
                    status=status,
                    path=path,
                )
            )
        return RemoteError(
            says(
                "%(tool)s does not take the question (%(status)s at %(path)s)",
                tool=self._title,
                status=status,
                path=path,
            )
        )

    def _json(self, answer: Answer, path: str) -> Any:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise RemoteError(
                f"{self._title} answers {urlsplit(path).path} with something that is not JSON;"
                " check the connector's address"
            ) from error


def rows(page: Any, *path: str) -> list[Any]:
    """The list at ``path`` of an answer. Raises RemoteError when there is none: an answer that
    isn't understood must not pass for one in which nothing is new."""
    found = page
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    if not isinstance(found, list):
        where = ".".join(path) or "the answer"
        raise RemoteError(
            says(
                "the answer is not as documented: %(where)s is no list; check the "
                "connector's address",
                where=where,
            )
        )
    return [each for each in found if isinstance(each, Mapping)]


def _next(link: str) -> str | None:
    for part in link.split(","):
        target, _, parameters = part.partition(";")
        if 'rel="next"' in parameters.replace(" ", ""):
            return target.strip().strip("<>")
    return None

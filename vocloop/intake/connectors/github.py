"""GitHub: issues of a repository by time of change, with the comments of whoever opened them;
signed webhooks.

https://docs.github.com/en/rest/issues/issues#list-repository-issues
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from vocloop.errors import says
from vocloop.intake.connectors.client import Client, asked_to_wait, retry_after, rows, until_reset
from vocloop.intake.connectors.port import Batch, Cursor, Polling, Received, Sending, Tool, bearer
from vocloop.intake.connectors.signatures import after, header, proved
from vocloop.intake.connectors.window import Window
from vocloop.intake.formats.port import Thing
from vocloop.intake.formats.values import at, mapped
from vocloop.outgoing import Answer
from vocloop_models import ConnectorKind

_PAGE = 100
# What GitHub asks for after a secondary limit that names no time.
_SECONDARY_SECONDS = 60.0


def _read(client: Client, cursor: Cursor) -> Iterator[Batch]:
    window = Window(cursor)
    start = window.start

    def fetch(since: dt.datetime, mark: Any) -> tuple[list[Any], Any]:
        query = {
            "state": "all",
            "sort": "updated",
            "direction": "asc",
            "since": _written(since),
            "per_page": _PAGE,
        }
        page, further = client.get_page(mark) if mark else client.get_page("/issues", query)
        return rows(page), further

    for changed in window.changes(fetch, lambda each: each.get("updated_at"), name="number"):
        issues = [each for each in changed if not each.get("pull_request")]
        pages: list[Thing] = [{"issues": issues}] if issues else []
        for issue in issues:
            comments = _comments(client, issue, start)
            if comments:
                pages.append({"comments": comments})
        yield Batch(pages, window.written())


def _comments(client: Client, issue: Thing, since: dt.datetime) -> list[Thing]:
    """What whoever opened the issue wrote after that."""
    said: list[Thing] = []
    if not issue.get("comments"):
        return said
    query = {"since": _written(since), "per_page": _PAGE}
    found, further = client.get_page(f"/issues/{issue.get('number')}/comments", query)
    said += _own(rows(found), issue)
    while further:
        found, further = client.get_page(further)
        said += _own(rows(found), issue)
    return said


def _own(comments: list[Any], issue: Thing) -> list[Thing]:
    writer = at(issue, "user", "login")
    return [
        {**each, "issue": issue}
        for each in comments
        if writer is not None and at(each, "user", "login") == writer
    ]


def _written(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _limit(answer: Answer, moment: dt.datetime) -> float | None:
    """GitHub refuses with 403 as well as 429: the primary limit tells when it ends, a secondary
    one may tell nothing but its name."""
    if answer.status != 403:
        return asked_to_wait(answer, moment)
    for wait in (retry_after(answer, moment), until_reset(answer, moment)):
        if wait is not None:
            return wait
    return _SECONDARY_SECONDS if b"secondary rate limit" in answer.body.lower() else None


def _headers(key: str) -> dict[str, str]:
    told = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    return bearer(key) | told


def _proof(received: Received, secret: bytes, moment: dt.datetime) -> bytes:  # noqa: ARG001 - GitHub signs no time
    return proved(after(header(received, "X-Hub-Signature-256"), "sha256="), secret, received.body)


def _pages(payload: Any) -> Iterator[Thing]:
    issue, comment = mapped(at(payload, "issue")), mapped(at(payload, "comment"))
    if not issue or issue.get("pull_request"):
        return
    yield {"issues": [issue]}
    own = _own([comment], issue) if comment else []
    if own and at(payload, "action") != "deleted":
        yield {"comments": own}


TOOL = Tool(
    ConnectorKind.GITHUB,
    "GitHub",
    "github",
    polling=Polling(
        _read,
        _headers,
        hosts=("api.github.com",),
        example="https://api.github.com/repos/OWNER/REPOSITORY",
        key=says("a fine-grained token for the repository with read access to issues"),
        limit=_limit,
    ),
    sending=Sending(_proof, _pages, meaning=says("the secret of the repository's webhook")),
)

"""GitHub issues (REST, version 2022-11-28): docs.github.com/rest/issues/issues."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from vocloop.errors import says
from vocloop.roadmap.trackers import sections, signatures
from vocloop.roadmap.trackers.client import Client, Send
from vocloop.roadmap.trackers.port import LABEL, Draft, Issue, Received
from vocloop_models import Tracker

ADDRESS = "https://api.github.com"
STATUSES = {"closed": {"state": "shipped"}}
_PAGE = 100


class GitHub:
    def __init__(self, tracker: Tracker, token: str, send: Send) -> None:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "Authorization": f"Bearer {token}",
        }
        advice = says("make a token that may read and write issues of the repository")
        self._client = Client(send, tracker.address, "GitHub", headers, advice)
        self._issues = f"/repos/{tracker.project}/issues"

    def find(self, marker: uuid.UUID, since: dt.datetime) -> Issue | None:
        # Listed, not searched: GitHub's search index lags behind.
        mark = sections.mark(marker)
        return next((each for each in self.changed(since) if mark in each.body), None)

    def create(self, draft: Draft) -> Issue:
        body = sections.section(draft.marker, draft.body)
        sent = {"title": draft.title, "body": body, "labels": [LABEL]}
        return _issue(self._client.ask("POST", self._issues, body=sent))

    def update(self, external_id: str, draft: Draft, before: str | None) -> Issue:
        path = f"{self._issues}/{external_id}"
        there = _issue(self._client.ask("GET", path))
        ours = sections.section(draft.marker, draft.body)
        sent = {
            "title": sections.title(there.title, draft.title, before),
            "body": sections.merged(there.body, ours),
        }
        return _issue(self._client.ask("PATCH", path, body=sent))

    def changed(self, since: dt.datetime) -> Iterator[Issue]:
        query: dict[str, Any] = {
            "labels": LABEL,
            "state": "all",
            "since": since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sort": "created",
            "direction": "asc",
            "per_page": _PAGE,
        }
        page = 1
        while True:
            rows = self._client.ask("GET", self._issues, query | {"page": page})
            yield from (_issue(row) for row in rows if "pull_request" not in row)
            if len(rows) < _PAGE:
                return
            page += 1


def receive(received: Received, secret: str, project: str, moment: dt.datetime) -> Issue | None:  # noqa: ARG001 - as every Receiver
    signatures.signed(received, "X-Hub-Signature-256", secret, "sha256=")
    told = signatures.payload(received)
    if received.headers.get("x-github-event") != "issues":
        return None
    # An organisation's webhook tells of all its repositories, whose issues have the same numbers.
    own = str(told["repository"]["full_name"]).casefold() == project.casefold()
    return _issue(told["issue"]) if own else None


def _issue(row: Mapping[str, Any]) -> Issue:
    status = str(row["state"])
    if row.get("state_reason") in ("not_planned", "duplicate"):
        status = str(row["state_reason"])
    return Issue(
        str(row["number"]),
        str(row["html_url"]),
        status,
        sections.moment(row["updated_at"]),
        title=str(row["title"]),
        body=row.get("body") or "",
    )

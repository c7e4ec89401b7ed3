"""GitLab issues (REST, version 4): docs.gitlab.com/api/issues."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from vocloop.errors import says
from vocloop.roadmap.trackers import sections, signatures
from vocloop.roadmap.trackers.client import Client, Send
from vocloop.roadmap.trackers.port import LABEL, Draft, Issue, Received
from vocloop_models import Tracker

ADDRESS = "https://gitlab.com"
STATUSES = {"closed": {"state": "shipped"}}
_PAGE = 100


class GitLab:
    def __init__(self, tracker: Tracker, token: str, send: Send) -> None:
        advice = says("make a project access token with the scope api")
        self._client = Client(send, tracker.address, "GitLab", {"PRIVATE-TOKEN": token}, advice)
        self._issues = f"/api/v4/projects/{quote(tracker.project, safe='')}/issues"

    def find(self, marker: uuid.UUID, since: dt.datetime) -> Issue | None:
        mark = sections.mark(marker)
        return next((each for each in self.changed(since) if mark in each.body), None)

    def create(self, draft: Draft) -> Issue:
        body = sections.section(draft.marker, draft.body)
        sent = {"title": draft.title, "description": body, "labels": LABEL}
        return _issue(self._client.ask("POST", self._issues, body=sent))

    def update(self, external_id: str, draft: Draft, before: str | None) -> Issue:
        path = f"{self._issues}/{external_id}"
        there = _issue(self._client.ask("GET", path))
        ours = sections.section(draft.marker, draft.body)
        sent = {
            "title": sections.title(there.title, draft.title, before),
            "description": sections.merged(there.body, ours),
        }
        return _issue(self._client.ask("PUT", path, body=sent))

    def changed(self, since: dt.datetime) -> Iterator[Issue]:
        query: dict[str, Any] = {
            "labels": LABEL,
            "scope": "all",
            "updated_after": since.astimezone(dt.UTC).isoformat(),
            "order_by": "created_at",
            "sort": "asc",
            "per_page": _PAGE,
        }
        page = 1
        while True:
            rows = self._client.ask("GET", self._issues, query | {"page": page})
            yield from map(_issue, rows)
            if len(rows) < _PAGE:
                return
            page += 1


def receive(received: Received, secret: str, project: str, moment: dt.datetime) -> Issue | None:  # noqa: ARG001 - as every Receiver
    signatures.matched(signatures.header(received, "X-Gitlab-Token"), secret)
    told = signatures.payload(received)
    if told.get("object_kind") != "issue":
        return None
    row, of = told["object_attributes"], told["project"]
    # A group's webhook tells of all its projects, whose issues have the same numbers.
    if project.casefold() not in (str(of["id"]), str(of["path_with_namespace"]).casefold()):
        return None
    return _issue(row | {"web_url": row["url"]})


def _issue(row: Mapping[str, Any]) -> Issue:
    return Issue(
        str(row["iid"]),
        str(row["web_url"]),
        str(row["state"]),
        sections.moment(row["updated_at"]),
        title=str(row["title"]),
        body=row.get("description") or "",
    )

"""Jira Cloud issues (REST, version 2, whose texts are plain): developer.atlassian.com/cloud/jira.

Each issue bears its marker as a label: text can't be searched for exactly. Jira's search lags by
some seconds, so an attempt that was cut off is repeated a minute later at the earliest."""

from __future__ import annotations

import base64
import datetime as dt
import math
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from vocloop.errors import says
from vocloop.roadmap.trackers import sections, signatures
from vocloop.roadmap.trackers.client import Client, Send
from vocloop.roadmap.trackers.port import LABEL, Draft, Issue, Received
from vocloop_models import Tracker, now

# Jira has no common address: every company has its own.
ADDRESS = None
# By category, whatever the project calls its statuses.
STATUSES = {"indeterminate": {"state": "in_progress"}, "done": {"state": "shipped"}}
_FIELDS = ["summary", "description", "status", "updated"]
_PAGE = 100


class Jira:
    def __init__(self, tracker: Tracker, token: str, send: Send) -> None:
        proof = f"Bearer {token}"
        if tracker.account:
            pair = base64.b64encode(f"{tracker.account}:{token}".encode()).decode()
            proof = f"Basic {pair}"
        advice = says("make an API token of an account that may edit issues of the project")
        self._client = Client(send, tracker.address, "Jira", {"Authorization": proof}, advice)
        self._project, self._type = tracker.project, tracker.issue_type
        self._site = tracker.address.rstrip("/")

    def find(self, marker: uuid.UUID, since: dt.datetime) -> Issue | None:  # noqa: ARG002 - a label is enough
        return next(self._search(f'labels = "{_label(marker)}"'), None)

    def create(self, draft: Draft) -> Issue:
        fields = {
            "project": {"key": self._project},
            "issuetype": {"name": self._type},
            "summary": draft.title,
            "description": sections.section(draft.marker, draft.body, plain=True),
            "labels": [LABEL, _label(draft.marker)],
        }
        made = self._client.ask("POST", "/rest/api/2/issue", body={"fields": fields})
        return self._read(str(made["key"]))

    def update(self, external_id: str, draft: Draft, before: str | None) -> Issue:
        there = self._read(external_id)
        ours = sections.section(draft.marker, draft.body, plain=True)
        fields = {
            "summary": sections.title(there.title, draft.title, before),
            "description": sections.merged(there.body, ours, plain=True),
        }
        self._client.ask("PUT", f"/rest/api/2/issue/{quote(external_id)}", body={"fields": fields})
        return self._read(external_id)

    def changed(self, since: dt.datetime) -> Iterator[Issue]:
        # Relative: absolute times would be read in the zone of the account.
        minutes = max(math.ceil((now() - since).total_seconds() / 60), 1)
        yield from self._search(f"labels = {LABEL} AND updated >= -{minutes}m")

    def _search(self, jql: str) -> Iterator[Issue]:
        asked: dict[str, Any] = {
            "jql": f'project = "{self._project}" AND {jql} ORDER BY created ASC',
            "fields": _FIELDS,
            "maxResults": _PAGE,
        }
        while True:
            page = self._client.ask("POST", "/rest/api/2/search/jql", body=asked)
            yield from (_issue(row, self._site) for row in page["issues"])
            if not page.get("nextPageToken"):
                return
            asked["nextPageToken"] = page["nextPageToken"]

    def _read(self, key: str) -> Issue:
        path = f"/rest/api/2/issue/{quote(key)}"
        return _issue(self._client.ask("GET", path, {"fields": ",".join(_FIELDS)}), self._site)


def receive(received: Received, secret: str, project: str, moment: dt.datetime) -> Issue | None:  # noqa: ARG001 - as every Receiver
    signatures.signed(received, "X-Hub-Signature", secret, "sha256=")
    told = signatures.payload(received)
    if told.get("webhookEvent") not in ("jira:issue_updated", "jira:issue_created"):
        return None
    row = told["issue"]
    return _issue(row, str(row["self"]).partition("/rest/")[0])


def _label(marker: uuid.UUID) -> str:
    return f"{LABEL}-{marker}"


def _issue(row: Mapping[str, Any], site: str) -> Issue:
    fields = row["fields"]
    status = fields["status"]
    return Issue(
        str(row["key"]),
        f"{site}/browse/{row['key']}",
        str(status["name"]),
        sections.moment(fields["updated"]),
        group=str(status.get("statusCategory", {}).get("key", "")),
        title=str(fields["summary"]),
        body=fields.get("description") or "",
    )

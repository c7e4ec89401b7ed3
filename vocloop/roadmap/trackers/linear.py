"""Linear issues (GraphQL): linear.app/developers. An issue's id is ours to give: the marker."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from vocloop.errors import says
from vocloop.roadmap.trackers import sections, signatures
from vocloop.roadmap.trackers.client import Client, LimitedError, RefusedError, Send
from vocloop.roadmap.trackers.port import Draft, Issue, Received
from vocloop_models import Tracker

ADDRESS = "https://api.linear.app"
STATUSES = {"started": {"state": "in_progress"}, "completed": {"state": "shipped"}}
# Its limits are hourly and refill steadily.
_LIMITED_SECONDS = 300.0
_ISSUE = "id identifier url title description updatedAt state { name type }"
_READ = f"query($id: String!) {{ issue(id: $id) {{ {_ISSUE} }} }}"
_CREATE = (
    "mutation($input: IssueCreateInput!)"
    f" {{ issueCreate(input: $input) {{ issue {{ {_ISSUE} }} }} }}"
)
_UPDATE = (
    "mutation($id: String!, $input: IssueUpdateInput!)"
    f" {{ issueUpdate(id: $id, input: $input) {{ issue {{ {_ISSUE} }} }} }}"
)
_CHANGED = (
    "query($team: ID!, $since: DateTimeOrDuration!, $after: String) { issues(first: 100,"
    " after: $after, filter: {team: {id: {eq: $team}}, updatedAt: {gte: $since}})"
    f" {{ nodes {{ {_ISSUE} }} pageInfo {{ hasNextPage endCursor }} }} }}"
)


class Linear:
    def __init__(self, tracker: Tracker, token: str, send: Send) -> None:
        advice = says("make an API key that may create and edit issues of the team")
        self._client = Client(send, tracker.address, "Linear", {"Authorization": token}, advice)
        self._team = tracker.project

    def find(self, marker: uuid.UUID, since: dt.datetime) -> Issue | None:  # noqa: ARG002 - the id is enough
        try:
            return _issue(self._ask(_READ, id=str(marker))["issue"])
        except _UnknownError:
            return None

    def create(self, draft: Draft) -> Issue:
        given = {
            "id": str(draft.marker),
            "teamId": self._team,
            "title": draft.title,
            "description": sections.section(draft.marker, draft.body, plain=True),
        }
        return _issue(self._ask(_CREATE, input=given)["issueCreate"]["issue"])

    def update(self, external_id: str, draft: Draft, before: str | None) -> Issue:
        there = _issue(self._ask(_READ, id=external_id)["issue"])
        ours = sections.section(draft.marker, draft.body, plain=True)
        given = {
            "title": sections.title(there.title, draft.title, before),
            "description": sections.merged(there.body, ours, plain=True),
        }
        return _issue(self._ask(_UPDATE, id=external_id, input=given)["issueUpdate"]["issue"])

    def changed(self, since: dt.datetime) -> Iterator[Issue]:
        after = None
        while True:
            asked = {"team": self._team, "since": since.isoformat(), "after": after}
            page = self._ask(_CHANGED, **asked)["issues"]
            yield from map(_issue, page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def _ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        # GraphQL tells its errors with 400 as well as with 200.
        answer = self._client.ask("POST", "/graphql", body=body, told=(400,))
        errors = answer.get("errors")
        if not errors:
            return answer["data"]
        told = str(errors[0].get("message", ""))
        if errors[0].get("extensions", {}).get("code") == "RATELIMITED":
            raise LimitedError(says("Linear asks to wait"), _LIMITED_SECONDS)
        if "not found" in told.lower():
            raise _UnknownError(
                says("Linear does not know it any more (%(told)s)", told=told[:200])
            )
        raise RefusedError(
            says("Linear does not take it (%(told)s); check the team and the key", told=told[:200])
        )


class _UnknownError(RefusedError):
    """There is no such issue."""


def receive(received: Received, secret: str, project: str, moment: dt.datetime) -> Issue | None:  # noqa: ARG001 - as every Receiver
    signatures.signed(received, "Linear-Signature", secret)
    told = signatures.payload(received)
    sent_at = dt.datetime.fromtimestamp(float(told.get("webhookTimestamp", 0)) / 1000, dt.UTC)
    signatures.fresh(sent_at, moment)
    return _issue(told["data"]) if told.get("type") == "Issue" else None


def _issue(row: Mapping[str, Any]) -> Issue:
    return Issue(
        str(row["id"]),
        str(row["url"]),
        str(row["state"]["name"]),
        sections.moment(row["updatedAt"]),
        group=str(row["state"]["type"]),
        title=str(row["title"]),
        body=row.get("description") or "",
    )

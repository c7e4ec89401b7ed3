"""The five tools that are asked, as their documentation says they answer. All data is invented.

Each service holds ``SIZE`` tickets of three companies. Every third has a later turn by the customer
(and one by the team, which is no feedback). ``change`` is what happens to a ticket while someone
pages through the list.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from tests.vocloop.intake.connectors.recorded import Asked, Reply
from vocloop_models import ConnectorKind

SIZE = 8
PAGE = 3
START = dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC)
KEY = "desk@minamo.example/token:k-123"
COMPANIES = ("株式会社みなも", "Acme Inc.", "青葉交通")


def words(number: int) -> str:
    return f"The export stops at row {number} and nobody tells us why."


def turn(number: int) -> str:
    return f"It happened again today, now at row {number + 1000}."


def has_turn(number: int) -> bool:
    return number % 3 == 0


@dataclass
class Service:
    """``changed``: seconds after START at which each ticket changed last."""

    kind: ConnectorKind
    path: str = ""
    changed: dict[int, int] = field(
        default_factory=lambda: {number: number * 60 for number in range(1, SIZE + 1)}
    )
    more: dict[int, str] = field(default_factory=dict)

    def expected(self) -> set[str]:
        """The words of every voice."""
        said = {words(number) for number in self.changed}
        said |= {turn(number) for number in self.changed if has_turn(number)}
        return said | set(self.more.values())

    def change(self, number: int, said: str | None = None) -> None:
        """The ticket is touched, or its customer says one more thing."""
        self.changed[number] = max(self.changed.values()) + 60
        if said:
            self.more[number] = said

    def when(self, number: int) -> dt.datetime:
        return START + dt.timedelta(seconds=self.changed[number])

    def turns(self, number: int) -> list[tuple[int, str, bool]]:
        """(id, words, whether the customer's) after the opening."""
        found = []
        if has_turn(number):
            found = [(number * 10 + 1, "Have you tried again?", False)]
            found.append((number * 10 + 2, turn(number), True))
        if number in self.more:
            found.append((number * 10 + 3, self.more[number], True))
        return found

    def since(self, moment: dt.datetime) -> list[int]:
        return sorted((each for each in self.changed if self.when(each) >= moment), key=self.when)

    def answer(self, asked: Asked) -> Reply:
        raise NotImplementedError


def iso(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def opened(number: int) -> dt.datetime:
    return START + dt.timedelta(seconds=number)


class Zendesk(Service):
    def answer(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"] == f"Basic {base64.b64encode(KEY.encode()).decode()}"
        if asked.path == "/api/v2/incremental/tickets/cursor.json":
            return self._export(asked)
        number = int(asked.path.split("/")[4])
        return self._comments(number, int(asked.query.get("page[after]", 0)))

    def _export(self, asked: Asked) -> Reply:
        # The cursor holds the second of the last change that was handed out.
        if "cursor" in asked.query:
            after = int(base64.b64decode(asked.query["cursor"]))
            found = [each for each in self.since(START) if self.changed[each] > after]
        else:
            found = self.since(dt.datetime.fromtimestamp(int(asked.query["start_time"]), dt.UTC))
            after = 0
        some = found[:PAGE]
        last = max([after, *(self.changed[each] for each in some)])
        return Reply(
            body={
                "tickets": [self._ticket(each) for each in some],
                "users": [
                    {"id": 500 + n, "name": f"Person {n}", "role": "end-user"} for n in (1, 2)
                ],
                "organizations": [
                    {"id": 70 + place, "name": name} for place, name in enumerate(COMPANIES)
                ],
                "after_cursor": base64.b64encode(str(last).encode()).decode(),
                "end_of_stream": len(found) <= PAGE,
            }
        )

    def _ticket(self, number: int) -> dict[str, Any]:
        return {
            "url": f"https://minamo.zendesk.com/api/v2/tickets/{number}.json",
            "id": number,
            "subject": f"Export {number}",
            "raw_subject": f"Export {number}",
            "description": words(number),
            "created_at": iso(opened(number)),
            "updated_at": iso(self.when(number)),
            "requester_id": 500 + number % 3,
            "submitter_id": 500 + number % 3,
            "organization_id": 70 + number % 3,
            "status": "open",
            "priority": "high",
            "tags": ["export"],
            "via": {"channel": "email"},
            "satisfaction_rating": {"score": "unoffered"},
            "comment_count": 1 + len(self.turns(number)),
        }

    def _comments(self, number: int, start: int) -> Reply:
        said = [(number * 10, words(number), True), *self.turns(number)]
        some = said[start : start + 2]
        return Reply(
            body={
                "comments": [
                    {
                        "id": each,
                        "type": "Comment",
                        "author_id": 500 + number % 3 if customers else 900,
                        "body": text,
                        "public": True,
                        "created_at": iso(opened(number) + dt.timedelta(hours=place)),
                    }
                    for place, (each, text, customers) in enumerate(some, start)
                ],
                "users": [
                    {"id": 500 + number % 3, "role": "end-user"},
                    {"id": 900, "role": "agent"},
                ],
                "meta": {"has_more": start + 2 < len(said), "after_cursor": str(start + 2)},
            }
        )


class Freshdesk(Service):
    def answer(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"].startswith("Basic ")
        if asked.path == "/api/v2/tickets":
            assert (asked.query["order_by"], asked.query["order_type"]) == ("updated_at", "asc")
            found = self.since(dt.datetime.fromisoformat(asked.query["updated_since"]))
            size = int(asked.query["per_page"])
            start = (int(asked.query["page"]) - 1) * size
            return Reply(body=[self._ticket(each) for each in found[start : start + size]])
        number = int(asked.path.split("/")[4])
        assert asked.path.endswith("/conversations")
        return Reply(body=self._replies(number) if asked.query["page"] == "1" else [])

    def _ticket(self, number: int) -> dict[str, Any]:
        place = number % 3
        return {
            "id": number,
            "subject": f"Export {number}",
            "description_text": words(number),
            "created_at": iso(opened(number)),
            "updated_at": iso(self.when(number)),
            "requester_id": 500 + place,
            "requester": {"id": 500 + place, "name": f"Person {place}", "email": None},
            "company_id": 70 + place,
            "company": {"id": 70 + place, "name": COMPANIES[place]},
            "responder_id": None,
            "spam": False,
            "source": 1,
            "priority": 3,
            "status": 2,
            "tags": ["export"],
        }

    def _replies(self, number: int) -> list[dict[str, Any]]:
        return [
            {
                "id": each,
                "ticket_id": number,
                "body_text": text,
                "incoming": customers,
                "private": False,
                "user_id": 500 + number % 3 if customers else 900,
                "created_at": iso(opened(number) + dt.timedelta(hours=place)),
            }
            for place, (each, text, customers) in enumerate(self.turns(number), 1)
        ]


class Intercom(Service):
    def answer(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"] == f"Bearer {KEY}"
        assert asked.headers["intercom-version"]
        if asked.path == "/conversations/search":
            return self._search(asked.body)
        if asked.path.startswith("/contacts/"):
            place = int(asked.path.split("/")[2].removeprefix("c"))
            company = {"type": "company", "company_id": str(70 + place), "name": COMPANIES[place]}
            return Reply(body={"type": "list", "data": [company]})
        return Reply(body=self._conversation(int(asked.path.split("/")[2]), whole=True))

    def _search(self, body: Any) -> Reply:
        query = body["query"]
        assert (query["field"], query["operator"]) == ("updated_at", ">")
        found = self.since(dt.datetime.fromtimestamp(query["value"] + 1, dt.UTC))
        start = int(body["pagination"].get("starting_after", 0))
        pages: dict[str, Any] = {"type": "pages"}
        if start + PAGE < len(found):
            pages["next"] = {"page": 2, "starting_after": str(start + PAGE)}
        some = [self._conversation(each) for each in found[start : start + PAGE]]
        return Reply(body={"type": "conversation.list", "pages": pages, "conversations": some})

    def _conversation(self, number: int, *, whole: bool = False) -> dict[str, Any]:
        contact = {"type": "contact", "id": f"c{number % 3}"}
        author = {"type": "user", "id": contact["id"], "name": "Aoi", "email": "a@example.com"}
        told: dict[str, Any] = {
            "type": "conversation",
            "id": str(number),
            "created_at": int(opened(number).timestamp()),
            "updated_at": int(self.when(number).timestamp()),
            "source": {"type": "email", "body": f"<p>{words(number)}</p>", "author": author},
            "contacts": {"type": "contact.list", "contacts": [contact]},
            "title": f"Export {number}",
            "priority": "priority",
            "tags": {"type": "tag.list", "tags": [{"name": "export"}]},
            "conversation_rating": None,
        }
        if whole:
            parts = [
                {
                    "type": "conversation_part",
                    "id": str(each),
                    "part_type": "comment",
                    "body": f"<p>{text}</p>",
                    "created_at": int(opened(number).timestamp()) + 3600 * place,
                    "author": author if customers else {"type": "admin", "id": "9"},
                }
                for place, (each, text, customers) in enumerate(self.turns(number), 1)
            ]
            told["conversation_parts"] = {
                "type": "conversation_part.list",
                "conversation_parts": parts,
            }
        return told


class HubSpot(Service):
    def expected(self) -> set[str]:
        return {words(number) for number in self.changed}

    def answer(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"] == f"Bearer {KEY}"
        if asked.path == "/crm/v3/objects/tickets/search":
            return self._search(asked.body)
        ids = [each["id"] for each in asked.body["inputs"]]
        if asked.path.startswith("/crm/v3/associations/tickets/"):
            kind = asked.path.split("/")[5]
            first = 70 if kind == "companies" else 500
            pairs = [
                {"from": {"id": each}, "to": [{"id": str(first + int(each) % 3)}]} for each in ids
            ]
            return Reply(207 if kind == "contacts" else 200, {"results": pairs})
        if asked.path == "/crm/v3/objects/companies/batch/read":
            found = [{"id": e, "properties": {"name": COMPANIES[int(e) - 70]}} for e in ids]
            return Reply(body={"results": found})
        assert asked.path == "/crm/v3/objects/contacts/batch/read"
        return Reply(body={"results": [{"id": e, "properties": {"firstname": "Aoi"}} for e in ids]})

    def _search(self, body: Any) -> Reply:
        later = body["filterGroups"][0]["filters"][0]
        assert (later["propertyName"], later["operator"]) == ("hs_lastmodifieddate", "GTE")
        found = self.since(dt.datetime.fromtimestamp(int(later["value"]) / 1000, dt.UTC))
        start = int(body.get("after", 0))
        told: dict[str, Any] = {
            "total": len(found),
            "results": [self._ticket(each) for each in found[start : start + PAGE]],
        }
        if start + PAGE < len(found):
            told["paging"] = {"next": {"after": str(start + PAGE)}}
        return Reply(body=told)

    def _ticket(self, number: int) -> dict[str, Any]:
        return {
            "id": str(number),
            "properties": {
                "subject": f"Export {number}",
                "content": words(number),
                "createdate": iso(opened(number)),
                "hs_lastmodifieddate": iso(self.when(number)),
                "hs_pipeline": "0",
                "hs_ticket_priority": "HIGH",
                "hs_ticket_category": "export",
            },
            "createdAt": iso(opened(number)),
            "updatedAt": iso(self.when(number)),
        }


class GitHub(Service):
    def answer(self, asked: Asked) -> Reply:
        assert asked.headers["authorization"] == f"Bearer {KEY}"
        base = f"http://{asked.headers['host']}{self.path}"
        if asked.path == f"{self.path}/issues":
            assert (asked.query["sort"], asked.query["direction"]) == ("updated", "asc")
            found = self.since(dt.datetime.fromisoformat(asked.query["since"]))
            start = (int(asked.query.get("page", 1)) - 1) * PAGE
            headers = {}
            if start + PAGE < len(found):
                page = start // PAGE + 2
                query = "&".join(f"{k}={v}" for k, v in (asked.query | {"page": str(page)}).items())
                last = f'<{base}/issues?page=99>; rel="last"'
                headers["Link"] = f'<{base}/issues?{query}>; rel="next", {last}'
            some = [self._issue(each) for each in found[start : start + PAGE]]
            return Reply(body=some, headers=headers)
        number = int(asked.path.split("/")[5])
        return Reply(body=self._comments(number))

    def _issue(self, number: int) -> dict[str, Any]:
        page = f"https://github.com/minamo/app/issues/{number}"
        return {
            "id": 9000 + number,
            "number": number,
            "title": f"Export {number}",
            "body": words(number),
            "user": {"login": f"user{number % 3}"},
            "html_url": page,
            "labels": [{"name": "priority: high"}],
            "state": "open",
            "comments": len(self.turns(number)),
            "created_at": iso(opened(number)),
            "updated_at": iso(self.when(number)),
        }

    def _comments(self, number: int) -> list[dict[str, Any]]:
        return [
            {
                "id": each,
                "body": text,
                "user": {"login": f"user{number % 3}" if customers else "maintainer"},
                "html_url": f"https://github.com/minamo/app/issues/{number}#{each}",
                "created_at": iso(opened(number) + dt.timedelta(hours=place)),
            }
            for place, (each, text, customers) in enumerate(self.turns(number), 1)
        ]


SERVICES = {
    "zendesk": lambda: Zendesk(ConnectorKind.ZENDESK),
    "intercom": lambda: Intercom(ConnectorKind.INTERCOM),
    "freshdesk": lambda: Freshdesk(ConnectorKind.FRESHDESK),
    "hubspot": lambda: HubSpot(ConnectorKind.HUBSPOT),
    "github": lambda: GitHub(ConnectorKind.GITHUB, "/repos/minamo/app"),
}

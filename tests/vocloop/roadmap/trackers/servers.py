"""A tracker on this machine: answers as GitHub, GitLab, Jira and Linear document theirs."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from vocloop.errors import RemoteError
from vocloop_models import TrackerKind

SECRET = "a secret of the webhook"  # noqa: S105 - invented
TEAM = "9cfb482a-81e3-4154-b5b9-2c805e70a02d"
PROJECTS = {
    TrackerKind.GITHUB: "minamo/shift",
    TrackerKind.GITLAB: "minamo/shift",
    TrackerKind.JIRA: "SHOP",
    TrackerKind.LINEAR: TEAM,
}


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Site:
    """``issues`` by external id; ``refuse``: answers to give instead, first in, first out."""

    address: str = ""
    issues: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    refuse: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    clock: int = 0

    def now(self) -> str:
        self.clock += 1
        return f"2026-11-28T03:{self.clock // 60:02}:{self.clock % 60:02}Z"

    def set(self, external_id: str, status: str, group: str = "") -> None:
        """What people do in the tracker."""
        self.issues[external_id] |= {"status": status, "group": group, "at": self.now()}

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        parts = urlsplit(url)
        connection = HTTPConnection(str(parts.hostname), parts.port or 80, timeout=10)
        try:
            connection.request(method, url[url.index(parts.path) :], body, dict(headers))
            answer = connection.getresponse()
            told = {k.lower(): v for k, v in answer.getheaders()}
            return Reply(answer.status, told, answer.read())
        except OSError as error:
            raise RemoteError(f"no answer ({error})") from error
        finally:
            connection.close()


@contextmanager
def site(kind: TrackerKind) -> Iterator[Site]:
    made = Site()
    answer = {"github": _github, "gitlab": _gitlab, "jira": _jira, "linear": _linear}[kind]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made, answer))
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Answering = Callable[[Site, str, str, Mapping[str, list[str]], Any], Any]


def _handler(site: Site, answer: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            parts = urlsplit(self.path)
            site.asked.append((self.command, parts.path, dict(self.headers)))
            status, headers, told = 200, dict[str, str](), None
            if site.refuse:
                status, headers = site.refuse.pop(0)
            else:
                told = answer(site, self.command, parts.path, parse_qs(parts.query), body)
                status = 404 if told is None else 200
            packed = json.dumps(told if told is not None else {"message": "no"}).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(packed))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(packed)

        do_GET = do_POST = do_PUT = do_PATCH = _do  # noqa: N815 - names of the library

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


def _make(site: Site, external_id: str, title: str, body: str, **more: Any) -> dict[str, Any]:
    issue = {"id": external_id, "title": title, "body": body, "status": "", "group": ""}
    site.issues[external_id] = issue | more | {"at": site.now()}
    return site.issues[external_id]


def _edit(site: Site, external_id: str, title: str, body: str) -> dict[str, Any] | None:
    issue = site.issues.get(external_id)
    if issue is not None:
        issue |= {"title": title, "body": body, "at": site.now()}
    return issue


def github_issue(site: Site, issue: Mapping[str, Any]) -> dict[str, Any]:
    status = issue["status"]
    return {
        "number": int(issue["id"]),
        "html_url": f"https://github.com/minamo/shift/issues/{issue['id']}",
        "state": "open" if status == "open" else "closed",
        "state_reason": {"open": None, "closed": "completed"}.get(status, status),
        "title": issue["title"],
        "body": issue["body"],
        "updated_at": issue["at"],
        "labels": [{"name": "vocloop"}],
    }


def _github(site: Site, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> Any:
    base = "/repos/minamo/shift/issues"
    if path == base and method == "POST":
        made = _make(site, str(len(site.issues) + 1), body["title"], body["body"], status="open")
        return github_issue(site, made)
    if path == base:
        assert query["labels"] == ["vocloop"]
        return [github_issue(site, each) for each in site.issues.values()]
    number = path.removeprefix(f"{base}/")
    if method == "PATCH":
        _edit(site, number, body["title"], body["body"])
    return github_issue(site, site.issues[number]) if number in site.issues else None


def gitlab_issue(site: Site, issue: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "iid": int(issue["id"]),
        "web_url": f"https://gitlab.com/minamo/shift/-/issues/{issue['id']}",
        "state": issue["status"],
        "title": issue["title"],
        "description": issue["body"],
        "updated_at": issue["at"].replace("Z", ".120Z"),
        "labels": ["vocloop"],
    }


def _gitlab(site: Site, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> Any:
    base = "/api/v4/projects/minamo%2Fshift/issues"
    if path == base and method == "POST":
        number = str(len(site.issues) + 1)
        made = _make(site, number, body["title"], body["description"], status="opened")
        return gitlab_issue(site, made)
    if path == base:
        assert query["labels"] == ["vocloop"]
        return [gitlab_issue(site, each) for each in site.issues.values()]
    number = path.removeprefix(f"{base}/")
    if method == "PUT":
        _edit(site, number, body["title"], body["description"])
    return gitlab_issue(site, site.issues[number]) if number in site.issues else None


def jira_issue(site: Site, issue: Mapping[str, Any]) -> dict[str, Any]:
    key = issue["id"]
    return {
        "id": "10002",
        "key": key,
        "self": f"{site.address}/rest/api/2/issue/{key}",
        "fields": {
            "summary": issue["title"],
            "description": issue["body"],
            "updated": issue["at"].replace("Z", ".000+0000"),
            "status": {"name": issue["status"], "statusCategory": {"key": issue["group"]}},
        },
    }


def _jira(site: Site, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> Any:
    base = "/rest/api/2"
    if path == f"{base}/issue":
        given = body["fields"]
        key = f"SHOP-{len(site.issues) + 1}"
        made = _make(site, key, given["summary"], given["description"])
        made |= {"status": "To Do", "group": "new", "labels": given["labels"]}
        return {"id": "10002", "key": key}
    if path == f"{base}/search/jql":
        wanted = body["jql"].partition('labels = "')[2].partition('"')[0]
        found = [i for i in site.issues.values() if not wanted or wanted in i["labels"]]
        return {"issues": [jira_issue(site, each) for each in found], "isLast": True}
    key = path.removeprefix(f"{base}/issue/")
    if method == "PUT":
        _edit(site, key, body["fields"]["summary"], body["fields"]["description"])
        return {}
    return jira_issue(site, site.issues[key]) if key in site.issues else None


def linear_issue(site: Site, issue: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": issue["id"],
        "identifier": "MIN-1",
        "url": f"https://linear.app/minamo/issue/{issue['id']}",
        "title": issue["title"],
        "description": issue["body"],
        "updatedAt": issue["at"],
        "state": {"name": issue["status"], "type": issue["group"]},
    }


def _linear(site: Site, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> Any:
    assert (method, path) == ("POST", "/graphql")
    given, asked = body["variables"], body["query"]
    if "issueCreate" in asked:
        made = given["input"]
        assert (made["teamId"], made["id"] in site.issues) == (TEAM, False)
        assert uuid.UUID(made["id"]).version == 4
        issue = _make(site, made["id"], made["title"], made["description"], status="Backlog")
        return {"data": {"issueCreate": {"issue": linear_issue(site, issue)}}}
    if "issueUpdate" in asked:
        edit = given["input"]
        issue = _edit(site, given["id"], edit["title"], edit["description"]) or {}
        return {"data": {"issueUpdate": {"issue": linear_issue(site, issue)}}}
    if "issues(" in asked:
        nodes = [linear_issue(site, each) for each in site.issues.values()]
        return {"data": {"issues": {"nodes": nodes, "pageInfo": {"hasNextPage": False}}}}
    if given["id"] not in site.issues:
        return {"errors": [{"message": "Entity not found: Issue"}], "data": None}
    return {"data": {"issue": linear_issue(site, site.issues[given["id"]])}}

"""GitHub: issues of its API (REST, search, GraphQL) and of ``gh issue list --json``; comments of
whoever opened an issue, given with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vocloop.intake.formats.port import Beside, Format, Objects, Refused, Thing, Values, listed
from vocloop.intake.formats.values import at, first, mapped, priority, said, voice, word, words_of

_ISSUE = frozenset({"user", "author", "html_url", "labels", "state", "author_association"})
_PRIORITY_LABEL = re.compile(r"(?:priority|prio|優先度)[\s:/_-]*(?P<level>\S.*)", re.IGNORECASE)


def _knows(thing: Thing) -> bool:
    return _is_issue(thing) or _is_comment(thing)


def _is_comment(thing: Thing) -> bool:
    return "body" in thing and "user" in thing and isinstance(thing.get("issue"), dict)


def _is_issue(thing: Thing) -> bool:
    numbered = "number" in thing and "title" in thing
    return numbered and len(_ISSUE & thing.keys()) >= 2 and "requester_id" not in thing


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - an issue is whole
    if _is_comment(thing):
        yield _comment(thing)
        return
    name = f"issue {thing.get('number')}"
    if thing.get("pull_request"):
        yield Refused(f"{name} is a pull request: work of the team, not feedback")
        return
    writer = mapped(first(thing.get("user"), thing.get("author")))
    comments = first(at(thing, "comments", "nodes"), thing.get("comments"))
    turns = [thing.get("body")]
    for comment in listed(comments):
        wrote = mapped(first(comment.get("user"), comment.get("author")))
        if wrote.get("login") is not None and wrote.get("login") == writer.get("login"):
            turns.append(comment.get("body"))
    text = said(turns)
    if not text and not word(thing.get("title")):
        yield Refused(f"{name} has neither title nor body")
        return
    labels = first(at(thing, "labels", "nodes"), thing.get("labels"))
    tags = words_of(labels)
    address = first(thing.get("html_url"), thing.get("url"))
    repository = _repository(thing, address)
    yield voice(
        text=text,
        title=thing.get("title"),
        external_id=f"{repository}#{thing['number']}" if repository else thing.get("number"),
        said_at=first(thing.get("created_at"), thing.get("createdAt")),
        channel="ticket",
        contact=writer.get("login"),
        names=[writer.get("name")],
        priority=_priority(tags),
        tags=tags,
        product=repository,
        url=address,
    )


def _comment(comment: Thing) -> Values | Refused:
    issue = comment["issue"]
    name = f"comment {comment.get('id')}"
    writer = at(comment, "user", "login")
    if writer is None or writer != at(issue, "user", "login"):
        return Refused(f"{name} is not by whoever opened the issue: context, not feedback")
    if not word(comment.get("body")):
        return Refused(f"{name} has no words")
    address = first(comment.get("html_url"), issue.get("html_url"))
    tags = words_of(issue.get("labels"))
    return voice(
        text=comment.get("body"),
        external_id=f"comment-{comment.get('id')}",
        said_at=comment.get("created_at"),
        channel="ticket",
        contact=writer,
        priority=_priority(tags),
        tags=tags,
        product=_repository(issue, first(issue.get("html_url"), address)),
        url=address,
    )


def _repository(thing: Thing, address: Any) -> str | None:
    for place in (thing.get("repository_url"), address):
        match = re.match(r"https?://[^/]+/(?:repos/)?([^/\s]+/[^/\s]+)", str(place))
        if match:
            return match[1]
    return word(at(thing, "repository", "full_name"))


def _priority(tags: list[Any]) -> str | None:
    for tag in tags:
        match = _PRIORITY_LABEL.search(str(tag))
        if match:
            return priority(match["level"])
    return None


FORMAT = Format("github", objects=Objects(_knows, _read))

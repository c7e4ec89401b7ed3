"""NUL and half letters, which no database takes as text, in every field of every form and of every
body: each is refused or left out, and nothing breaks."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import applications, stocked
from tests.browser.every_page import pages
from tests.conftest import empty
from tests.doors import HERE
from tests.sent import every_form
from tests.ui.conftest import client_of
from vocloop.success import goals
from vocloop_api.openapi import document
from vocloop_models import GoalMetric, Role
from vocloop_models.database import transaction

pytestmark = pytest.mark.slow

NUL, HALF = "a\x00b", "a\ud800b"
# Of what is sent besides the one field: words that most fields take.
PLAIN = {"uuid": "{id}", "date": "2026-09-11", "date-time": "2026-09-11T10:30:00+09:00"}


@pytest.fixture(scope="module")
def client(whole: FastAPI, opened: Engine, staying: Engine) -> Iterator[TestClient]:
    empty(staying)
    whole.state.engine = opened
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
        patch.setenv("VOCLOOP_WRITES_A_MINUTE", "1000000")
        with transaction(opened) as session:
            stocked.stock(session)
            token = stocked.account(session, "asking", frozenset(Role))
        yield TestClient(
            whole, base_url="http://127.0.0.1:8750", client=HERE, follow_redirects=False,
            raise_server_exceptions=False, headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
    opened.dispose()


@pytest.mark.parametrize("letters", [NUL, HALF], ids=["NUL", "half a letter"])
def test_no_field_of_a_body_breaks_anything(
    client: TestClient, opened: Engine, letters: str
) -> None:
    described = json.loads(document())
    known = stocked.known(opened)
    broken = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            body = _sample(content["schema"], described)
            for place in _texts(body):
                address = _filled(path, known)
                sent = json.dumps(_with(body, place, letters))
                answer = client.request(
                    method, address, content=sent, headers={"Content-Type": "application/json"}
                )
                if answer.status_code >= 500:
                    broken.append(f"{method} {path} {place}: {answer.status_code}")
    assert not broken, "\n".join(broken)


def test_no_field_of_a_form_breaks_anything(client: TestClient, opened: Engine) -> None:
    known = stocked.known(opened)
    asked, broken = set(), []
    for template in pages():
        page = client.get(_filled(template, known))
        assert page.status_code < 500, template
        for action, fields in every_form(page.text):
            typed = {name: [each or "x" for each in values] for name, values in fields.items()}
            for name in typed:
                of = (re.sub(r"[0-9a-f-]{36}", "", action), name)
                if of in asked or action.startswith("/sign-out"):
                    continue
                asked.add(of)
                answer = client.post(action, data=typed | {name: [NUL]})
                if answer.status_code >= 500:
                    broken.append(f"{action} {name}: {answer.status_code}")
    assert len(asked) > 100
    assert not broken, "\n".join(broken)


def test_a_name_that_a_browser_kept_breaks_nothing(engine: Engine) -> None:
    client = client_of(applications.pages(engine))
    client.cookies.set("vocloop_name", "Sato%00")
    with transaction(engine) as session:
        goal = goals.add(session, "Churn", GoalMetric.OWN, 2).id
    assert client.get("/hand-in").status_code == 200
    answer = client.post(f"/numbers/goals/{goal}/value", data={"value": "3"})
    assert answer.status_code == 303


def _filled(path: str, known: dict[str, list[str]]) -> str:
    return re.sub(r"{(\w+)}", lambda name: (known.get(name[1]) or [str(uuid.uuid4())])[0], path)


def _sample(schema: dict[str, Any], described: dict[str, Any]) -> Any:  # noqa: PLR0911 - one a type
    if "$ref" in schema:
        return _sample(described["components"]["schemas"][schema["$ref"].split("/")[-1]], described)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _sample(schema[choice][0], described)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        more = schema.get("additionalProperties")
        own = {n: _sample(each, described) for n, each in schema.get("properties", {}).items()}
        return own or ({"x": _sample(more, described)} if isinstance(more, dict) else {})
    if kind == "array":
        return [_sample(schema.get("items", {}), described)] * schema.get("minItems", 1)
    if kind == "string":
        return PLAIN.get(schema.get("format", ""), "x")
    return None if kind == "null" else 1 if kind in ("integer", "number") else True


def _texts(body: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(body, str):
        yield place
    items = (
        body.items()
        if isinstance(body, dict)
        else enumerate(body)
        if isinstance(body, list)
        else ()
    )
    for name, each in items:
        yield from _texts(each, (*place, name))


def _with(body: Any, place: tuple[Any, ...], text: str) -> Any:
    if not place:
        return text
    copy = body.copy()
    copy[place[0]] = _with(body[place[0]], place[1:], text)
    return copy

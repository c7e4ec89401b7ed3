"""A form that can't be taken comes back as it was typed, with the reason beside the field."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from planned import Plan

from tests.sent import Fields, sent


def refused(client: TestClient, action: str, typed: Fields, *wrong: str) -> None:
    """The form that posts to ``action`` comes back with what was ``typed`` and reasons at the
    fields that are ``wrong``."""
    answer = client.post(action, data=typed)
    assert answer.status_code == 422
    back = sent(answer.text, action)
    assert {name: back.get(name) for name in typed} == typed
    for name in wrong:
        assert f'id="{name}-error"' in answer.text, name


@pytest.mark.parametrize("path", ["/backlog/{item}/ratings", "/outcomes/{item}/metrics"])
def test_the_name_of_who_speaks_comes_back(client: TestClient, made: Plan, path: str) -> None:
    refused(client, path.format(item=made.item), {"by": ["佐藤 花子"]})

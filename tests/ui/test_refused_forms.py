"""A form that can't be taken comes back as it was typed, with the reason beside the field."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from planned import Plan
from sqlalchemy import Engine

from tests.sent import Fields, sent
from vocloop.route import inbox
from vocloop.success import goals
from vocloop_models import DecidedBy, GoalMetric, Routing, RoutingState
from vocloop_models.database import transaction


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


def test_a_goal(client: TestClient, made: Plan) -> None:
    typed = {
        "name": ["NPS / 推奨度"],
        "metric": ["ces"],
        "target": ["400"],
        "baseline": ["a lot"],
        "unit": ["points"],
        "due_on": ["2027-03-31"],
    }
    refused(client, "/numbers/goals", typed, "baseline-goal")
    typed |= {"baseline": ["4"]}
    refused(client, "/numbers/goals", typed, "target-goal")
    typed |= {"target": ["6"]}
    assert client.post("/numbers/goals", data=typed).status_code == 303
    refused(client, "/numbers/goals", typed, "name-goal")


def test_a_value_of_a_goal_and_of_no_other_goal(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    with transaction(engine) as session:
        first, other = (goals.add(session, name, GoalMetric.OWN, 2).id for name in ("A", "B"))
    here, typed = f"/numbers/goals/{first}/value", {"value": ["lots"], "day": ["2026-11-01"]}
    refused(client, here, typed, f"value-{first}")
    page = client.post(here, data=typed | {"day": ["soon"]}).text
    assert f'id="day-{first}-error"' in page
    assert sent(page, f"/numbers/goals/{other}/value")["value"] == [""]


def test_the_promotion_of_a_theme(client: TestClient, made: Plan) -> None:
    refused(client, "/backlog", {"theme": [str(made.theme)], "title": ["長" * 301]}, "title")


def test_a_routing_rule(client: TestClient, made: Plan) -> None:
    typed = {"field": ["tag"], "value": ["v" * 201], "department": ["dev"]}
    refused(client, "/routing-rules", typed, "value")
    page = client.post("/routing-rules", data=typed).text
    assert sent(page, "/departments")["key"] == [""]


@pytest.fixture
def routing(engine: Engine, made: Plan) -> str:
    """The second of two entries of Engineering."""
    with transaction(engine) as session:
        dev = inbox.department(session, "dev").id
        rows = [
            Routing(
                theme_id=theme,
                department_id=dev,
                confidence=0.6,
                decided_by=DecidedBy.CLASSIFIER,
                state=RoutingState.WAITING,
            )
            for theme in (made.theme, made.other)
        ]
        session.add_all(rows)
        session.flush()
        return str(rows[1].id)


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        ("answer", {"words": ["We look into it. " * 700]}),
        ("hand-over", {"words": ["Not ours. " * 1_100], "department": ["care"]}),
    ],
)
def test_a_step_of_an_inbox(client: TestClient, routing: str, step: str, typed: Fields) -> None:
    typed = {name: [value.strip()] for name, (value,) in typed.items()}
    refused(client, f"/routings/{routing}/{step}", typed, "words")
    page = client.post(f"/routings/{routing}/{step}", data=typed).text
    assert page.count("Login fails</a>") == 1, "once, though it stands first"
    assert page.count("Swap fails</a>") == 1
    assert page.count("Not ours") + page.count("look into") in {700, 1_100}, "in this form alone"

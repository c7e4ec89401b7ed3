"""Customers' numbers, measures, champions, goals and alerts, through the API."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_customer, add_theme, keep, say
from tests.vocloop.success.test_ratings import rate
from vocloop.success import alerts
from vocloop_models import Contact, RatingScale, now
from vocloop_models.database import transaction


def asked(client: TestClient, method: str, path: str, status: int = 200, **body: Any) -> Any:
    answer = client.request(method, f"/api/{path}", json=body or None)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
def customer(engine: Engine) -> str:
    with transaction(engine) as session:
        return str(add_customer(session, "株式会社みなも", "C-1").id)


def test_numbers_are_told_by_segment_with_their_interval(
    client: TestClient, engine: Engine
) -> None:
    with transaction(engine) as session:
        food = add_customer(session, "Food")
        food.industry = "food"
        for value in (9, 10, 3):
            rate(session, value)
        rate(session, 10, customer=food)
    everyone, segment = asked(client, "GET", "success/numbers?scale=nps&by=industry")
    assert (everyone["segment"], everyone["whole"]["value"]) == (None, 50)
    assert segment["segment"] == "food"
    assert everyone["points"]["2026-09"]["respondents"] == 4
    assert asked(client, "GET", "success/numbers?scale=ces") == []
    asked(client, "GET", "success/numbers?by=colour", 422)


def test_a_customer_follows_a_pattern_and_its_way_is_measured(
    client: TestClient, customer: str
) -> None:
    rows = [{"level": "kgi", "name": "attrition", "unit": "%"}, {"level": "kpi", "name": "swaps"}]
    pattern = asked(client, "POST", "success/patterns", 201, name="Fewer leave", measures=rows)
    asked(client, "POST", "success/patterns", 409, name="Fewer leave")
    made = asked(client, "POST", f"customers/{customer}/patterns/{pattern['id']}", 201)
    assert [each["name"] for each in made] == ["attrition", "swaps"]
    path = f"customers/{customer}/measures"
    kept = asked(client, "PUT", path, name="attrition", baseline=30, target=21)
    assert (kept["id"], kept["unit"], kept["share"]) == (made[0]["id"], "%", None)
    for day, value in (("2026-06-30", 28), ("2026-09-30", 25)):
        asked(client, "PUT", f"success/measures/{kept['id']}/actuals", day=day, value=value)
    found = asked(client, "GET", path)[0]
    assert found["share"] == pytest.approx(5 / 9)
    assert [each["value"] for each in found["actuals"]] == [28, 25]
    assert asked(client, "GET", "success/patterns")[0]["customers"] == 1
    asked(client, "PUT", path, 422, name="new one")
    asked(client, "DELETE", f"success/measures/{kept['id']}", 204)
    assert len(asked(client, "GET", path)) == 1


def test_every_line_with_a_new_measure_of_no_level_is_named(
    client: TestClient, customer: str
) -> None:
    asked(client, "PUT", f"customers/{customer}/measures", name="known", level="kpi")
    rows = "customer,name,level\nC-1,known,\nC-1,new,\nC-1,told,kgi\nC-1,told,\nC-1,other,\n"
    refused = client.post("/api/success/measures:import", content=rows.encode())
    assert refused.status_code == 422
    problems = refused.json()["problems"]
    assert [problem["where"] for problem in problems] == ["line 3", "line 6"]
    assert {problem["reason"] for problem in problems} == {
        "level is empty and the measure is new; write kgi or kpi"
    }


def test_measures_come_from_a_file_whole_or_not_at_all(client: TestClient, customer: str) -> None:
    good = (
        "顧客,指標,種別,単位,基準値,目標値,実績値,日付\n"
        "株式会社みなも,離職率,KGI,%,30,21,25%,2026年9月30日\n"
    )
    bad = "顧客,指標,種別,実績値,日付\nC-1,離職率,kgi,12,2026/09/30\nC-9,離職率,kgx,many,\n"
    refused = client.post("/api/success/measures:import", content=bad.encode("cp932"))
    assert refused.status_code == 422
    told = {problem["reason"] for problem in refused.json()["problems"]}
    assert len(told) == 3
    assert {problem["where"] for problem in refused.json()["problems"]} == {"line 3"}
    assert asked(client, "GET", f"customers/{customer}/measures") == []
    for _ in range(2):
        taken = client.post("/api/success/measures:import?by=abe", content=good.encode("utf-8-sig"))
        assert taken.json() == {"rows": 1, "actuals": 1}
    (found,) = asked(client, "GET", f"customers/{customer}/measures")
    assert (found["level"], found["baseline"], found["actuals"]) == (
        "kgi",
        30,
        [{"day": "2026-09-30", "value": 25, "by": "abe"}],
    )


def test_a_goal_shows_which_decision_moved_it(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session)
        touched, other = add_customer(session, "Touched"), add_customer(session, "Other")
        say(session, theme=theme, customer=touched)
    asked(client, "POST", "goals", 422, name="Easy", metric="ces", target=9)
    asked(client, "POST", "goals", 201, name="Easy", metric="ces", target=6, baseline=3)
    asked(client, "POST", "goals", 409, name="Easy", metric="ces", target=6)
    made = asked(
        client, "POST", "backlog", 201, title="Swap", themes={str(theme.id): 1.0}, goals=["Easy"]
    )["id"]
    word = {"verdict": "approve", "rationale": "yes", "agree_as_customer": True, "by": "CCO"}
    decision = asked(client, "POST", "decisions", 201, item_id=made, **word)
    for state in ("in_progress", "shipped"):
        asked(client, "POST", f"backlog/{made}/state", state=state)
    with transaction(engine) as session:
        for customer, after in ((touched, 6), (other, 3)):
            for index in range(8):
                for value, shift in ((3, -30), (after, 1)):
                    person = keep(
                        session,
                        Contact(customer_id=customer.id, external_id=f"{index} {shift}"),
                    )
                    at = now() + dt.timedelta(days=shift * (1 + index / 10))
                    rate(
                        session, value, RatingScale.CES, customer=customer, at=at
                    ).contact_id = person.id
    (goal,) = asked(client, "GET", "goals")
    (mover,) = goal["movers"]
    assert mover["decision_id"] == decision["id"]
    assert mover["change"]["against"]
    assert mover["change"]["value"] == pytest.approx(3)
    assert 0 < mover["change"]["low"] < 3 < mover["change"]["high"]
    assert goal["share"] == pytest.approx((goal["now"]["value"] - 3) / 3)
    own = asked(client, "POST", "goals", 201, name="Churn", metric="own", target=2, baseline=4)
    asked(client, "PUT", f"goals/{own['id']}/actuals", day="2026-09-30", value=3)
    asked(client, "PUT", f"goals/{goal['id']}/actuals", 409, day="2026-09-30", value=3)
    assert asked(client, "GET", "goals")[0]["share"] == pytest.approx(0.5)


def test_an_alert_is_taken_on_and_closed(client: TestClient, engine: Engine, customer: str) -> None:
    with transaction(engine) as session:
        person = keep(session, Contact(customer_id=uuid.UUID(customer), external_id="a"))
    path = f"contacts/{person.id}/champion"
    asked(client, "PUT", path, 204, champion=True, by="abe")
    asked(client, "PUT", path, 204, champion=False, reason="left", by="abe")
    assert asked(client, "GET", f"customers/{customer}/champions")[0]["reason"] == "left"
    with transaction(engine) as session:
        alerts.sweep(session)
    (found,) = asked(client, "GET", "alerts?kind=champion_gone")
    assert (found["customer"], found["state"]) == ("株式会社みなも", "open")
    taken = asked(client, "POST", f"alerts/{found['id']}/acknowledge", by="abe")
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "abe")
    asked(client, "POST", f"alerts/{found['id']}/close", 422, by="abe", reason="")
    closed = asked(client, "POST", f"alerts/{found['id']}/close", by="abe", reason="found one")
    assert closed["state"] == "closed"
    assert asked(client, "GET", "alerts") == []
    assert len(asked(client, "GET", "alerts?state=closed")) == 1
    asked(client, "POST", f"alerts/{found['id']}/close", 409, by="abe", reason="again")

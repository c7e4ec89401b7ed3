"""Customer numbers and alerts, as people read and use them."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.api.records import add_customer, add_theme, keep, say
from tests.ui.conftest import client_of
from tests.vocloop.success.test_ratings import rate
from vocloop.success import alerts, measures
from vocloop.success.ratings import Figure
from vocloop_models import Alert, AlertKind, AlertState, Contact, MeasureLevel, RatingScale, now
from vocloop_models.database import reading, transaction
from vocloop_ui.trend import trend


@pytest.fixture
def filled(engine: Engine) -> None:
    """A customer who renews soon with a severe theme, lost its champion, and answers surveys."""
    with transaction(engine) as session:
        customer = add_customer(session, "<b>Minamo</b>", "C-1")
        customer.industry, customer.arr = "Manufacturing", 5_000_000
        customer.renewal_on = now().date() + dt.timedelta(days=30)
        theme = add_theme(session, "Exports stop", severity=0.8)
        say(session, theme=theme, customer=customer, said_at=now())
        for index, value in enumerate((9, 10, 3, 8, 9)):
            at = now() - dt.timedelta(days=40 * index)
            rate(session, value, customer=customer, at=at).contact_id = keep(
                session, Contact(customer_id=customer.id, external_id=f"p{index}")
            ).id
        rate(session, 6, RatingScale.CES, customer=customer)
        gone = keep(session, Contact(customer_id=customer.id, external_id="a", champion=True))
        alerts.sweep(session)
        gone.champion = False
        measures.keep(session, customer.id, "attrition", level=MeasureLevel.KGI, target=21.5)
        session.flush()
        alerts.sweep(session)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["NPS over time", "5 respondents", "Manufacturing", "21.5", "Show as a table"]),
        ("ja", ["NPSの推移", "回答者5人", "製造業", "21.5", "顧客が目指す成果"]),
    ],
)
def test_the_numbers_stand_with_their_interval_and_their_table(
    app: FastAPI, filled: None, language: str, words: list[str]
) -> None:
    page = client_of(app, language).get("/numbers?scale=nps&by=industry")
    assert page.status_code == 200
    for word in words:
        assert word in page.text
    assert "&lt;b&gt;Minamo&lt;/b&gt;" in page.text
    assert page.text.count('class="whisker"') == 2 * 5
    assert "style=" not in page.text


def test_many_measures_are_shown_in_part_by_customer_and_saved_whole(
    client: TestClient, engine: Engine, filled: None
) -> None:
    with transaction(engine) as session:
        for number in range(60):
            known = add_customer(session, f"Company {number:02}", f"N-{number:02}")
            kept = measures.keep(session, known.id, "orders", level=MeasureLevel.KPI, target=9.0)
            measures.enter(session, kept.id, now().date(), float(number))
    page = client.get("/numbers")
    assert "Company 00" in page.text
    assert "Company 59" not in page.text
    assert "The first 50 are shown; the file has them all." in page.text
    whole = client.get("/numbers?table=measures").text.splitlines()
    assert len(whole) == 1 + 61
    assert next(line for line in whole if line.startswith("Company 59,")).split(",")[3] == "59"


def test_a_goal_is_set_filled_and_taken_off_on_its_page(client: TestClient, filled: None) -> None:
    form = {"name": "Churn", "metric": "own", "target": "2.5", "baseline": "4", "unit": "%"}
    done = client.post("/numbers/goals", data=form)
    assert done.headers["location"] == "/numbers#h-goals"
    page = client.get("/numbers").text
    assert "no value yet" in page
    [remove] = re.findall(r'action="(/numbers/goals/[^"]+/remove)" *[^>]*>.{0,80}Take off', page)
    value = remove.replace("/remove", "/value")
    client.post(value, data={"value": "3.25", "day": "2026-11-01"})
    page = client.get("/numbers").text
    assert "3.25 → 2.5 %" in " ".join(page.split())
    assert "50 % of the way" in page or "50% of the way" in page
    client.post(remove)
    assert ">Churn<" not in client.get("/numbers").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Give it a name"),
        ({"target": ""}, "Write the target as a number"),
        ({"target": "400"}, "NPS lies between -100 and 100"),
        ({"metric": "joy"}, "Choose what it counts"),
        ({"due_on": "soon"}, "is no day"),
    ],
)
def test_a_goal_that_can_t_be_is_refused_with_the_reason(
    client: TestClient, filled: None, wrong: dict[str, str], told: str
) -> None:
    form = {"name": "NPS", "metric": "nps", "target": "40"}
    refused = client.post("/numbers/goals", data=form | wrong)
    assert refused.status_code == 422
    assert told in refused.text
    assert client.post("/numbers/goals", data=form).status_code == 303
    assert client.post("/numbers/goals", data=form).status_code == 422


def test_a_scale_or_attribute_that_is_none_is_refused(client: TestClient, filled: None) -> None:
    assert client.get("/numbers?scale=joy").status_code == 422
    assert client.get("/numbers?by=colour").status_code == 422
    assert client.get("/alerts?kind=joy").status_code == 422


def test_a_file_of_measures_is_read_in_or_its_lines_are_named(
    client: TestClient, engine: Engine, filled: None
) -> None:
    head = "customer,name,level,target,actual,day\n"
    bad = {"file": ("m.csv", f"{head}C-9,attrition,kgi,many,,\n".encode(), "text/csv")}
    refused = client.post("/numbers/measures", files=bad)
    assert refused.status_code == 422
    assert "line 2: target" in refused.text
    good = {"file": ("m.csv", f"{head}C-1,attrition,,20,25,2026-09-30\n".encode(), "text/csv")}
    done = client.post("/numbers/measures", files=good)
    assert (done.status_code, done.headers["location"]) == (303, "/numbers#h-measures")
    with reading(engine) as session:
        (found,) = measures.listed(session)
    assert (found.measure.target, found.actual) == (20, 25)


def test_an_alert_shows_its_evidence_and_is_taken_on_then_closed(
    client: TestClient, engine: Engine, filled: None
) -> None:
    page = client.get("/alerts").text
    assert "1 severe theme is still open" in page
    assert "Exports stop" in page
    assert "The last of 1 champion left" in page
    with reading(engine) as session:
        alert = session.exec(select(Alert)).first()
    assert alert is not None
    path = f"/alerts/{alert.id}"
    assert client.post(f"{path}/acknowledge").status_code == 422
    assert client.post(f"{path}/acknowledge", data={"by": "Abe"}).status_code == 303
    assert "taken on by Abe" in client.get("/alerts").text
    assert client.post(f"{path}/close", data={"by": "Abe"}).status_code == 422
    assert client.post(f"{path}/close", data={"by": "Abe", "reason": "called"}).status_code == 303
    with reading(engine) as session:
        assert session.get_one(Alert, alert.id).state is AlertState.CLOSED
    assert "closed by Abe" in client.get("/alerts?state=closed").text
    assert client.post(f"{path}/close", data={"by": "Abe", "reason": "x"}).status_code == 409
    assert client.post("/alerts/nothing/close", data={"by": "A", "reason": "x"}).status_code == 404


def test_many_alerts_are_leafed_through_and_saved_whole(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        for number in range(230):
            customer = add_customer(session, f"Company {number:03d}")
            kind = AlertKind.SILENCE if number < 60 else AlertKind.EFFORT_FALLING
            evidence = {
                AlertKind.SILENCE: {
                    "last_said": "2026-09-01",
                    "silent_days": 60,
                    "days_a_month": 4,
                },
                AlertKind.EFFORT_FALLING: {
                    "before": 6.0,
                    "after": 4.0,
                    "fall": [2.0, 1.0, 3.0],
                    "answers": [9, 9],
                },
            }[kind]
            alert = Alert(kind=kind, customer_id=customer.id, episode="1", raised_at=now())
            alert.evidence = evidence
            session.add(alert)

    def told(page: str) -> list[str]:
        return re.findall(r"Company (\d+)", page)

    def after(page: str) -> str:
        (more,) = re.findall(r'href="([^"]*)" rel="next"', page)
        return client.get(html.unescape(more)).text

    page = client.get("/alerts").text
    assert 'Still open <span class="num">230</span>' in page
    assert told(page) == [f"{n:03d}" for n in range(229, 179, -1)]
    assert told(after(page)) == [f"{n:03d}" for n in range(179, 129, -1)]
    page = after(client.get("/alerts?kind=silence").text)
    assert told(page) == [f"{n:03d}" for n in range(9, -1, -1)]
    assert 'rel="next"' not in page
    assert len(told(client.get("/alerts?table=alerts").text)) == 230


def test_the_name_that_an_alert_asked_for_is_the_one_that_all_pages_know(
    client: TestClient, engine: Engine, filled: None
) -> None:
    client.post("/notifications/name", data={"name": "佐藤 花子"})
    assert 'value="佐藤 花子"' in client.get("/alerts").text
    with reading(engine) as session:
        alert = session.exec(select(Alert)).first()
    assert alert is not None
    client.post(f"/alerts/{alert.id}/acknowledge", data={"by": "安部 健"})
    assert 'value="安部 健"' in client.get("/alerts").text
    assert "安部 健" in client.get("/notifications").text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_empty_pages_say_what_is_missing(app: FastAPI, language: str) -> None:
    client = client_of(app, language)
    for address in ("/numbers", "/alerts"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'class="empty"' in page.text


@pytest.mark.parametrize("values", [[(3, 2, 4)], [(-20, -60, 20), (40, 10, 70)], [(7, 7, 7)]])
def test_every_dot_lies_in_the_drawing_between_its_ends(
    values: list[tuple[float, float, float]],
) -> None:
    points = {f"2026-0{i + 1}": Figure(*each, 9, {}) for i, each in enumerate(values)}
    drawn = trend(points, (-100, 100), 360, 200)
    for dot in drawn.dots:
        assert 0 <= dot.y_high <= dot.y <= dot.y_low <= drawn.base
        assert drawn.left <= dot.x <= drawn.width
    assert 2 <= len(drawn.ticks) <= 8

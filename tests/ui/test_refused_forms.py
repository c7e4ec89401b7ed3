"""A form that can't be taken comes back as it was typed, with the reason beside the field."""

from __future__ import annotations

import html
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_customer
from tests.sent import Fields, sent
from tests.ui.conftest import client_of
from tests.ui.planned import Plan
from vocloop.route import inbox
from vocloop.success import goals
from vocloop_models import Alert, AlertKind, DecidedBy, GoalMetric, Routing, RoutingState, now
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
    told = client.post("/numbers/goals", data=typed).text
    assert "“a lot” is no number. Write digits, as 12 or 0.5." in told
    typed |= {"baseline": ["4"]}
    refused(client, "/numbers/goals", typed, "target-goal")
    told = client.post("/numbers/goals", data=typed | {"baseline": ["40"]}).text
    assert told.count("CES lies between 1 and 7") == 2, "at the target and at the baseline"
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


@pytest.mark.parametrize("files", [{}, {"file": ("empty.csv", b"", "text/csv")}])
def test_a_file_to_bring_in(client: TestClient, files: Any) -> None:
    typed = {"source": "desk", "kind": "customers"}
    page = client.post("/imports", data=typed, files=files or {"file": ("", b"")})
    assert page.status_code == 422
    assert 'id="file-error"' in page.text
    back = sent(page.text, "/imports")
    assert (back["source"], back["kind"]) == (["desk"], ["customers"])


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


@pytest.fixture
def alert(engine: Engine) -> str:
    """The oldest of more alerts than a page holds."""
    with transaction(engine) as session:
        evidence = {"last_said": "2026-09-01", "silent_days": 60, "days_a_month": 4}
        rows = [
            Alert(
                kind=AlertKind.SILENCE,
                customer_id=add_customer(session, f"Company {number:02d}").id,
                episode="1",
                raised_at=now(),
                evidence=evidence,
            )
            for number in range(60)
        ]
        session.add_all(rows)
        session.flush()
        return str(min(each.id for each in rows))


def test_an_alert_that_is_taken_on_by_nobody(client: TestClient, alert: str) -> None:
    refused(client, f"/alerts/{alert}/acknowledge", {"by": ["  "]}, f"by-take-{alert}")


def test_an_alert_that_is_closed_without_a_name_or_a_reason(client: TestClient, alert: str) -> None:
    close = f"/alerts/{alert}/close"
    refused(client, close, {"by": [""], "reason": ["They called."]}, f"by-close-{alert}")
    refused(client, close, {"by": ["佐藤 花子"], "reason": [""]}, f"reason-close-{alert}")
    refused(client, close, {"by": ["Abe"], "reason": ["長" * 2_001]}, f"reason-close-{alert}")
    page = client.post(close, data={"by": "Abe"}).text
    assert page.index("Company 00") < page.index("Company 59"), "the one that is spoken of first"
    assert page.count("Company 00") == 1
    assert f'id="by-take-{alert}-error"' not in page, "in this form alone"


def test_an_entry_in_triage_that_is_given_to_no_department(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    with transaction(engine) as session:
        rows = [
            Routing(
                theme_id=theme,
                confidence=0.3,
                decided_by=DecidedBy.CLASSIFIER,
                state=RoutingState.TRIAGE,
            )
            for theme in (made.theme, made.other)
        ]
        session.add_all(rows)
        session.flush()
        second = rows[1].id
    refused(client, f"/routings/{second}/assign", {"department": [""]}, "department")
    page = client.post(f"/routings/{second}/assign", data={"department": ""}).text
    assert page.index("Login fails</a>") < page.index("Swap fails</a>")
    assert page.count("Login fails</a>") == 1
    assert page.count('id="department-error"') == 1


HEAD = "customer,name,level,target,actual,day,due_on\n"


@pytest.mark.parametrize(
    ("rows", "en", "ja"),
    [
        (
            f"{HEAD}C-9,,kgx,many,3,,soon\n",
            [
                "line 2: name is empty; give the measure's name",
                "line 2: level 'kgx' is neither kgi nor kpi",
                "line 2: target 'many' is not a number; write 12.5",
                "line 2: due_on 'soon' is not a date; write 2026-09-30 or 2026/09/30",
                "line 2: an actual value and its day belong together; give both or neither",
                "line 2: customer 'C-9' is not known, or not by one name only; use its external id",
            ],
            [
                "2行目: nameが空です。指標の名前を書いてください",
                "2行目: level「kgx」はkgiでもkpiでもありません",
                "2行目: target「many」は数値ではありません。12.5のように書いてください",
                "2行目: due_on「soon」は日付ではありません。2026-09-30または",
                "2行目: 実績値とその日付は一組です。両方を書くか、どちらも空にしてください",
                "2行目: 顧客「C-9」が見つからないか、名前だけでは一社に決まりません。",
            ],
        ),
        (
            f"{HEAD}C-1,new,,,,,\n",
            ["line 2: level is empty and the measure is new; write kgi or kpi"],
            ["2行目: 新しい指標なのにlevelが空です。kgiかkpiを書いてください"],
        ),
        (
            "name,level\nx,kgi\n",
            ["line 1: the column customer is missing; known are customer, name, level"],
            ["1行目: customerの列がありません。使える列はcustomer、name、level"],
        ),
        (f'{HEAD}"C-1"x,new\n', ["check its quotes"], ["引用符を確かめてください"]),
    ],
)
def test_a_file_of_measures(
    app: FastAPI, engine: Engine, rows: str, en: list[str], ja: list[str]
) -> None:
    with transaction(engine) as session:
        add_customer(session, "Minamo", "C-1")
    for language, told in (("en", en), ("ja", ja)):
        page = client_of(app, language).post(
            "/numbers/measures",
            data={"by": "佐藤 花子"},
            files={"file": ("m.csv", rows.encode(), "text/csv")},
        )
        assert page.status_code == 422
        assert sent(page.text, "/numbers/measures")["by"] == ["佐藤 花子"]
        _, _, beside = page.text.partition('id="file-error"')
        beside = html.unescape(beside.partition("</form>")[0])
        for line in told:
            assert line in beside


def test_a_file_of_measures_that_is_none(client: TestClient) -> None:
    for files in ({}, {"file": ("", b"", "text/csv")}, {"file": ("m.csv", b"a" * (6 << 20))}):
        page = client.post("/numbers/measures", data={"by": "Abe"}, files=files)
        assert page.status_code == 422
        assert 'id="file-error"' in page.text
        assert sent(page.text, "/numbers/measures")["by"] == ["Abe"]

"""From theme to decision to outcome, through the API."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from typing import Any
from unittest.mock import ANY

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlmodel import select

from tests.api.records import add_customer, add_theme, keep, say
from tests.fakes import WordEncoder
from vocloop.roadmap import scenarios
from vocloop.worker.worker import Worker
from vocloop_models import BacklogItem, Decision, Department, Job, JobKind, Theme
from vocloop_models.database import reading, transaction

SHIPPED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def theme(engine: Engine) -> str:
    with transaction(engine) as session:
        for key in ("engineering", "support"):
            keep(session, Department(key=key, name_ja=key, name_en=key))
        theme = add_theme(session, "Exports stop")
        customer = add_customer(session, "Minamo")
        customer.arr = 5_000_000
        say(session, "It stops", theme=theme, customer=customer)
    return str(theme.id)


def post(client: TestClient, path: str, status: int = 201, **body: Any) -> Any:
    answer = client.post(f"/api/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def item(client: TestClient, theme: str, title: str = "Resume exports", **more: Any) -> str:
    return str(post(client, "backlog", title=title, themes={theme: 1.0}, by="sato", **more)["id"])


def decide(client: TestClient, item_id: str, verdict: str = "approve", **more: Any) -> Any:
    body = {"verdict": verdict, "rationale": "顧客の要望", "agree_as_customer": True, "by": "CCO"}
    return post(client, "decisions", item_id=item_id, **(body | more))


def solved(client: TestClient, engine: Engine, round_id: str, **asked: Any) -> Any:
    """A scenario that was asked for, after a worker has been at it."""
    made = post(client, f"rounds/{round_id}/scenarios", 202, **asked)
    Worker(engine, WordEncoder).step()
    listed = client.get(f"/api/rounds/{round_id}/scenarios").json()
    return next(each for each in listed if each["id"] == made["id"])


def round_of_one(client: TestClient, theme: str) -> tuple[str, str]:
    """Ids of a round, and of the item that just fits into it."""
    only = item(client, theme, departments={"engineering": {"effort": 4}})
    made = post(client, "rounds", name="Q", periods=["2026Q4"], capacity={"engineering": [4]})["id"]
    client.put(f"/api/rounds/{made}/items", json={"items": {only: {}}})
    return made, only


def test_an_item_shows_priority_with_interval_and_who_is_behind_it(
    client: TestClient, theme: str
) -> None:
    made = item(client, theme, departments={"engineering": {"effort": 3, "effect": 0.5}})
    form = {"expertise": 5, "relationship": 4, "alternatives": 1, "difficulty": 2}
    post(client, f"backlog/{made}/ratings", **form, initial_cost=6, operating_cost=1, by="abe")
    found = client.get(f"/api/backlog/{made}").json()
    assert found["contribution"]["value"] == pytest.approx(0.9 * 0.7 * 0.9 * 0.7)
    assert found["person_weeks"]["value"] == 10
    assert found["priority"]["value"] == pytest.approx(0.4 * 0.3969 / 10)
    assert found["priority"]["low"] < found["priority"]["value"] < found["priority"]["high"]
    assert (found["stakes"]["companies"], found["stakes"]["arr"]) == (1, 5_000_000)
    assert min(found["rice"], found["wsjf"]) > 0
    changes = client.get("/api/roadmap/changes", params={"subject_id": made}).json()
    assert [(c["action"], c["by"]) for c in changes] == [
        ("rated", "abe"),
        ("changed", "sato"),
        ("created", "sato"),
    ]


def test_a_state_is_reached_only_by_the_way_that_leads_there(
    client: TestClient, theme: str
) -> None:
    made = item(client, theme)
    refused = post(client, f"backlog/{made}/state", 409, state="approved")
    assert "nothing but a decision" in refused["detail"]
    decide(client, made, quarter="2026Q4")
    for state in ("in_progress", "shipped"):
        assert post(client, f"backlog/{made}/state", 200, state=state)["state"] == state
    assert client.get(f"/api/backlog/{made}").json()["shipped_at"]
    again = {"verdict": "defer", "rationale": "?", "agree_as_customer": False, "by": "CCO"}
    post(client, "decisions", 409, item_id=made, **again)
    post(client, f"backlog/{made}/stage", 409, stage="policy")
    assert post(client, f"backlog/{made}/stage", 200, stage="issue")["stage"] == "issue"


def test_needs_may_not_go_round_in_a_circle(client: TestClient, theme: str) -> None:
    first = item(client, theme)
    second = item(client, theme, needs=[first])
    answer = client.patch(f"/api/backlog/{first}", json={"needs": [second]})
    assert (answer.status_code, answer.json()["problems"][0]["where"]) == (422, "needs")


@pytest.mark.parametrize("kind", ["jira", "linear", "csv"])
def test_no_exported_cell_is_run_by_a_spreadsheet(
    client: TestClient, theme: str, kind: str
) -> None:
    item(client, theme, "=HYPERLINK(1)")
    answer = client.get("/api/backlog/export", params={"format": kind})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert len(rows) == 2
    assert "'=HYPERLINK(1)" in rows[1]
    issues = client.get("/api/backlog/export", params={"format": "github"}).json()
    assert issues[0]["title"] == "=HYPERLINK(1)"


def test_a_round_is_solved_explained_voted_on_and_decided(
    client: TestClient, engine: Engine, theme: str
) -> None:
    big = item(
        client,
        theme,
        "Big",
        departments={"engineering": {"effort": 4, "effect": -0.5}, "support": {"effect": 1}},
    )
    small = item(client, theme, "Small", departments={"engineering": {"effort": 3}})
    form = {"expertise": 5, "relationship": 5, "alternatives": 1, "difficulty": 1}
    post(client, f"backlog/{big}/ratings", **form, initial_cost=4, operating_cost=0)
    capacity = {"engineering": [4, 0]}
    made = post(client, "rounds", name="Q4", periods=["2026Q4", "2027Q1"], capacity=capacity)["id"]
    taken = client.put(f"/api/rounds/{made}/items", json={"items": {big: {}, small: {}}})
    assert taken.status_code == 204
    best = solved(client, engine, made, name="as it is")["result"]
    assert (best["period"], best["optimal"]) == ({big: "2026Q4"}, True)
    assert {c["kind"] for c in best["conflicts"]} == {"capacity", "burden"}
    more = {"capacity": {"engineering": [4, 3]}}
    other = solved(client, engine, made, name="hire", changes=more)["result"]
    assert other["period"] == {big: "2026Q4", small: "2027Q1"}
    assert len(client.get(f"/api/rounds/{made}/scenarios").json()) == 2
    why = client.get(f"/api/rounds/{made}/items/{small}/why").json()
    assert not why["taken"]
    assert why["value_to"] > why["value"]
    frontier = client.get(f"/api/rounds/{made}/frontier", params={"name": "support"}).json()
    assert [list(s["period"]) for s in frontier] == [[small], [big]]
    for choice in ("support", "oppose"):
        vote = {"item_id": big, "department": "engineering", "choice": choice}
        post(client, f"rounds/{made}/votes", **vote, by="head")
    assert [v["choice"] for v in client.get(f"/api/rounds/{made}/votes").json()] == ["oppose"]
    post(client, f"rounds/{made}/comments", text="人が足りない", item_id=big)
    decision = decide(client, big, round_id=made, quarter="2026Q4")
    assert decision["evidence"]["votes"][0]["choice"] == "oppose"
    assert client.post(f"/api/rounds/{made}/close", json={}).json()["state"] == "closed"
    post(client, f"rounds/{made}/scenarios", 409, name="too late")


def test_an_answer_stays_while_the_scenario_is_solved_again(
    client: TestClient, engine: Engine, theme: str
) -> None:
    made, only = round_of_one(client, theme)
    first = solved(client, engine, made, name="as it is")
    assert (first["state"], list(first["result"]["period"])) == ("solved", [only])
    path = f"scenarios/{first['id']}/solve"
    again = post(client, path, 202, changes={"capacity": {"engineering": [3]}})
    assert (again["state"], again["result"], again["changes"]) == ("solving", first["result"], {})
    Worker(engine, WordEncoder).step()
    after = client.get(f"/api/rounds/{made}/scenarios").json()[0]
    assert (after["state"], after["result"]["period"]) == ("solved", {})
    post(client, path, 202, changes={"capacity": {"engineering": [3]}, "must": [only]})
    Worker(engine, WordEncoder).step()
    failed = client.get(f"/api/rounds/{made}/scenarios").json()[0]
    assert (failed["state"], failed["result"]) == ("failed", after["result"])
    assert "at least 1 must go" in failed["error"]


def test_solving_is_cancelled_and_only_an_answer_stays(
    client: TestClient, engine: Engine, theme: str
) -> None:
    made, _ = round_of_one(client, theme)
    first = solved(client, engine, made, name="as it is")
    path = f"/api/scenarios/{first['id']}/cancel"
    assert client.post(path).status_code == 409, "nothing is being solved"
    post(client, f"scenarios/{first['id']}/solve", 202, changes={"budget": 5})
    assert client.post(path).status_code == 204
    assert client.get(f"/api/rounds/{made}/scenarios").json() == [first]
    never = post(client, f"rounds/{made}/scenarios", 202, name="less")["id"]
    assert client.post(f"/api/scenarios/{never}/cancel").status_code == 204
    assert client.post(f"/api/scenarios/{never}/cancel").status_code == 404
    worker = Worker(engine, WordEncoder)
    while worker.step():
        pass
    assert client.get(f"/api/rounds/{made}/scenarios").json() == [first]
    with reading(engine) as session:
        ended = session.exec(select(Job).where(Job.kind == JobKind.SOLVE_SCENARIO)).all()
    assert [each.state for each in ended] == ["done", "cancelled", "cancelled"]


def test_an_answer_that_comes_after_the_wish_is_dropped(
    client: TestClient, engine: Engine, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = post(client, "rounds", name="Q", periods=["2026Q4"], capacity={"engineering": [4]})["id"]
    client.put(f"/api/rounds/{made}/items", json={"items": {item(client, theme): {}}})
    asked = post(client, f"rounds/{made}/scenarios", 202, name="less")["id"]
    solve = scenarios.solved

    def late(*given: Any) -> scenarios.Solved:
        assert client.post(f"/api/scenarios/{asked}/cancel").status_code == 204
        return solve(*given)

    monkeypatch.setattr(scenarios, "solved", late)
    assert Worker(engine, WordEncoder).step()
    assert client.get(f"/api/rounds/{made}/scenarios").json() == []


def test_a_preview_keeps_nothing_and_refuses_what_would_take_long(
    client: TestClient, engine: Engine, theme: str
) -> None:
    quarters = [f"{year}Q{quarter}" for year in (2027, 2028, 2029) for quarter in range(1, 5)]
    capacity = {"engineering": [1.0] * 12}
    made = post(client, "rounds", name="Q", periods=quarters, capacity=capacity)["id"]
    taken = {}
    for count in (1, 20):
        taken |= {item(client, theme, f"{count} {i}"): {} for i in range(count)}
        client.put(f"/api/rounds/{made}/items", json={"items": taken})
        status = 200 if count == 1 else 409
        post(client, f"rounds/{made}/preview", status, budget=5)
    assert client.get(f"/api/rounds/{made}/scenarios").json() == []
    assert [each["id"] for each in client.get("/api/rounds").json()] == [made]
    assert client.get("/api/rounds", params={"state": "closed"}).json() == []


def test_what_was_known_at_a_decision_never_changes(
    client: TestClient, engine: Engine, theme: str
) -> None:
    made = item(client, theme)
    decision = decide(client, made)
    client.patch(f"/api/backlog/{made}", json={"title": "Another", "cost": 7})
    with transaction(engine) as session:
        session.get_one(Theme, uuid.UUID(theme)).title_en = "Another"
    path = f"/api/decisions/{decision['id']}"
    assert client.get(path).json() == decision
    assert decision["intact"]
    with pytest.raises(ValueError, match="never changes"), transaction(engine) as session:
        session.get_one(Decision, uuid.UUID(decision["id"])).rationale = "else"
    with transaction(engine) as session:
        session.execute(text("UPDATE decision SET rationale = 'else'"))
    assert not client.get(path).json()["intact"]


def test_the_log_is_searched_without_case_and_width(client: TestClient, theme: str) -> None:
    decide(client, item(client, theme), rationale="ｴｸｽﾎﾟｰﾄ Must work")
    decide(client, item(client, theme, "Other"), "decline")
    for words, count in (("エクスポート must", 1), ("cco", 2), ("nothing", 0)):
        assert len(client.get("/api/decisions", params={"text": words}).json()) == count
    assert len(client.get("/api/decisions", params={"verdict": "decline"}).json()) == 1


def test_a_split_makes_items_of_the_parts(client: TestClient, theme: str) -> None:
    made = item(client, theme)
    decide(client, made, "split", into=["First half", "Second half"])
    halves = client.get("/api/backlog", params={"state": "proposed"}).json()
    assert {(h["title"], h["part_of"], h["themes"][theme]) for h in halves} == {
        ("First half", made, 0.5),
        ("Second half", made, 0.5),
    }


@pytest.mark.parametrize(
    ("actual", "well", "step"),
    [(25, False, "raise_execution"), (25, True, "redraw_hypothesis"), (20, True, "develop")],
)
def test_the_rule_of_reading_proposes_the_next_step(
    client: TestClient, theme: str, actual: float, well: bool, step: str
) -> None:
    made = item(client, theme)
    metric = {"name": "attrition", "unit": "%", "baseline": 30, "target": 21}
    agreed = client.put(f"/api/backlog/{made}/metrics", json={"metrics": [metric]})
    assert agreed.status_code == 200
    facts = {"actuals": {"attrition": actual}, "quantity_enough": well, "quality_good": True}
    post(client, f"backlog/{made}/review", 409, **facts)
    decide(client, made)
    for state in ("in_progress", "shipped"):
        post(client, f"backlog/{made}/state", 200, state=state)
    late = client.put(f"/api/backlog/{made}/metrics", json={"metrics": [metric]})
    assert late.status_code == 409
    review = post(client, f"backlog/{made}/review", 200, **facts)
    assert (review["next_step"], review["result_good"]) == (step, actual <= 21)
    assert client.get(f"/api/backlog/{made}").json()["state"] == "reviewed"
    parts: dict[str, Any] = {"attrition": {"region": {"Kyoto": {"actual": None}}}}
    assert post(client, f"backlog/{made}/review", 200, **facts, breakdowns=parts) == review | {
        "reviewed_at": ANY
    }
    parts["attrition"]["region"]["Kyoto"]["target"] = 3
    post(client, f"backlog/{made}/review", 422, **facts, breakdowns=parts)
    onward = {"direction": "leaner_process", "title": "Swaps by phone"}
    status = 201 if step == "develop" else 409
    developed = post(client, f"backlog/{made}/developments", status, **onward)
    listed = client.get(f"/api/backlog/{made}/developments").json()
    assert [row["id"] for row in listed] == ([developed["id"]] if status == 201 else [])
    assert all(row["develops"] == made and row["state"] == "proposed" for row in listed)


@pytest.mark.parametrize(
    ("after", "movement", "state"), [(1, "fell", "shipped"), (12, "rose", "reopened")]
)
def test_a_theme_is_watched_after_its_item_shipped(  # noqa: PLR0917 - one case a line
    client: TestClient, engine: Engine, theme: str, after: int, movement: str, state: str
) -> None:
    made = item(client, theme)
    decide(client, made)
    for step in ("in_progress", "shipped"):
        post(client, f"backlog/{made}/state", 200, state=step)
    with transaction(engine) as session:
        session.get_one(BacklogItem, uuid.UUID(made)).shipped_at = SHIPPED
        customers = [add_customer(session, f"c{i}") for i in range(12)]
        themes = [session.get_one(Theme, uuid.UUID(theme))]
        themes += [add_theme(session, f"other {i}") for i in range(3)]
        for month in range(-12, 6):
            at = SHIPPED + dt.timedelta(days=30 * month + 5)
            for own in themes:
                heard = after if own is themes[0] and month >= 0 else 5
                for customer in customers[:heard]:
                    say(session, theme=own, customer=customer, said_at=at)
    tests = post(client, f"backlog/{made}/tests", by="abe")
    found = {t["measure"]: t["movement"] for t in tests}
    assert found == {"volume": movement, "companies": movement, "severity": "too_few"}
    assert client.get(f"/api/backlog/{made}").json()["state"] == state
    assert len(client.get(f"/api/backlog/{made}/outcome").json()["tests"]) == 3
    proposed = client.get(f"/api/backlog/{made}/customers").json()
    assert proposed[0]["name"] == "Minamo"


def test_a_hypothesis_keeps_its_versions_and_counts_its_evidence(
    client: TestClient, engine: Engine, theme: str
) -> None:
    with transaction(engine) as session:
        statements = [str(say(session, f"interview {i}").id) for i in range(2)]
    words = {"segment": "restaurants", "job": "swap shifts", "cause": "the manager is away"}
    made = post(client, "hypotheses", theme_id=theme, **words, by="sato")["id"]
    for statement, side in zip(statements, ("for", "against"), strict=True):
        post(client, f"hypotheses/{made}/evidence", 200, statement_id=statement, side=side)
    post(client, f"hypotheses/{made}/versions", **(words | {"cause": "no phone in the kitchen"}))
    found = post(client, f"hypotheses/{made}/state", 200, state="supported")
    assert [v["cause"] for v in found["versions"]] == [
        "no phone in the kitchen",
        "the manager is away",
    ]
    assert (found["evidence_for"], found["evidence_against"], found["state"]) == (1, 1, "supported")
    gone = post(client, f"hypotheses/{made}/evidence", 200, statement_id=statements[0], side=None)
    assert gone["evidence_for"] == 0
    listed = client.get("/api/hypotheses", params={"theme_id": theme}).json()
    assert [h["id"] for h in listed] == [made]


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("backlog", {"title": "x", "themes": {}}, "themes"),
        ("backlog", {"title": "x\0"}, "title"),
        ("rounds", {"name": "r", "periods": ["Q4"], "capacity": {}}, "periods"),
        ("rounds", {"name": "r", "periods": ["2026Q4"], "capacity": {"x": [1]}}, "departments"),
        ("decisions", {"verdict": "approve"}, "by"),
    ],
)
def test_what_can_not_be_taken_is_named(
    client: TestClient, theme: str, path: str, body: dict[str, Any], where: str
) -> None:
    refused = post(client, path, 422, **body)
    assert where in {problem["where"] for problem in refused["problems"]}


def test_what_is_not_there_is_404(client: TestClient) -> None:
    for path in ("backlog", "rounds", "decisions", "hypotheses"):
        assert client.get(f"/api/{path}/{uuid.uuid4()}").status_code == 404

"""Department inboxes, triage and settings; outcome reviews and what is spread."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_theme
from tests.sent import Fields, sent
from tests.ui.planned import HIDEOUS, Plan
from vocloop.roadmap import backlog, decisions, outcomes
from vocloop.roadmap.audit import Author
from vocloop.route import inbox
from vocloop.route.setup import put_department
from vocloop_models import (
    DecidedBy,
    ItemState,
    NextStep,
    Routing,
    RoutingEvent,
    RoutingEventKind,
    RoutingState,
    Verdict,
)
from vocloop_models.database import reading, transaction

BY = Author("Takahashi")


@pytest.fixture
def routed(engine: Engine, made: Plan) -> tuple[uuid.UUID, uuid.UUID]:
    """The first theme in the inbox of Engineering, the other one in triage."""
    with transaction(engine) as session:
        dev = inbox.department(session, "dev")
        rows = [
            Routing(theme_id=theme, confidence=0.6, decided_by=DecidedBy.CLASSIFIER, state=state)
            for theme, state in (
                (made.theme, RoutingState.WAITING),
                (made.other, RoutingState.TRIAGE),
            )
        ]
        rows[0].department_id, rows[0].touched = dev.id, {"care": 0.3}
        session.add_all(rows)
        session.flush()
        return rows[0].id, rows[1].id


def state_of(engine: Engine, routing: uuid.UUID) -> tuple[str, str | None]:
    with reading(engine) as session:
        found = inbox.get(session, routing)
        return found.state.value, found.answer


def test_empty_pages_say_what_to_do(client: TestClient) -> None:
    for path, en, ja in (
        ("/inbox", "No department yet", "部門はまだありません"),
        ("/triage", "Nothing waits in triage", "振り分け待ちはありません"),
        ("/departments", "A new department", "新しい部門"),
        ("/outcomes", "Nothing has shipped yet", "提供したものはまだありません"),
        ("/spread", "No success to spread yet", "広げられる成功はまだありません"),
    ):
        assert en in client.get(f"{path}?lang=en").text, path
        assert ja in client.get(f"{path}?lang=ja").text, path


def test_an_entry_says_what_spoke_for_its_department(
    client: TestClient, engine: Engine, routed: tuple[uuid.UUID, uuid.UUID]
) -> None:
    assert "by its words, 60% sure" in client.get("/inbox/dev?lang=en").text
    with transaction(engine) as session:
        detail = {"to": "dev", "fields": ["tags", "industry"]}
        session.add(RoutingEvent(routing_id=routed[0], kind=RoutingEventKind.ROUTED, detail=detail))
    assert (
        "by its words and fields (tags, industry), 60% sure"
        in client.get("/inbox/dev?lang=en").text
    )
    assert "言葉と項目(タグ、業種)から判断、確信度60%" in client.get("/inbox/dev?lang=ja").text


def test_an_entry_is_accepted_answered_and_handed_over(
    client: TestClient, engine: Engine, routed: tuple[uuid.UUID, uuid.UUID]
) -> None:
    first, _ = routed
    page = client.get("/inbox/dev").text
    assert "Swap fails" in page
    assert "60% sure" in page
    assert "also touches" in page
    assert "1 open" in client.get("/inbox").text
    assert client.post(f"/routings/{first}/accept").headers["location"] == "/inbox/dev"
    assert state_of(engine, first)[0] == "accepted"
    assert (
        client.post(f"/routings/{first}/hand-over", data={"department": "care"}).status_code == 422
    )
    given = {"department": "care", "words": "It is about calls"}
    client.post(f"/routings/{first}/hand-over", data=given)
    page = client.get("/inbox/dev").text
    assert f"/routings/{first}/assign?department=dev" in page  # the way back
    assert "It is about calls" in client.get("/inbox/care").text
    assert client.post(f"/routings/{first}/answer", data={"words": " "}).status_code == 422
    client.post(f"/routings/{first}/answer", data={"words": HIDEOUS})
    assert state_of(engine, first) == ("answered", HIDEOUS)
    page = client.get("/inbox/care?answered=1").text
    assert "&lt;script&gt;alert(1)" in page
    assert client.post(f"/routings/{first}/dance").status_code == 422
    assert client.post("/routings/x/accept").status_code == 404
    assert client.get("/inbox/moon").status_code == 404


def test_triage_is_told_whose_it_is(
    client: TestClient, engine: Engine, routed: tuple[uuid.UUID, uuid.UUID]
) -> None:
    _, second = routed
    assert "Login fails" in client.get("/triage").text
    answer = client.post(f"/routings/{second}/assign", data={"department": "care"})
    assert answer.headers["location"] == "/triage"
    assert state_of(engine, second)[0] == "waiting"
    assert client.post(f"/routings/{second}/assign", data={"department": "x"}).status_code == 404


def test_departments_and_rules_are_set_up(client: TestClient, engine: Engine, made: Plan) -> None:
    given = {
        "key": "law",
        "name_ja": "法務部",
        "name_en": "Legal",
        "description_en": HIDEOUS,
        "answer_within": "８",
        "from.mon": "09:00",
        "to.mon": "18:00",
    }
    wrong = given | {"key": "Law!", "name_en": "", "timezone": "Moon", "to.mon": "07:00"}
    page = client.post("/departments", data=wrong)
    assert page.status_code == 422
    for name in ("key", "name_en", "timezone", "hours"):
        assert f'id="{name}-error"' in page.text, name
    assert client.post("/departments", data=given).status_code == 303
    with reading(engine) as session:
        law = inbox.department(session, "law")
    assert (law.answer_within, law.working_hours) == (8.0, {"mon": ["09:00", "18:00"]})
    page = client.get("/departments?key=law").text
    assert 'value="09:00"' in page
    assert "&lt;script&gt;alert(1)" in page
    rule = {"field": "keyword", "value": "contract", "department": "law"}
    client.post("/routing-rules", data=rule)
    page = client.get("/departments").text
    assert "contract" in page
    with reading(engine) as session:
        kept = inbox.rules(session)[0].id
    assert f"/routing-rules/{kept}/remove" in page
    client.post(f"/routing-rules/{kept}/remove")
    with reading(engine) as session:
        assert not inbox.rules(session)
    assert client.post("/routing-rules", data=rule | {"value": ""}).status_code == 422


def ship(session: Session, item: uuid.UUID) -> None:
    decisions.decide(session, item, Verdict.APPROVE, "Now", BY, agree_as_customer=True)
    for state in (ItemState.IN_PROGRESS, ItemState.SHIPPED):
        backlog.move(session, item, state, BY)


def test_a_review_reads_numbers_before_opinions(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/outcomes/{made.item}"
    assert "What will count as success" in client.get(here).text
    metrics = {"name.0": "Calls about swaps", "unit.0": "a month", "baseline.0": "40"}
    page = client.post(f"{here}/metrics", data=metrics)
    assert page.status_code == 422
    assert 'id="target.0-error"' in page.text
    metrics |= {"target.0": "10", "by": "Sato"}
    assert client.post(f"{here}/metrics", data=metrics).status_code == 303
    with transaction(engine) as session:
        ship(session, made.item)
    page = client.get(here).text
    assert page.index("1. Result numbers") < page.index("2. Execution") < page.index("3. Analysis")
    given = {"actual.0": "", "quantity": "yes", "by": "Sato"}
    page = client.post(f"{here}/review", data=given)
    assert page.status_code == 422
    for name in ("actual.0", "quality"):
        assert f'id="{name}-error"' in page.text, name
    given |= {"actual.0": "12", "quality": "no", "analysis": HIDEOUS}
    assert client.post(f"{here}/review", data=given).status_code == 303
    page = client.get(here).text
    assert "Next step: Raise execution first" in page
    assert "&lt;script&gt;alert(1)" in page
    client.post(f"{here}/review", data=given | {"actual.0": "9", "quality": "yes"})
    with reading(engine) as session:
        found = outcomes.one(session, made.item)[0]
    assert found is not None
    assert found.next_step is NextStep.DEVELOP
    assert client.post(f"{here}/tests").status_code == 303
    page = client.get(here).text
    assert "Too little data" in page
    assert "Develop and spread" in client.get("/outcomes").text
    assert client.post(f"{here}/metrics", data=metrics).status_code == 409
    assert client.get("/outcomes/x").status_code == 404


def test_metrics_are_broken_down_and_reviewed_by_segment(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/outcomes/{made.item}"
    metrics = {"name.0": "Calls", "baseline.0": "40", "target.0": "10", "by": "Sato"}
    part = {"part.metric.0": "0", "part.axis.0": "industry", "part.value.0": "造船"}
    page = client.post(f"{here}/metrics", data=metrics | part)
    assert page.status_code == 422
    assert 'id="part.target.0-error"' in page.text
    assert 'value="造船"' in page.text
    sent = metrics | part | {"part.target.0": "4"}
    assert client.post(f"{here}/metrics", data=sent).status_code == 303
    page = client.get(here).text
    assert 'name="part.target.0" value="4"' in page
    assert 'value="40" inputmode="decimal"' in page
    with transaction(engine) as session:
        ship(session, made.item)
    assert "Industry: 造船" in client.get(here).text
    given = {"actual.0": "9", "actual.0.0.0": "6", "quantity": "yes", "quality": "yes"}
    assert client.post(f"{here}/review", data=given | {"by": "Sato"}).status_code == 303
    with reading(engine) as session:
        found = outcomes.one(session, made.item)[0]
    assert found is not None
    assert found.metrics[0]["breakdowns"] == {"industry": {"造船": {"target": 4.0, "actual": 6.0}}}
    assert 'name="actual.0.0.0" inputmode="decimal"' in client.get(here).text


def test_the_result_of_a_segment_is_emptied_by_whoever_saw_it(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/outcomes/{made.item}"
    metric = {"name": "Calls", "unit": "", "baseline": 40.0, "target": 10.0}
    with transaction(engine) as session:
        parts = {"industry": {"造船": {"target": 4.0}}}
        outcomes.agree(session, made.item, [metric | {"breakdowns": parts}], BY)
        ship(session, made.item)

    def form() -> Fields:
        opened = sent(client.get(here).text, f"{here}/review")
        return opened | {"quantity": ["yes"], "quality": ["yes"], "by": ["Sato"]}

    def kept() -> object:
        with reading(engine) as session:
            found = outcomes.one(session, made.item)[0]
        return found.metrics[0]["breakdowns"]["industry"]["造船"] if found else None

    early, given = form(), {"actual.0": ["9"], "actual.0.0.0": ["6"]}
    client.post(f"{here}/review", data=form() | given)
    client.post(f"{here}/review", data=early | {"actual.0": ["9"]})
    assert kept() == {"target": 4.0, "actual": 6.0}
    late = form() | {"actual.0.0.0": [""]}
    page = client.post(f"{here}/review", data=late | {"by": [""]})
    assert page.status_code == 422
    again = sent(page.text, f"{here}/review")
    assert again["actual.0.0.0"] == [""]
    assert client.post(f"{here}/review", data=again | {"by": ["Sato"]}).status_code == 303
    assert kept() == {"target": 4.0}


def test_actual_values_stay_with_their_metrics_when_these_are_agreed_anew_meanwhile(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/outcomes/{made.item}"

    def agree(*metrics: dict[str, object]) -> None:
        each = {"unit": "", "baseline": 40.0, "target": 10.0}
        with transaction(engine) as session:
            if backlog.one(session, made.item).item.state is ItemState.SHIPPED:
                backlog.move(session, made.item, ItemState.REOPENED, BY)
            outcomes.agree(session, made.item, [each | metric for metric in metrics], BY)
            ship(session, made.item)

    def kept() -> dict[str, object]:
        with reading(engine) as session:
            found = outcomes.one(session, made.item)[0]
        assert found is not None
        return {m["name"]: (m["actual"], m["breakdowns"]) for m in found.metrics}

    parts = {"industry": {"造船": {"target": 4.0}, "小売": {"target": 5.0}}}
    agree({"name": "Calls", "breakdowns": parts}, {"name": "Visits"})
    form = sent(client.get(here).text, f"{here}/review")
    form |= {"actual.0": ["9"], "actual.0.0.1": ["6"], "actual.1": ["7"], "by": ["Sato"]}
    form |= {"quantity": ["yes"], "quality": ["yes"], "analysis": ["It helped"]}
    fewer = {"industry": {"小売": {"target": 5.0}}}
    agree({"name": "Complaints"}, {"name": "Calls", "breakdowns": fewer})
    page = client.post(f"{here}/review", data=form)
    assert page.status_code == 422
    assert 'id="actual.0-error"' in page.text
    assert "“Visits” is no longer among them" in page.text
    assert kept() == {"Complaints": (None, {}), "Calls": (None, fewer)}
    form = sent(page.text, f"{here}/review")
    assert (form["actual.1"], form["actual.1.0.0"]) == (["9"], ["6"])
    assert form["analysis"] == ["It helped"]
    answer = client.post(f"{here}/review", data=form | {"actual.0": ["3"]})
    assert answer.status_code == 303
    read = {"industry": {"小売": {"target": 5.0, "actual": 6.0}}}
    assert kept() == {"Complaints": (3, {}), "Calls": (9, read)}


def test_a_success_lists_whom_to_propose_it_to(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    test_a_review_reads_numbers_before_opinions(client, engine, made)
    assert "Swap shifts" in client.get("/spread").text
    page = client.get(f"/spread/{made.item}").text
    assert "3 companies raised its themes" in page
    assert "Swap fails company 2" in page
    assert "3社" in client.get(f"/spread/{made.item}?lang=ja").text
    with reading(engine) as session:
        assert session.exec(select(Routing)).all() == []


def test_a_success_is_developed_in_one_of_four_directions(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/outcomes/{made.item}"
    body = {"direction": "leaner_process", "title": "Swaps by phone", "by": "Sato"}
    assert client.post(f"{here}/developments", data=body).status_code == 409
    test_a_review_reads_numbers_before_opinions(client, engine, made)
    page = client.post(f"{here}/developments", data={"direction": "sideways"})
    assert page.status_code == 422
    for name in ("direction", "title", "by"):
        assert f'id="{name}-error"' in page.text, name
    answer = client.post(f"{here}/developments", data=body)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "Leaner process" in page
    assert f'href="{here}"' in page
    assert "Swaps by phone" in client.get(here).text
    assert "最適化" in client.get(f"{here}?lang=ja").text


def test_a_long_inbox_is_leafed_through(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        put_department(session, "dev", {"name_ja": "開発部", "name_en": "Engineering"})
        dev = inbox.department(session, "dev")
        for number in range(120):
            theme = add_theme(session, f"Theme number {number:03d}")
            state = RoutingState.TRIAGE if number >= 60 else RoutingState.WAITING
            session.add(
                Routing(
                    theme_id=theme.id,
                    department_id=dev.id if state is RoutingState.WAITING else None,
                    confidence=0.5,
                    decided_by=DecidedBy.CLASSIFIER,
                    state=state,
                )
            )
    for path, offset in (("/inbox/dev", 0), ("/triage", 60)):
        page = client.get(path).text
        assert "60 entries" in page
        told = re.findall(r"Theme number (\d+)", page)
        assert told == [f"{offset + n:03d}" for n in range(50)]
        (more,) = re.findall(r'href="([^"]*)" rel="next"', page)
        rest = client.get(more).text
        told = re.findall(r"Theme number (\d+)", rest)
        assert told == [f"{offset + n:03d}" for n in range(50, 60)]
        (back,) = re.findall(r'href="([^"]*)" rel="prev"', rest)
        assert client.get(back).text.count("Theme number") == 50
        assert 'rel="next"' not in rest
        name = "entries" if offset == 0 else "triage"
        assert client.get(f"{path}?table={name}").text.count("Theme number") == 60, "a file has all"
    assert client.get("/inbox/dev?start=x").text.count("Theme number") == 50

"""One sheet for a board: what rose, what waits, what worked, numbers, words, renewals."""

from __future__ import annotations

import datetime as dt
import uuid

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from tests.api.records import add_customer, say
from tests.ui.planned import HIDEOUS, Plan
from vocloop.roadmap import backlog, decisions, outcomes
from vocloop.roadmap.audit import Author
from vocloop.success import goals
from vocloop_models import Feedback, GoalMetric, ItemState, RatingScale, Theme, Verdict, now
from vocloop_models.database import transaction


def ship(session: Session, item: uuid.UUID) -> None:
    by = Author("Takahashi")
    outcomes.agree(session, item, [{"name": "Calls", "unit": "", "baseline": 9, "target": 2}], by)
    decisions.decide(session, item, Verdict.APPROVE, "Now", by, agree_as_customer=True)
    for state in (ItemState.IN_PROGRESS, ItemState.SHIPPED):
        backlog.move(session, item, state, by)


def test_without_voices_there_is_nothing_to_report(client: TestClient) -> None:
    page = client.get("/briefing")
    assert page.status_code == 200
    assert "There is nothing to report yet" in page.text
    assert "まだ報告することがありません" in client.get("/briefing?lang=ja").text


def test_the_sheet_tells_what_rose_and_what_waits(client: TestClient, made: Plan) -> None:
    page = client.get("/briefing").text
    assert "2 themes clearly rose" in page  # 7 of their companies were heard lately, none before
    assert "2 items wait for a decision" in page
    assert "proposed for Q" in page
    assert "not in the proposal" in page
    assert "Nothing has shipped yet" in page
    ja = client.get("/briefing?lang=ja").text
    assert "決定を待つ項目は2件です。" in ja
    assert "シフトを交換できるようにする" in ja


def test_it_tells_what_worked_numbers_and_renewals(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    with transaction(engine) as session:
        ship(session, made.item)
        customer = add_customer(session, HIDEOUS)
        customer.renewal_on = now().date() + dt.timedelta(days=30)
        customer.arr = 61_000_000
        theme = session.get_one(Theme, made.other)
        say(session, "Login fails again", theme=theme, customer=customer)
        for number in range(12):
            voice = session.get_one(Feedback, say(session, f"Rated {number}").feedback_id)
            voice.rating, voice.rating_scale = 9.0 if number < 6 else 3.0, RatingScale.NPS
            voice.said_at = now()
    page = client.get("/briefing").text
    assert "review waits" in page
    assert "NPS" in page
    assert "12</td>" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "¥61 M" in page
    assert "1 item waits for a decision" in page


def test_a_number_stands_against_the_goal_that_is_due_next(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    today = now().date()
    with transaction(engine) as session:
        for number in range(12):
            voice = session.get_one(Feedback, say(session, f"Rated {number}").feedback_id)
            voice.rating, voice.rating_scale = float(5 if number < 9 else 2), RatingScale.CSAT
            voice.said_at = now()
    assert "No goal is set for them" in client.get("/briefing").text
    with transaction(engine) as session:
        for name, target, days in (("over", 60, -9), ("next", 85, 30), ("later", 95, 300)):
            due = today + dt.timedelta(days=days)
            goals.add(session, name, GoalMetric.CSAT, target, due_on=due)
    page = client.get("/briefing").text
    assert "<b>75%</b>" in page, "the share of satisfied answers, as on /numbers"
    assert "85%</td>" in page
    assert 'class="aim"' in page

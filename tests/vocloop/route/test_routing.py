"""Themes and urgent feedback reach departments; people's word stands."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.fakes import WordEncoder
from tests.meanwhile import at_once
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError
from vocloop.route import inbox, routing
from vocloop.route.hours import due
from vocloop.themes import facts
from vocloop.themes.undo import undo
from vocloop.worker.routing import Router
from vocloop_models import (
    AssignedBy,
    DecidedBy,
    Department,
    Feedback,
    FeedbackState,
    Priority,
    Routing,
    RoutingEvent,
    RoutingState,
    RuleField,
    Statement,
    StatementVector,
    Theme,
    ThemeMembership,
)
from vocloop_models.database import reading, transaction

WORK = {day: ["09:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
FRIDAY_17 = dt.datetime(2026, 9, 11, 8, tzinfo=dt.UTC)  # 17:00 in Tokyo
ENCODER = WordEncoder()


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Two departments; a theme about exports, an urgent voice about prices, a theme of both."""
    with transaction(engine) as session:
        for key, text in (("engineering", "export csv stops"), ("sales", "price renewal quote")):
            session.add(
                Department(key=key, name_ja=key, name_en=key, description_en=text, answer_within=4)
            )
        said = [
            ("export csv stops again", 1, None),
            ("csv export again", 1, None),
            ("renewal price", None, Priority.URGENT),
            ("lunch menu", 2, None),
        ]
        themes = {n: Theme(number=n, title_en=str(n)) for n in (1, 2)}
        session.add_all(themes.values())
        session.flush()
        vectors = ENCODER.encode([text for text, *_ in said])
        for i, (text, theme, priority) in enumerate(said):
            feedback = Feedback(
                source="desk",
                external_id=str(i),
                text=text,
                language="en",
                priority=priority,
                tags=["Food"] if theme == 2 else [],
                state=FeedbackState.THEMED,
            )
            session.add(feedback)
            session.flush()
            statement = Statement(feedback_id=feedback.id, position=0, text=text, language="en")
            session.add(statement)
            session.flush()
            packed = vectors[i].astype("<f2").tobytes()
            session.add(
                StatementVector(statement_id=statement.id, encoder=ENCODER.name, vector=packed)
            )
            if theme is not None:
                session.add(
                    ThemeMembership(
                        statement_id=statement.id,
                        theme_id=themes[theme].id,
                        confidence=1,
                        assigned_by=AssignedBy.RUN,
                    )
                )
    return engine


def work(engine: Engine, router: Router | None = None) -> int:
    return (router or Router()).some(engine, lambda: ENCODER)


def routed(engine: Engine) -> dict[str, Routing]:
    with reading(engine) as session:
        numbers = {t.id: str(t.number) for t in session.exec(select(Theme))}
        return {
            numbers[r.theme_id] if r.theme_id else "urgent": r
            for r in session.exec(select(Routing))
        }


def owner(engine: Engine, routing: Routing) -> str | None:
    with reading(engine) as session:
        found = session.get(Department, routing.department_id) if routing.department_id else None
        return found.key if found else None


def test_themes_and_urgent_voices_go_where_descriptions_point(company: Engine) -> None:
    router = Router()
    assert work(company, router) == 3
    found = routed(company)
    assert owner(company, found["1"]) == "engineering"
    assert owner(company, found["urgent"]) == "sales"
    assert found["1"].due_at is not None
    assert work(company, router) == 0, "what was routed and did not change is left alone"


def test_two_workers_at_once_route_each_theme_once(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if company.dialect.name != "postgresql":
        pytest.skip("SQLite has one worker")
    both_know, pending = threading.Barrier(2), routing.pending

    def known_to_both(*given: Any) -> Sequence[Any]:
        found = pending(*given)
        both_know.wait()
        return found

    monkeypatch.setattr(routing, "pending", known_to_both)
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(work, company) for _ in range(2)]
        assert [each.exception() for each in done] == [None, None]
    with reading(company) as session:
        owners = [each.theme_id or each.feedback_id for each in session.exec(select(Routing))]
        events = session.exec(select(RoutingEvent.routing_id)).all()
    assert owners
    assert len(set(owners)) == len(owners)
    assert len(set(events)) == len(events) == len(owners)


def test_a_rule_comes_before_the_classifier(company: Engine) -> None:
    with transaction(company) as session:
        inbox.add_rule(session, RuleField.TAG, "food", "sales")
        inbox.add_rule(session, RuleField.KEYWORD, "CSV", "sales")
    work(company)
    found = routed(company)
    for name in ("1", "2"):
        assert (owner(company, found[name]), found[name].decided_by) == ("sales", DecidedBy.RULE)


def test_what_nobody_is_sure_of_waits_in_triage(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocloop.route.routing.SURE", 1.1)
    work(company)
    with reading(company) as session:
        assert len(inbox.triage(session)) == 3
        assert not inbox.inbox(session, "sales")


def test_a_person_who_decides_while_the_worker_routes_is_not_overruled(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(company)
    theme, decide = routed(company)["1"].id, routing._decide
    with transaction(company) as session:
        inbox.add_rule(session, RuleField.KEYWORD, "CSV", "engineering")
    assigned: list[Future[None]] = []

    def assign() -> None:
        with transaction(company) as session:
            inbox.assign(session, theme, "sales", by="Sato")

    with ThreadPoolExecutor(1) as pool:

        def decided_meanwhile(*given: Any) -> None:
            if not assigned:
                assigned.append(pool.submit(assign))
                wait(assigned, 0.3)
            decide(*given)

        monkeypatch.setattr(routing, "_decide", decided_meanwhile)
        work(company)
        assigned[0].result(10)
    found = routed(company)["1"]
    assert (owner(company, found), found.decided_by) == ("sales", DecidedBy.PERSON)


def test_a_person_is_not_overruled_and_teaches(company: Engine) -> None:
    work(company)
    theme = routed(company)["1"]
    with transaction(company) as session:
        inbox.assign(session, theme.id, "sales", "Aki")
    work(company)
    again = routed(company)
    assert (owner(company, again["1"]), again["1"].decided_by) == ("sales", DecidedBy.PERSON)
    with reading(company) as session:
        kinds = [event.kind.value for event in inbox.history(session, theme.id)]
    assert kinds == ["routed", "assigned"]


def test_statements_listen_to_each_other_and_to_what_people_decided(company: Engine) -> None:
    work(company)
    with transaction(company) as session:
        inbox.assign(session, routed(company)["1"].id, "sales", "Aki")
    with reading(company) as session:
        known = routing.setup(session)
        assert known is not None
        told = routing.described(known, ENCODER.encode)
        ready = routing.taught(session, known, told, ENCODER.name)
        assert ready is not None
        texts = {s.id: s.text for s in session.exec(select(Statement))}
    pool = ready.machine.pool.odds
    assert sorted(ready.rows.values()) == list(range(len(texts)))
    decided = {texts[s] for s, row in ready.rows.items() if pool[row].max() == 1}
    assert decided == {"export csv stops again", "csv export again"}
    sales = [department.key for department in known.departments].index("sales")
    assert (pool[:2, sales] == 1).all()


def test_an_inbox_is_accepted_handed_over_and_answered(company: Engine) -> None:
    work(company)
    theme = routed(company)["1"].id
    with transaction(company) as session:
        with pytest.raises(InvalidInputError, match="reason"):
            inbox.hand_over(session, theme, "sales", " ")
        inbox.hand_over(session, theme, "sales", "it is about the plan", "Aki")
        with pytest.raises(ConflictError, match="already"):
            inbox.hand_over(session, theme, "sales", "again")
        assert theme in [r.id for r in inbox.inbox(session, "sales")]
        assert inbox.accept(session, theme).state is RoutingState.ACCEPTED
        inbox.answer(session, theme, "From May on.")
        with pytest.raises(ConflictError, match="in no inbox"):
            inbox.accept(session, theme)
        with pytest.raises(NotFoundError, match="no department"):
            inbox.inbox(session, "nobody")


def test_overdue_is_told_once_and_ends_with_the_answer(company: Engine) -> None:
    work(company)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=9)
    with transaction(company) as session:
        raised = inbox.raise_overdue(session, later)
        assert raised
        assert inbox.raise_overdue(session, later) == []
        for alert in raised:
            inbox.answer(session, alert.routing_id, "done")
        assert not inbox.alerts(session)


def test_what_a_machine_takes_from_a_department_is_overdue_there_no_more(company: Engine) -> None:
    work(company)
    theme = routed(company)["1"].id
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=9)
    with transaction(company) as session:
        assert theme in {late.routing_id for late in inbox.raise_overdue(session, later)}
        inbox.add_rule(session, RuleField.KEYWORD, "CSV", "sales")
    work(company)
    assert owner(company, routed(company)["1"]) == "sales"
    with reading(company) as session:
        assert theme not in {late.routing_id for late in inbox.alerts(session)}


def test_what_is_answered_meanwhile_is_not_overdue(company: Engine) -> None:
    work(company)
    theme = routed(company)["1"].id
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=9)

    def answer(session: Session) -> None:
        inbox.answer(session, theme, "done")

    def look(session: Session) -> None:
        inbox.raise_overdue(session, later)

    assert at_once(company, answer, look) is None
    with reading(company) as session:
        assert theme not in {late.routing_id for late in inbox.alerts(session)}


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (FRIDAY_17, 1.0, dt.datetime(2026, 9, 11, 9, tzinfo=dt.UTC)),
        (FRIDAY_17, 2.0, dt.datetime(2026, 9, 14, 1, tzinfo=dt.UTC)),  # Monday 10:00 in Tokyo
        (FRIDAY_17 + dt.timedelta(days=1), 9.0, dt.datetime(2026, 9, 14, 9, tzinfo=dt.UTC)),
    ],
)
def test_answers_are_due_in_working_hours(
    start: dt.datetime, hours: float, expected: dt.datetime
) -> None:
    assert due(start, hours, WORK, "Asia/Tokyo") == expected


def test_without_working_hours_the_clock_never_stops() -> None:
    assert due(FRIDAY_17, 30, {}, "UTC") == FRIDAY_17 + dt.timedelta(hours=30)


def test_a_theme_that_is_no_more_waits_for_nobody(company: Engine) -> None:
    work(company)
    routing, moment = routed(company)["1"], dt.datetime.now(dt.UTC) + dt.timedelta(days=9)
    with transaction(company) as session:
        other = session.exec(select(Theme.id).where(Theme.number == 2)).one()
        key = inbox.department(session, "engineering").id
        assert routing.theme_id is not None
        merged = facts.merge(session, routing.theme_id, other)
        assert routing.id not in {late.routing_id for late in inbox.raise_overdue(session, moment)}
        assert inbox.inbox(session, "engineering") == []
        assert (inbox.how_many(session, "engineering"), inbox.loads(session).get(key)) == (0, None)
        undo(session, merged.id)
        assert inbox.how_many(session, "engineering") == inbox.loads(session)[key].open == 1
        assert [late.routing_id for late in inbox.raise_overdue(session, moment)] == [routing.id]
        facts.not_a_theme(session, routing.theme_id)
        assert routing.id not in {late.routing_id for late in inbox.alerts(session)}
        session.get_one(Routing, routing.id).state = RoutingState.TRIAGE
        assert inbox.in_triage(session) == len(inbox.triage(session)) == 0

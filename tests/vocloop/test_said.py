"""Who said what when is kept in memory, and what the database holds is what is told."""

from __future__ import annotations

import datetime as dt
import uuid

import numpy as np
import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import Session, col

from vocloop import said as module
from vocloop.said import NO_THEME, Said, said
from vocloop.themes.placing import put
from vocloop_models import (
    AssignedBy,
    Customer,
    CustomerMerge,
    Feedback,
    MergeReason,
    Statement,
    Theme,
    ThemeMembership,
    now,
)
from vocloop_models.database import reading, transaction

DAY = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
ALWAYS = DAY - dt.timedelta(days=9_999), DAY + dt.timedelta(days=9_999)


def say(
    session: Session, customer: uuid.UUID | None, theme: uuid.UUID | None, days: int = 0
) -> uuid.UUID:
    count = str(uuid.uuid4())
    feedback = Feedback(
        source="t" if days else "u",
        external_id=count,
        text="x",
        language="ja",
        customer_id=customer,
        said_at=DAY + dt.timedelta(days=days),
    )
    session.add(feedback)
    session.flush()
    statement = Statement(feedback_id=feedback.id, position=0, text="x", language="ja")
    session.add(statement)
    session.flush()
    if theme:
        session.add(
            ThemeMembership(
                statement_id=statement.id,
                theme_id=theme,
                confidence=1,
                assigned_by=AssignedBy.ARRIVAL,
            )
        )
    session.flush()
    return statement.id


@pytest.fixture
def themes(engine: Engine) -> list[uuid.UUID]:
    with transaction(engine) as session:
        made = [Theme(number=n) for n in (1, 2)]
        session.add_all(made)
        return [theme.id for theme in made]


@pytest.fixture
def customers(engine: Engine) -> list[uuid.UUID]:
    with transaction(engine) as session:
        made = [Customer(name=name) for name in "ABC"]
        session.add_all(made)
        return [customer.id for customer in made]


def kept(engine: Engine) -> Said:
    with reading(engine) as session:
        return said(session)


def companies(engine: Engine) -> dict[uuid.UUID, int]:
    known = kept(engine)
    return known.companies_of_themes(known.between(*ALWAYS))


def test_companies_count_once_and_unnamed_voices_each(
    engine: Engine, themes: list[uuid.UUID], customers: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        for customer in (customers[0], customers[0], customers[1], None, None):
            say(session, customer, themes[0])
        say(session, customers[0], None)
    assert companies(engine) == {themes[0]: 4}
    known = kept(engine)
    assert known.company_count(known.between(*ALWAYS)) == 4
    assert int(known.named.sum()) == 4


def test_a_period_ends_before_its_end(
    engine: Engine, themes: list[uuid.UUID], customers: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        for days, customer in enumerate(customers):
            say(session, customer, themes[0], days)
    known = kept(engine)
    rows = known.between(DAY, DAY + dt.timedelta(days=2))
    assert known.companies_of_themes(rows) == {themes[0]: 2}


def test_it_reads_only_what_came_since(
    engine: Engine,
    themes: list[uuid.UUID],
    customers: list[uuid.UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction(engine) as session:
        say(session, customers[0], themes[0])
        waiting = say(session, customers[1], None)
    assert companies(engine) == {themes[0]: 1}

    def refuse(*_: object) -> None:
        raise AssertionError("all was read again")

    monkeypatch.setattr(module, "_read_anew", refuse)
    with transaction(engine) as session:
        say(session, customers[2], themes[0])
        session.add(
            ThemeMembership(
                statement_id=waiting,
                theme_id=themes[1],
                confidence=1,
                assigned_by=AssignedBy.ARRIVAL,
            )
        )
    assert companies(engine) == {themes[0]: 2, themes[1]: 1}
    with transaction(engine) as session:
        put(session, [waiting], themes[0])
    assert companies(engine) == {themes[0]: 3}


def test_what_is_gone_or_leaves_its_theme_is_counted_no_more(
    engine: Engine, themes: list[uuid.UUID], customers: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        first, second, third = (say(session, each, themes[0]) for each in customers)
    assert companies(engine) == {themes[0]: 3}
    with transaction(engine) as session:
        put(session, [first], None)
        say(session, customers[0], themes[1])  # as many as before
    assert companies(engine) == {themes[0]: 2, themes[1]: 1}
    with transaction(engine) as session:
        session.exec(delete(ThemeMembership).where(col(ThemeMembership.statement_id) == second))
        session.exec(delete(Statement).where(col(Statement.id) == second))
        say(session, customers[0], themes[1])
    assert companies(engine) == {themes[0]: 1, themes[1]: 1}
    assert third


def test_customers_that_became_one_count_once(
    engine: Engine, themes: list[uuid.UUID], customers: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        say(session, customers[0], themes[0])
        say(session, customers[1], themes[0])
    assert companies(engine) == {themes[0]: 2}
    with transaction(engine) as session:
        merge = CustomerMerge(
            kept_id=customers[0],
            other_id=customers[1],
            reason=MergeReason.SAME_NAME,
            decided_at=now(),
        )
        session.add(merge)
        session.exec(update(Feedback).values(customer_id=customers[0]))
    assert companies(engine) == {themes[0]: 1}


def test_what_was_rolled_back_is_not_kept(
    engine: Engine, themes: list[uuid.UUID], customers: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        say(session, customers[0], themes[0])
    with transaction(engine) as session:
        nested = session.begin_nested()
        say(session, customers[1], themes[0])
        assert len(said(session).theme) == 2
        nested.rollback()
    with transaction(engine) as session:
        say(session, customers[0], themes[1])
    assert companies(engine) == {themes[0]: 1, themes[1]: 1}


def test_all_conditions_hold_for_one_voice(
    engine: Engine, themes: list[uuid.UUID], customers: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        say(session, customers[0], themes[0], 5)
        say(session, customers[1], themes[1])
        say(session, customers[0], themes[1])
    known = kept(engine)

    def passing(**asked: object) -> list[uuid.UUID]:
        every = {"source": None, "since": None, "companies": None}
        return known.themes_said(**(every | asked))  # type: ignore[arg-type]

    assert passing(companies=[customers[0]]) == themes
    assert passing(companies=[customers[0]], since=DAY + dt.timedelta(days=1)) == [themes[0]]
    assert passing(source="u", companies=customers[:1]) == [themes[1]]
    assert passing(source="nobody") == []
    assert passing(companies=[]) == []


def test_an_empty_database_says_nothing(engine: Engine) -> None:
    known = kept(engine)
    assert len(known.theme) == 0
    assert known.companies_of_themes(known.theme == NO_THEME) == {}
    assert not np.any(known.of_theme(uuid.uuid4()))

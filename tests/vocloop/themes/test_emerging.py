"""Between two runs a new theme comes up at once, and the next run knows it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.fakes import WordEncoder
from tests.vocloop.worker.voices import add_voices
from vocloop.intake.removal import remove_feedback
from vocloop.themes import emerging
from vocloop.themes.facts import move, not_a_theme
from vocloop.worker.worker import Worker
from vocloop_models import (
    Feedback,
    Statement,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
)
from vocloop_models.database import reading, transaction

EACH = 70


def settle(engine: Engine, *, runs: bool = True) -> Worker:
    worker = Worker(engine, WordEncoder)
    for _ in range(100):
        if not runs:
            worker._enqueue_when_due = lambda: False  # type: ignore[method-assign]
        if not worker.step():
            return worker
    raise AssertionError("the worker finds no rest")


def report(session: Session, count: int, start: int = 0) -> list[uuid.UUID]:
    """Voices on something new."""
    ids = []
    for i in range(start, start + count):
        text = f"invoice tax rate rounding cents {i}"
        feedback = Feedback(source="new", external_id=str(i), text=text, language="en")
        session.add(feedback)
        session.flush()
        said = Statement(feedback_id=feedback.id, position=0, text=text, language="en")
        session.add(said)
        session.flush()
        ids.append(said.id)
    return ids


@pytest.fixture
def running(engine: Engine) -> Engine:
    with transaction(engine) as session:
        add_voices(session, EACH)
    settle(engine)
    return engine


def themes(engine: Engine) -> list[Theme]:
    with reading(engine) as session:
        return list(session.exec(select(Theme).order_by(Theme.number)))  # type: ignore[arg-type]


def test_it_is_born_with_a_title_and_an_area_and_lives_on(running: Engine) -> None:
    before = themes(running)
    with transaction(running) as session:
        ids = report(session, 9)
    settle(running, runs=False)
    (born,) = themes(running)[len(before) :]
    with reading(running) as session:
        held = {session.get_one(ThemeMembership, i).theme_id for i in ids}
        (event,) = session.exec(select(ThemeEvent).where(ThemeEvent.theme_id == born.id)).all()
    assert held == {born.id}
    assert (event.kind, event.run_id) == (ThemeEventKind.BORN, None)
    assert event.detail == {"statements": 9, "found": "between runs"}
    assert born.title_en
    assert born.area_id is not None
    Worker(running, WordEncoder).refresh_themes()
    with reading(running) as session:
        assert {session.get_one(ThemeMembership, i).theme_id for i in ids} == {born.id}
    assert len(themes(running)) == len(before) + 1


def test_what_is_erased_meanwhile_is_born_of_nothing(
    running: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, named = len(themes(running)), emerging._named
    with transaction(running) as session:
        gone = report(session, 10)[0]

    def erased_meanwhile(*given: Any) -> Any:
        with transaction(running) as session:
            said = session.get(Statement, gone)
            if said is not None:
                remove_feedback(session, [said.feedback_id])
        return named(*given)

    monkeypatch.setattr(emerging, "_named", erased_meanwhile)
    settle(running, runs=False)
    assert len(themes(running)) == before
    with transaction(running) as session:
        report(session, 1, start=10)
    settle(running, runs=False)
    (born,) = themes(running)[before:]
    with reading(running) as session:
        held = select(ThemeMembership).where(ThemeMembership.theme_id == born.id)
        assert len(session.exec(held).all()) == 10


def test_too_few_wait(running: Engine) -> None:
    before = len(themes(running))
    with transaction(running) as session:
        report(session, 5)
    settle(running, runs=False)
    assert len(themes(running)) == before


def test_what_people_called_no_theme_does_not_come_back(running: Engine) -> None:
    with transaction(running) as session:
        report(session, 9)
    settle(running, runs=False)
    known = themes(running)
    with transaction(running) as session:
        not_a_theme(session, known[-1].id)
        more = report(session, 7, start=9)
    settle(running, runs=False)
    assert len(themes(running)) == len(known)
    with reading(running) as session:
        assert any(session.get(ThemeMembership, i) is None for i in more)


def test_statements_that_people_took_out_are_left_alone(running: Engine) -> None:
    before = len(themes(running))
    with transaction(running) as session:
        move(session, report(session, 9), None)
    settle(running, runs=False)
    assert len(themes(running)) == before

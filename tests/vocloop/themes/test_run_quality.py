"""What a real run keeps of its quality, and what the dial does to it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.fakes import WordEncoder
from tests.vocloop.worker.voices import add_voices
from vocloop.themes.facts import move
from vocloop.themes.placing import members
from vocloop.themes.refresh import load, refresh
from vocloop.themes.spot_checks import open_checks
from vocloop.themes.standing import standing_of
from vocloop.worker import pipeline
from vocloop_models import Feedback, Statement, Theme, ThemeMembership, ThemeProposal
from vocloop_models.database import reading, transaction

ENCODER = WordEncoder()


@pytest.fixture
def encoded(engine: Engine) -> Engine:
    with transaction(engine) as session:
        add_voices(session, 20)
        for i in range(6):
            text = f"lonely thing {i} {'abcdef'[i] * 5} {'uvwxyz'[i] * 6}"
            session.add(
                feedback := Feedback(source="x", external_id=str(i), text=text, language="en")
            )
            session.flush()
            session.add(Statement(feedback_id=feedback.id, position=0, text=text, language="en"))
    while pipeline.encode_some(engine, ENCODER):
        pass
    return engine


def held(session: Session) -> dict[object, object]:
    return dict(session.exec(select(ThemeMembership.statement_id, ThemeMembership.theme_id)).all())


def test_a_run_tells_how_good_it_is(encoded: Engine) -> None:
    run = refresh(encoded, ENCODER.name)
    with reading(encoded) as session:
        themes = session.exec(select(Theme)).all()
        standing = standing_of(session)
        first = standing_of(session, 2).themes
        checks = open_checks(session)
        assert load(session, ENCODER.name).vectors.dtype == "float16"
        proposals = session.exec(select(ThemeProposal)).all()
    assert all(theme.area_id for theme in themes)
    assert len(checks) == 50
    (figures,) = standing.runs
    assert figures.run_id == run.id
    assert figures.languages == {"en": 36, "ja": 30}
    assert figures.stability is not None
    assert 0.5 < figures.stability <= 1
    assert figures.mixed is not None
    assert 0.5 <= figures.mixed <= 1
    assert {row.theme.id for row in standing.themes} == {theme.id for theme in themes}
    assert first == standing.themes[:2]
    assert len(standing.themes) > 2
    assert len(proposals) == len(standing.near_duplicates)
    assert run.quality["usual_nearness"] > 0


def test_the_dial_leaves_out_the_least_sure_and_keeps_what_people_placed(
    encoded: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(encoded, ENCODER.name)
    with transaction(encoded) as session:
        theme = session.exec(select(Theme)).first()
        assert theme is not None
        placed = members(session, theme.id)
        move(session, placed, theme.id)
    monkeypatch.setenv("VOCLOOP_UNASSIGNED_SHARE", "0.5")
    run = refresh(encoded, ENCODER.name)
    with reading(encoded) as session:
        assert set(members(session, theme.id)) == set(placed)
        first = held(session)
        assert {len(members(session, t.id)) >= 3 for t in session.exec(select(Theme))} == {True}
    assert run.unassigned == pytest.approx(33, abs=1)
    assert run.quality["dial"]["reached"] == pytest.approx(0.5, abs=0.01)
    assert run.quality["dial"]["asked"] == 0.5
    refresh(encoded, ENCODER.name)
    with reading(encoded) as session:
        assert held(session) == first
    monkeypatch.delenv("VOCLOOP_UNASSIGNED_SHARE")
    assert refresh(encoded, ENCODER.name).unassigned < 33

"""Corrections, marks, priorities, ratings and outcomes in the database teach severity."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import numpy as np
import pytest
from sqlmodel import Session, select

from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.score.severity_store import MIN_LABELS, correct, known, learn_severity, withdraw
from vocloop.score.snapshot import score_themes
from vocloop_models import (
    AssignedBy,
    Customer,
    Feedback,
    Priority,
    RatingScale,
    SeverityLesson,
    Statement,
    StatementVector,
    Theme,
    ThemeMembership,
    ThemeScore,
)

ENCODER = "test"
SAID = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@dataclass
class Desk:
    """A theme of statements whose words say nothing; vectors lean to the side of the first half."""

    session: Session
    statements: list[uuid.UUID]
    theme: uuid.UUID

    def fields(self, i: int) -> Feedback:
        statement = self.session.get(Statement, self.statements[i])
        assert statement is not None
        found = self.session.get(Feedback, statement.feedback_id)
        assert found is not None
        return found

    def severity(self) -> ThemeScore:
        score_themes(self.session)
        self.session.expire_all()
        return self.session.exec(select(ThemeScore)).one()


@pytest.fixture
def desk(session: Session) -> Desk:
    theme = Theme(number=1, title_en="approval")
    session.add(theme)
    session.flush()
    random = np.random.default_rng(0)
    ids = []
    for i in range(2 * MIN_LABELS):
        vector = random.normal(size=8) / 4 + (np.eye(8)[0] if i < MIN_LABELS else -np.eye(8)[0])
        feedback = Feedback(
            source="desk", external_id=str(i), text="form 7", language="en", said_at=SAID
        )
        session.add(feedback)
        session.flush()
        statement = Statement(feedback_id=feedback.id, position=0, text="form 7", language="en")
        session.add(statement)
        session.flush()
        session.add(
            StatementVector(
                statement_id=statement.id,
                encoder=ENCODER,
                vector=(vector / np.linalg.norm(vector)).astype("<f2").tobytes(),
            )
        )
        session.add(
            ThemeMembership(
                statement_id=statement.id,
                theme_id=theme.id,
                confidence=1,
                assigned_by=AssignedBy.RUN,
            )
        )
        ids.append(statement.id)
    session.flush()
    return Desk(session, ids, theme.id)


def mark(desk: Desk, field: str, first: object, second: object) -> None:
    """Half of the rows of each side get a label, so that the other half can follow."""
    for i in range(0, len(desk.statements), 2):
        setattr(desk.fields(i), field, first if i < MIN_LABELS else second)
    desk.session.flush()


@pytest.mark.parametrize(
    ("kind", "field", "first", "second"),
    [
        ("mark", "severity_mark", 4, 1),
        ("priority", "priority", Priority.URGENT, Priority.LOW),
    ],
)
def test_statements_like_those_that_people_called_severe_become_severe(
    desk: Desk, kind: str, field: str, first: object, second: object
) -> None:
    mark(desk, field, first, second)
    lesson = learn_severity(desk.session, ENCODER)
    assert lesson is not None
    assert lesson.labels == {kind: MIN_LABELS}
    assert lesson.used
    assert lesson.after > lesson.before + 0.2
    worst = desk.severity().evidence["severity"]["worst"][0]
    assert "workspace" in worst["signals"]
    found = known(desk.session)
    unlabelled = [found[str(s)].teaching for s in desk.statements[1::2]]
    odds = [t.nearby for t in unlabelled if t is not None]
    assert min(odds[: MIN_LABELS // 2]) > max(odds[MIN_LABELS // 2 :])


def test_ratings_and_customers_who_left_teach_too(desk: Desk) -> None:
    mark(desk, "rating", 1.0, 5.0)
    mark(desk, "rating_scale", RatingScale.CSAT, RatingScale.CSAT)
    customer = Customer(name="Gone", until=(SAID + dt.timedelta(days=30)).date())
    desk.session.add(customer)
    desk.session.flush()
    desk.fields(1).customer_id = customer.id
    desk.session.flush()
    lesson = learn_severity(desk.session, ENCODER)
    assert lesson is not None
    assert lesson.labels == {"left": 1, "rating": MIN_LABELS}


def test_labels_that_say_nothing_about_the_words_are_not_used(desk: Desk) -> None:
    for i in range(len(desk.statements)):
        desk.fields(i).severity_mark = 1 + (i * 7919 % 13) % 4
    desk.session.flush()
    lesson = learn_severity(desk.session, ENCODER)
    assert lesson is not None
    assert not lesson.used
    assert all(each.teaching is None for each in known(desk.session).values())


def test_few_labels_teach_nothing_and_what_was_learned_before_is_forgotten(desk: Desk) -> None:
    mark(desk, "severity_mark", 4, 1)
    assert learn_severity(desk.session, ENCODER) is not None
    mark(desk, "severity_mark", None, None)
    assert learn_severity(desk.session, ENCODER) is None
    desk.session.expire_all()
    assert all(row.learned is None for row in desk.session.exec(select(SeverityLesson)))
    assert known(desk.session) == {}


def test_a_lesson_of_another_encoder_is_left_alone(desk: Desk) -> None:
    mark(desk, "severity_mark", 4, 1)
    assert learn_severity(desk.session, "other") is None


def test_a_correction_stands_whatever_the_signals_say(desk: Desk) -> None:
    before = desk.severity().severity
    for statement in desk.statements:
        correct(desk.session, statement, 0.9, by="kato")
    score = desk.severity()
    assert score.severity == pytest.approx(0.9, abs=0.001) != before
    assert "correction" in score.evidence["severity"]["worst"][0]["signals"]
    for statement in desk.statements:
        withdraw(desk.session, statement)
    assert desk.severity().severity == before


def test_a_correction_can_be_changed_and_is_checked(desk: Desk) -> None:
    correct(desk.session, desk.statements[0], 0.2)
    assert correct(desk.session, desk.statements[0], 0.7).severity == 0.7
    with pytest.raises(InvalidInputError, match="from 0 to 1"):
        correct(desk.session, desk.statements[0], 1.5)
    with pytest.raises(NotFoundError, match="no statement"):
        correct(desk.session, uuid.uuid4(), 0.5)
    with pytest.raises(NotFoundError, match="nobody corrected"):
        withdraw(desk.session, desk.statements[1])

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, col, select

from vocloop_models import Channel, Feedback, Statement, first_id, new_id, now
from vocloop_models.bulk import among
from vocloop_models.database import transaction

TOKYO = dt.timezone(dt.timedelta(hours=9))


def feedback(**changes: object) -> Feedback:
    return Feedback(
        **{"source": "desk", "external_id": "1", "text": "止まる", "language": "ja"} | changes
    )


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


def test_the_first_id_of_a_moment_stands_between_those_before_and_after() -> None:
    before = new_id()
    time.sleep(0.01)
    moment = now()
    time.sleep(0.01)
    assert before < first_id(moment) < new_id()


def test_rows_are_found_among_more_ids_than_a_statement_may_have_parameters(
    session: Session,
) -> None:
    rows = [feedback(external_id=str(number)) for number in range(3)]
    session.add_all(rows)
    session.flush()

    def found(ids: Sequence[uuid.UUID]) -> set[str]:
        query = select(Feedback.external_id).where(among(session, col(Feedback.id), ids))
        return set(session.exec(query))

    others = [new_id() for _ in range(70_000)]
    assert found([]) == found(others) == set()
    assert found([rows[0].id, *others, rows[2].id, rows[2].id]) == {"0", "2"}


def test_a_time_comes_back_in_utc_whatever_its_zone_was(session: Session) -> None:
    said = dt.datetime(2026, 3, 1, 8, 30, tzinfo=TOKYO)
    session.add(feedback(said_at=said))
    session.flush()
    session.expire_all()
    found = session.exec(select(Feedback)).one().said_at
    assert found == said
    assert found is not None
    assert found.utcoffset() == dt.timedelta(0)


def test_a_time_without_zone_is_refused(engine: Engine) -> None:
    naive = dt.datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001 - the subject
    with pytest.raises(StatementError, match="no time zone"), transaction(engine) as session:
        session.add(feedback(said_at=naive))


def test_the_same_external_id_of_one_source_is_stored_once(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(feedback())
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(feedback(text="another"))
    with transaction(engine) as session:
        session.add(feedback(source="survey"))


def test_a_statement_needs_its_feedback(engine: Engine) -> None:
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(Statement(feedback_id=uuid.uuid4(), position=0, text="x", language="en"))


def test_words_of_an_enumeration_come_back_as_its_members(session: Session) -> None:
    session.add(feedback(channel=Channel.INTERVIEW))
    session.flush()
    session.expire_all()
    assert session.exec(select(Feedback)).one().channel is Channel.INTERVIEW

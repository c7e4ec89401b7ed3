"""Removal beside what refers to the same rows at the same moment: nobody gives up, nothing stays
that names who is gone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_score, add_theme
from tests.meanwhile import MOMENT, Step, at_once, meanwhile
from tests.vocloop.intake.test_erasure import put, say
from vocloop.errors import NotFoundError
from vocloop.intake import erasure, merges
from vocloop.intake.erasure import forget_contact, forget_customer
from vocloop.intake.importing import work
from vocloop.intake.removal import remove_feedback, remove_unused
from vocloop.intake.sources import expire_some, set_policy
from vocloop_models import (
    Contact,
    Customer,
    CustomerMerge,
    Feedback,
    ImportJob,
    ImportState,
    ThemeScore,
    turns,
)
from vocloop_models.database import reading, transaction
from vocloop_models.turns import Turn


def _expire(engine: Engine, said: Feedback) -> Callable[[], Any]:
    with transaction(engine) as session:
        set_policy(session, said.source, personal_data=None, retention_days=30)

    def expire() -> None:
        with transaction(engine) as session:
            expire_some(session)

    return expire


def _undo_import(engine: Engine, said: Feedback) -> Callable[[], Any]:
    with transaction(engine) as session:
        job = ImportJob(
            name="f", source=said.source, size=1, digest="", options={}, state=ImportState.UNDOING
        )
        session.add(job)
        session.flush()
        session.get_one(Feedback, said.id).import_id = job.id
    return lambda: work(engine, job.id)


def _forget(engine: Engine, said: Feedback) -> Callable[[], Any]:
    def forget() -> None:
        with transaction(engine) as session:
            assert said.contact_id is not None
            forget_contact(session, said.contact_id)

    return forget


@pytest.mark.parametrize("removing", [_expire, _undo_import, _forget])
def test_scores_written_just_before_name_no_statement_that_is_removed(
    engine: Engine, removing: Callable[[Engine, Feedback], Callable[[], Any]]
) -> None:
    with transaction(engine) as session:
        theme = add_theme(session, None, scored=False)
        said = say(session, said_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC).isoformat())
        statement = put(session, said, theme).id

    def score(session: Session) -> None:
        turns.take(session, Turn.THEMES)
        add_score(session, theme).evidence = {"quotes": [{"id": str(statement)}]}

    assert meanwhile(engine, score, removing(engine, said)) is None
    with reading(engine) as session:
        assert session.exec(select(Feedback)).all() == []
        assert session.exec(select(ThemeScore.evidence)).all() == [{"quotes": []}]


@pytest.fixture
def merge(engine: Engine) -> uuid.UUID:
    """Of two companies with a person each, suggested."""
    with transaction(engine) as session:
        for name in ("ミナモ", "ミナモ本社"):
            say(session, f"{name}の検索が遅い", customer=name, email=None, contact="taro-7")
        return merges.suggest_pair(session, *session.exec(select(Customer.id)).all()).id


def forgetting(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, forget: Step, meanwhile: Step
) -> BaseException | None:
    """Forget, and do something else as soon as whom it is about is held; the error of that."""

    def do() -> None:
        with transaction(engine) as session:
            meanwhile(session)

    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[None]] = []

        def remove(*of: Any) -> Any:
            begun.append(pool.submit(do))
            wait(begun, MOMENT)
            return _remove(*of)

        _remove = erasure._remove
        monkeypatch.setattr(erasure, "_remove", remove)
        with transaction(engine) as session:
            forget(session)
        return begun[0].exception(10)


def test_a_merge_that_is_accepted_while_its_customer_is_forgotten_is_none(
    engine: Engine, merge: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(engine) as session:
        kept = session.get_one(CustomerMerge, merge).kept_id
    error = forgetting(
        engine,
        monkeypatch,
        lambda session: forget_customer(session, kept),
        lambda session: merges.accept(session, merge),
    )
    if engine.dialect.name == "postgresql":
        assert isinstance(error, NotFoundError)
    with reading(engine) as session:
        assert session.exec(select(Customer.name)).all() == ["ミナモ本社"]


def test_a_merge_that_is_undone_while_its_person_is_forgotten_brings_nobody_back(
    engine: Engine, merge: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(engine) as session:
        merges.accept(session, merge)
        [person] = session.exec(select(Contact.id))
    error = forgetting(
        engine,
        monkeypatch,
        lambda session: forget_contact(session, person),
        lambda session: merges.undo(session, merge),
    )
    assert error is None
    with reading(engine) as session:
        assert len(session.exec(select(Customer)).all()) == 2
        assert session.exec(select(Contact)).all() == []


def test_whom_a_voice_names_just_as_its_import_is_undone_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        said = say(session)
        for kind, key in ((Customer, said.customer_id), (Contact, said.contact_id)):
            session.get_one(kind, key).import_id = said.id
        remove_feedback(session, [said.id])
    late: list[Feedback] = []
    error = at_once(
        engine,
        lambda session: late.append(say(session, "検索が遅い")),
        lambda session: remove_unused(session, said.id),
    )
    assert error is None
    with reading(engine) as session:
        [voice] = session.exec(select(Feedback))
    assert (voice.customer_id, voice.contact_id) == (said.customer_id, said.contact_id)

"""Forgetting leaves one line: that something was forgotten, not whom."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from tests.api.records import add_score, add_theme, keep
from tests.fakes import WordEncoder
from tests.meanwhile import at_once
from tests.stocked import stock
from vocloop.errors import NotFoundError
from vocloop.intake import merges
from vocloop.intake.erasure import (
    audit,
    find_contacts,
    forget_contact,
    forget_customer,
    known_of,
    wipe,
)
from vocloop.intake.records import FeedbackIn, checked
from vocloop.intake.sources import expire_some, set_policy, sources
from vocloop.intake.store import store
from vocloop.worker import pipeline
from vocloop_models import (
    AssignedBy,
    AuditAction,
    Contact,
    Customer,
    CustomerMerge,
    Feedback,
    PersonalData,
    Record,
    Statement,
    StatementVector,
    Theme,
    ThemeMembership,
    ThemeScore,
    now,
)
from vocloop_models.database import reading, transaction

WORDS = "承認の画面が毎朝九時に必ず固まります"
MAIL = "taro.tanaka@minamo.example"


def say(session: Session, words: str = WORDS, **values: Any) -> Feedback:
    given = {"text": words, "source": "desk", "customer": "ミナモ", "email": MAIL} | values
    return session.get_one(Feedback, store(session, checked(FeedbackIn, given)).feedback_id)


def put(session: Session, feedback: Feedback, theme: Theme) -> Statement:
    [statement] = session.exec(select(Statement).where(Statement.feedback_id == feedback.id)).all()
    keep(
        session,
        ThemeMembership(
            statement_id=statement.id,
            theme_id=theme.id,
            confidence=1,
            central=True,
            assigned_by=AssignedBy.RUN,
        ),
    )
    keep(session, StatementVector(statement_id=statement.id, encoder="e", vector=b"1"))
    return statement


def everything(engine: Engine) -> str:
    """All cells of all tables, as text."""
    with engine.connect() as connection:
        rows = [
            str(tuple(row))
            for table in Record.metadata.sorted_tables
            for row in connection.execute(table.select())
        ]
    return "\n".join(rows)


def test_a_forgotten_contact_leaves_no_trace_but_an_audit_line(engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session, None, title_ja=f"{WORDS}こと", scored=False)
        said = say(session)
        statement = put(session, said, theme)
        score = add_score(session, theme)
        score.evidence = {"quotes": [{"id": str(statement.id)}, {"id": "other"}]}
        stays = say(session, "検索が遅い", email="hanako@minamo.example")
        [contact] = find_contacts(session, MAIL.upper())
        gone = [str(each) for each in (said.id, statement.id)]
    with transaction(engine) as session:
        done = forget_contact(session, contact.id)
    wipe(engine)
    assert (done.feedback, done.statements, done.themes) == (1, 1, 1)
    left = everything(engine)
    assert not [each for each in (WORDS, MAIL, contact.external_id, *gone) if each in left]
    with reading(engine) as session:
        assert session.exec(select(Feedback.id)).all() == [stays.id]
        assert session.get_one(Theme, theme.id).title_ja is None
        assert session.exec(select(ThemeScore)).one().evidence == {"quotes": [{"id": "other"}]}
        [line] = audit(session)
    assert (line.action, line.detail["feedback"]) == (AuditAction.FORGOT_CONTACT, 1)


def test_a_title_that_a_person_gave_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session, None, title_ja=WORDS, scored=False)
        theme.fixed_ja = True
        said = say(session)
        put(session, said, theme)
        assert said.contact_id is not None
        forget_contact(session, said.contact_id)
    with reading(engine) as session:
        assert session.get_one(Theme, theme.id).title_ja == WORDS


def test_on_sqlite_the_words_are_not_even_in_the_file(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL frees space by autovacuum")
    with transaction(engine) as session:
        said = say(session)
    with transaction(engine) as session:
        forget_customer(session, said.customer_id or said.id)
    wipe(engine)
    path = str(engine.url.database)
    for name in (path, f"{path}-wal"):
        with open(name, "rb") as stream:  # noqa: PTH123 - the file may be empty, not missing
            assert WORDS.encode() not in stream.read()


def test_a_forgotten_customer_takes_contacts_and_feedback_along(engine: Engine) -> None:
    with transaction(engine) as session:
        said = say(session)
        say(session, "検索が遅い", customer="別の会社", email=None)
        assert said.customer_id is not None
        done = forget_customer(session, said.customer_id)
    assert (done.feedback, done.contacts) == (1, 1)
    with reading(engine) as session:
        assert session.exec(select(Customer.name)).all() == ["別の会社"]
        assert session.exec(select(Contact)).all() == []
    assert "ミナモ" not in everything(engine)


def test_what_is_known_of_a_contact_is_told_whole(engine: Engine) -> None:
    with transaction(engine) as session:
        said = say(session)
        [contact] = find_contacts(session, MAIL)
        known = known_of(session, contact.id)
    json.dumps(known)
    assert known["customer"]["name"] == "ミナモ"
    [voice] = known["feedback"]
    assert (voice["id"], voice["statements"][0]["text"]) == (str(said.id), WORDS)


def test_originals_are_read_again_only_with_the_key(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of at least sixteen")
    with transaction(engine) as session:
        set_policy(session, "desk", personal_data=PersonalData.ENCRYPT, retention_days=None)
        say(session, "電話は090-1234-5678です")
        [contact] = find_contacts(session, MAIL)
    assert "090-1234-5678" not in everything(engine)
    with reading(engine) as session:
        [voice] = known_of(session, contact.id)["feedback"]
        assert voice["originals"] == {"[PHONE-1]": "090-1234-5678"}
        monkeypatch.setenv("VOCLOOP_ENCRYPTION_KEY", "another key of sixteen")
        [voice] = known_of(session, contact.id)["feedback"]
        assert voice["originals"] == {"[PHONE-1]": None}


def test_retention_ends_by_the_day_it_was_said(session: Session) -> None:
    old, new = now() - dt.timedelta(days=40), now() - dt.timedelta(days=20)
    say(session, "old", said_at=old.isoformat())
    say(session, "new", said_at=new.isoformat())
    say(session, "other", said_at=old.isoformat(), source="survey")
    assert expire_some(session).feedback == 0
    set_policy(session, "desk", personal_data=None, retention_days=30)
    assert expire_some(session).feedback == 1
    assert set(session.exec(select(Feedback.text))) == {"new", "other"}
    assert [(row.source, row.feedback) for row in sources(session)] == [("desk", 1), ("survey", 1)]
    assert audit(session)[0].detail == {"source": "desk", "feedback": 1}


def test_whom_nobody_knows_can_not_be_forgotten(session: Session) -> None:
    with pytest.raises(NotFoundError):
        forget_contact(session, add_theme(session).id)
    assert session.execute(text("SELECT count(*) FROM auditentry")).scalar() == 0


def test_whatever_hangs_on_a_customer_it_can_be_forgotten(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
    with transaction(engine) as session:
        stock(session)
    for model, forget in ((Contact, forget_contact), (Customer, forget_customer)):
        with transaction(engine) as session:
            for known in session.exec(select(model.id)).all():
                forget(session, known)
        with reading(engine) as session:
            assert session.exec(select(model.id)).all() == []


def test_who_is_forgotten_while_their_words_are_encoded_is_forgotten(engine: Engine) -> None:
    with transaction(engine) as session:
        contact = say(session).contact_id
    assert contact is not None
    gone = at_once(
        engine,
        # What a worker does on PostgreSQL, which holds the feedback that it encodes.
        _encode,
        lambda session: forget_contact(session, contact),
    )
    assert gone is None
    with reading(engine) as session:
        assert not session.exec(select(Feedback)).all()


@pytest.fixture
def merged_thrice(engine: Engine) -> list[uuid.UUID]:
    """Three companies that became one, the newest first; a person of all three. Their merges, in
    the order that takes them back."""
    with transaction(engine) as session:
        for name in ("ミナモ", "ミナモ支店", "ミナモ本店"):
            say(session, f"{name}の{WORDS}", customer=name, email=None, contact="taro-7")
        first, second, third = session.exec(select(Customer.id).order_by(col(Customer.id)))
        made = [
            merges.suggest_pair(session, *pair).id for pair in ((second, third), (first, second))
        ]
        for each in made:
            merges.accept(session, each)
    return made[::-1]


def test_who_is_forgotten_does_not_come_back_with_the_undo_of_a_merge(
    engine: Engine, merged_thrice: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        [contact] = find_contacts(session, "taro-7")
        forget_contact(session, contact.id)
    assert "taro-7" not in everything(engine)
    for each in merged_thrice:
        with transaction(engine) as session:
            merges.undo(session, each)
    with reading(engine) as session:
        assert not session.exec(select(Contact)).all()
        assert len(session.exec(select(Customer)).all()) == 3


def test_of_a_forgotten_customer_no_merge_remembers_whom_it_took_in(
    engine: Engine, merged_thrice: list[uuid.UUID]
) -> None:
    with transaction(engine) as session:
        [customer] = session.exec(select(Customer.id))
        score = add_score(session, add_theme(session, None, scored=False))
        score.evidence = {"companies": [{"name": "ミナモ支店"}, {"name": "Acme"}]}
        forget_customer(session, customer)
    assert "ミナモ" not in everything(engine)
    with reading(engine) as session:
        assert not session.exec(select(CustomerMerge)).all()
        assert session.exec(select(ThemeScore.evidence)).one() == {"companies": [{"name": "Acme"}]}


@pytest.mark.parametrize("of_the_customer", [False, True])
def test_a_voice_that_comes_just_before_its_person_is_forgotten_goes_along(
    engine: Engine, *, of_the_customer: bool
) -> None:
    with transaction(engine) as session:
        said = say(session)
    forget, subject = (
        (forget_customer, said.customer_id)
        if of_the_customer
        else (forget_contact, said.contact_id)
    )
    assert subject is not None
    gone = at_once(
        engine, lambda session: say(session, "later"), lambda session: forget(session, subject)
    )
    assert gone is None
    with reading(engine) as session:
        assert not session.exec(select(Feedback)).all()
        assert not session.exec(select(Contact)).all()


def _encode(session: Session) -> None:
    encoder = WordEncoder()
    ids, said = pipeline._unencoded(session, ours=True)
    pipeline._keep_vectors(session, encoder, ids, said, pipeline._encoded(encoder, said))

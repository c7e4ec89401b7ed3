"""What the doctor says of settings, keys, the clock and what waits."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine

from vocloop.cli import findings
from vocloop.config import settings
from vocloop_models import Connector, ConnectorKind, Feedback, Job, JobKind, SealedValue, now
from vocloop_models.database import reading, transaction

LONG = dt.timedelta(hours=1)
KEY = "a key of the tests, long enough"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, None),
        ({"METRICS": "token"}, "VOCLOOP_METRICS_TOKEN"),
        ({"METRICS": "token", "METRICS_TOKEN": KEY}, None),
        ({"SMTP_HOST": "mail.example"}, "VOCLOOP_MAIL_FROM"),
        ({"SMTP_HOST": "mail.example", "MAIL_FROM": "a@b.example"}, "VOCLOOP_PUBLIC_URL"),
        ({"LANGUAGE_MODEL_URL": "http://localhost:1/v1"}, "VOCLOOP_LANGUAGE_MODEL"),
        ({"PERSONAL_DATA": "encrypt"}, "VOCLOOP_ENCRYPTION_KEY"),
        ({"HOST": "0.0.0.0"}, "VOCLOOP_ALLOWED_HOSTS"),  # noqa: S104 - what is warned of
        ({"SMTP_PASSWORD_FILE": "/nowhere/password"}, "VOCLOOP_SMTP_PASSWORD_FILE"),
    ],
)
def test_settings_that_do_nothing_together_are_told(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], told: str | None
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"VOCLOOP_{name}", value)
    found = findings.settings_fit(settings())
    assert found.good == (told is None)
    if told:
        assert told in found.advice


def test_keys_that_are_missed_are_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction(engine) as session:
        assert findings.keys_are_there(session, settings()).good
        session.add(
            Connector(source="desk", kind=ConnectorKind.FRESHDESK, address="https://x.example")
        )
        voice = Feedback(source="desk", external_id="1", text="words", language="en")
        session.add(voice)
        session.flush()
        session.add(SealedValue(feedback_id=voice.id, placeholder="[EMAIL-1]", ciphertext=b"x"))
        session.flush()
        found = findings.keys_are_there(session, settings())
    assert not found.good
    assert "VOCLOOP_CONNECTOR_DESK_KEY" in found.advice
    assert "VOCLOOP_ENCRYPTION_KEY" in found.advice


def test_a_clock_behind_what_is_written_is_told(engine: Engine) -> None:
    assert findings.clock_is_right(engine).good
    with transaction(engine) as session:
        session.add(Job(kind=JobKind.IMPORT, created_at=now() + LONG))
    found = findings.clock_is_right(engine)
    assert not found.good
    assert "moved back" in found.advice


def test_what_nobody_takes_up_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(Feedback(source="desk", external_id="1", text="words", language="en"))
    with reading(engine) as session:
        assert findings.someone_works(session).good
    with transaction(engine) as session:
        old = Feedback(
            source="desk", external_id="2", text="words", language="en", received_at=now() - LONG
        )
        session.add(old)
        session.add(Job(kind=JobKind.IMPORT, run_after=now() - LONG))
    with reading(engine) as session:
        found = findings.someone_works(session)
    assert not found.good
    assert "1 feedback, 1 jobs" in found.found
    assert "vocloop worker" in found.advice

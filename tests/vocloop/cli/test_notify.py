"""``vocloop notify``: who hears, a trial of the settings, what failed and its retry."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from tests.receivers import Mailbox
from tests.vocloop.cli.processes import Commands
from tests.vocloop.notify.story import approve, mail_of, tell
from vocloop_models import Recipient
from vocloop_models.database import reading


@pytest.fixture
def env(mailbox: Mailbox) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("VOCLOOP_")}
    return {name: value for name, value in kept.items() if name != "VOCLOOP_DATABASE_URL"}


def test_people_are_made_known(
    commands: Commands, engine: Engine, env: dict[str, str], tmp_path: Path
) -> None:
    story = tell(engine)
    made = commands.run("notify", "colleague", "Mori", "--language", "en", env=env)
    with reading(engine) as session:
        names = {str(each.id): each.name for each in session.exec(select(Recipient))}
    assert names[made.out.strip()] == "Mori"
    file = tmp_path / "asked.csv"
    file.write_text(f"email,language\n{mail_of('low')},en\nnobody@else.example,\n", "utf-8")
    ended = commands.run("notify", "contacts", str(file), env=env)
    assert ended.code == 1
    assert "1 addresses kept" in ended.out
    assert "line 3: no contact is known by this address" in ended.err
    with reading(engine) as session:
        query = select(Recipient).where(Recipient.contact_id == story.contacts["low"])
        assert session.exec(query).one().language == "en"


def test_a_trial_tells_whether_the_settings_are_right(
    commands: Commands, mailbox: Mailbox, env: dict[str, str]
) -> None:
    assert commands.run("notify", "try", "me@vendor.example", env=env).code == 0
    assert len(mailbox.to("me@vendor.example")) == 1
    mailbox.refuse["me@vendor.example"] = "550 nobody"
    refused = commands.run("notify", "try", "me@vendor.example", env=env)
    assert refused.code == 1
    assert "550 nobody" in refused.err
    assert commands.run("notify", "try", "me@vendor.example").code == 1


def test_what_was_given_up_is_listed_and_retried(
    commands: Commands, engine: Engine, mailbox: Mailbox, env: dict[str, str]
) -> None:
    approve(engine, tell(engine))
    mailbox.refuse["sato@vendor.example"] = "550 no such person"
    assert commands.run("notify", "deliver", env=env).code == 0
    failed = commands.run("notify", "outbox", env=env).out
    assert "550 no such person" in failed
    mailbox.refuse.clear()
    assert commands.run("notify", "retry", failed.split()[0], env=env).code == 0
    assert commands.run("notify", "deliver", env=env).code == 0
    assert len(mailbox.to("sato@vendor.example")) == 1
    assert commands.run("notify", "outbox", env=env).out == ""
    assert commands.run("notify", "outbox", "--state", "nonsense", env=env).code == 1

"""``vocloop backup``, ``restore`` and ``db copy`` beside processes that write."""

from __future__ import annotations

import json
import threading
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, func, select

from tests.vocloop.cli.faults import Client
from tests.vocloop.cli.processes import Commands, until
from tests.vocloop.cli.test_serve import address
from tests.vocloop.cli.voices import voices, written
from vocloop_models import Feedback, Statement
from vocloop_models.database import open_database, reading

pytestmark = pytest.mark.slow

ROWS = 2_100


def stored(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(Feedback)).one()


def tables(path: Path) -> dict[str, dict[str, object]]:
    """What a backup says of each table: columns, rows, checksum."""
    with zipfile.ZipFile(path) as packed:
        return json.loads(packed.read("manifest.json"))["tables"]


def test_a_backup_under_load_is_one_moment_and_the_same_elsewhere(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    web = commands.start("serve", "--port", "0")
    client = Client(again=True)
    sending = threading.Thread(target=client.send, args=(address(web),))
    sending.start()
    file = written(tmp_path / "tickets.jsonl", voices(ROWS // 3))
    writing = commands.start("ingest", file)
    until(lambda: stored(engine) > 0, writing)
    least = stored(engine)
    backup = commands.run("backup", "backup.zip")
    most = stored(engine)
    assert backup.code == 0, backup.err
    assert writing.wait().code == 0
    client.stop.set()
    sending.join()
    assert set(client.answers) <= {200, 201}
    elsewhere = {"VOCLOOP_DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere.db'}"}
    restored = commands.run("restore", "backup.zip", env=elsewhere)
    assert restored.code == 0, restored.err
    assert "every table as in backup.zip" in restored.err
    # Not only by its own word: what is there now is backed up, and has the same checksums.
    assert commands.run("backup", "again.zip", env=elsewhere).code == 0
    assert tables(tmp_path / "again.zip") == tables(tmp_path / "backup.zip")
    other = open_database(elsewhere["VOCLOOP_DATABASE_URL"])
    with reading(other) as session:
        voices_there = session.exec(select(func.count()).select_from(Feedback)).one()
        spoken = session.exec(select(func.count(func.distinct(col(Statement.feedback_id))))).one()
    # Whole transactions only: no voice without its statements.
    assert least <= voices_there == spoken <= most
    other.dispose()
    # What was taken twice is told, and the same import fills up what came later.
    assert commands.run("ingest", file, env=elsewhere).code == 0
    assert "exists" in commands.run("backup", "backup.zip").err


def test_a_copy_says_that_all_is_equal(commands: Commands, tmp_path: Path) -> None:
    commands.run("ingest", written(tmp_path / "tickets.jsonl", voices(5)))
    origin, target = commands.env["VOCLOOP_DATABASE_URL"], f"sqlite:///{tmp_path / 'copy.db'}"
    copied = commands.run("db", "copy", origin, target)
    assert copied.code == 0, copied.err
    assert "every table equal to" in copied.err
    again = commands.run("db", "copy", origin, target)
    assert again.code == 1
    assert "not empty" in again.err


def test_what_is_no_database_and_no_backup_is_told_without_a_password(loose: Commands) -> None:
    ended = loose.run("db", "copy", "sqlite:///none.db", "mysql://someone:hush-hush@host/name")
    assert ended.code == 1
    assert "TO names a mysql database" in ended.err
    assert "hush-hush" not in ended.said
    assert "no tables of vocloop" in loose.run("backup", "empty.zip").err
    assert "can't be read as a backup" in loose.run("restore", "nothing.zip").err

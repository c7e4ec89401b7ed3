from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect
from sqlmodel import select

from tests.models.agreement import differences
from vocloop_models import Department
from vocloop_models.database import (
    _alembic,
    open_database,
    reading,
    revisions,
    transaction,
    upgrade,
)


def department(key: str) -> Department:
    return Department(key=key, name_ja="開発", name_en="Engineering")


def test_models_and_migrations_agree(engine: Engine) -> None:
    assert differences(engine) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    before = revisions(engine)
    upgrade(engine)
    assert revisions(engine) == before
    assert before[0] == before[1]


def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        config = _alembic()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


# Rows in a cycle are found by the collector in the middle of a session's end; other attributes had
# taken the last places in the class before.
CLOSING = """
import gc, sys
from sqlalchemy import inspect
from sqlmodel import Session, select
from vocloop_models import Department
from vocloop_models.database import open_database, transaction, upgrade

engine = open_database(sys.argv[1])
upgrade(engine)
with engine.begin() as connection:
    for n in range(2000):
        connection.exec_driver_sql(
            f"insert into department (id, key, name_ja, name_en, description_ja, description_en)"
            f" values ('{n:032x}', 'k{n}', '', '', '', '')"
        )
for turn in range(3):
    gc.disable()
    session = Session(engine)
    rows = list(session.exec(select(Department)))
    inspect(rows[0]).insert_order = 1
    rows.append(rows)
    gc.collect(0)
    gc.collect(0)
    gc.set_threshold(500, 1)
    del rows
    gc.enable()
    session.close()
    gc.collect()
print("lived")
"""


def test_a_session_may_close_while_the_collector_frees_its_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    run = [sys.executable, "-c", CLOSING, url]
    ended = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (0, "lived\n"), ended.stderr[-2000:]


def test_two_upgrades_started_together_both_succeed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'together.db'}"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_upgrade, args=(url,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [p.exitcode for p in processes] == [0, 0]


def _upgrade(url: str) -> None:
    upgrade(open_database(url))


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with transaction(engine) as session:
            session.add(department("lost"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with reading(engine) as session:
        assert session.exec(select(Department)).all() == []


def test_a_writer_waits_for_another_and_does_not_fail(engine: Engine) -> None:
    inside = threading.Event()

    def slow() -> None:
        with transaction(engine) as session:
            session.add(department("first"))
            session.flush()
            inside.set()
            time.sleep(0.3)

    thread = threading.Thread(target=slow)
    thread.start()
    inside.wait()
    with transaction(engine) as session:
        session.add(department("second"))
    thread.join()
    with reading(engine) as session:
        assert {d.key for d in session.exec(select(Department)).all()} == {"first", "second"}


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with transaction(engine) as writer:
        writer.add(department("unseen"))
        writer.flush()
        with reading(engine) as session:
            assert session.exec(select(Department)).all() == []

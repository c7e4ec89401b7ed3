from __future__ import annotations

import multiprocessing
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

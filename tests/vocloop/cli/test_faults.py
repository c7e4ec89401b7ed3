"""Processes, databases and disks that fail under load: what was accepted is there, once.

benchmarks/faults.py does the same for longer."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from tests.vocloop.cli.faults import Client, account, settled
from tests.vocloop.cli.processes import Commands, until
from tests.vocloop.cli.test_serve import address
from tests.vocloop.cli.voices import voices, written
from vocloop.intake.ingest import ingest
from vocloop.worker import pipeline
from vocloop_models import ClusterRun, Job, JobKind, JobState, RunState, Statement, StatementVector
from vocloop_models.database import open_database, reading, revisions, transaction

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("VOCLOOP_TEST_KILLS", "2"))


def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    # More than a batch for each kill: a worker may be done with one before it is killed.
    each, rows = pipeline.STEP // 3 + 1, []
    for turn in range(KILLS):
        more = voices(each, start=turn * each)
        rows += more
        commands.run("ingest", written(tmp_path / f"tickets-{turn}.jsonl", more))
        before = settled(engine)
        worker = commands.start("worker")
        until(lambda before=before: settled(engine) > before, worker)
        # Wherever it is by then.
        time.sleep(random.uniform(0, 0.1))  # noqa: S311 - no secret
        worker.kill()
        assert worker.wait().code == -signal.SIGKILL
    last = commands.start("worker")
    until(lambda: settled(engine) == len(rows), last)
    assert account(engine) == {row["id"]: "themed" for row in rows}
    with reading(engine) as session:
        statements = session.exec(select(Statement.id)).all()
        assert sorted(session.exec(select(StatementVector.statement_id))) == sorted(statements)


def test_a_web_process_killed_under_load_keeps_what_it_accepted(
    commands: Commands, engine: Engine
) -> None:
    client = Client()
    for _ in range(max(KILLS // 2, 1)):
        web = commands.start("serve", "--no-worker", "--port", "0")
        sending = threading.Thread(target=client.send, args=(address(web),))
        enough = len(client.accepted) + 20
        sending.start()
        until(lambda enough=enough: len(client.accepted) >= enough, web)
        web.kill()
        sending.join()
        web.wait()
    # What was cut off before its answer came may be there too; nothing is there twice.
    found = account(engine)
    assert set(client.accepted) <= set(found) <= set(client.sent)
    assert len(client.accepted) >= 20


def test_a_database_that_drops_all_connections_is_found_again(
    commands: Commands, engine: Engine
) -> None:
    """As at a restart of the server, or after a failover."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server")
    client = Client(again=True)
    web = commands.start("serve", "--port", "0")
    sending = threading.Thread(target=client.send, args=(address(web),))
    sending.start()
    for _ in range(3):
        enough = len(client.accepted) + 15
        until(lambda enough=enough: len(client.accepted) >= enough, web)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
    client.stop.set()
    sending.join()
    until(lambda: settled(engine) == len(account(engine)), web)
    assert set(client.accepted) <= set(account(engine))
    assert len(client.accepted) >= 45


def test_a_full_disk_refuses_and_stores_again_when_there_is_room(
    loose: Commands, tmp_path: Path
) -> None:
    loose.run("db", "upgrade")
    rows = voices(700)
    file = written(tmp_path / "tickets.jsonl", rows)
    url = f"sqlite:///{tmp_path / 'own.db'}"
    full = open_database(url)

    def fill_up(connection: sqlite3.Connection, _: object) -> None:
        """As if the disk had room for a few hundred rows more."""
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + 150}")

    event.listen(full, "connect", fill_up)
    with pytest.raises(OperationalError, match="full"):
        ingest(full, file)
    full.dispose()
    engine = open_database(url)
    assert len(account(engine)) < len(rows)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert loose.run("ingest", file).code == 0
    assert set(account(engine)) == {row["id"] for row in rows}
    engine.dispose()


def test_two_workers_in_two_processes_find_themes_once(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    commands.run("ingest", written(tmp_path / "tickets.jsonl", voices(20)))
    mark = tmp_path / "mark"
    pause = {"target": "vocloop.themes.refresh:discover", "mark": str(mark)}
    first = commands.start("worker", pause=pause)
    until(mark.exists, first)
    second = commands.run("themes", "refresh")
    assert second.code == 1
    assert "another process is finding themes" in second.err
    first.kill()
    first.wait()
    # With its process went its turn.
    assert commands.run("themes", "refresh").code == 0
    with reading(engine) as session:
        runs = session.exec(select(ClusterRun.state).order_by(ClusterRun.id)).all()
    assert runs == [RunState.FAILED, RunState.DONE]


def test_two_migrations_started_together_on_a_server(engine: Engine, commands: Commands) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("tests/models/test_database.py does it for SQLite")
    name = f"{make_url(commands.env['VOCLOOP_DATABASE_URL']).database}_new"
    server = engine.execution_options(isolation_level="AUTOCOMMIT")
    url = make_url(commands.env["VOCLOOP_DATABASE_URL"]).set(database=name)
    env = {"VOCLOOP_DATABASE_URL": url.render_as_string(hide_password=False)}
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        both = [commands.start("db", "upgrade", env=env) for _ in range(2)]
        assert [each.wait().code for each in both] == [0, 0]
        new = open_database(env["VOCLOOP_DATABASE_URL"])
        current, head = revisions(new)
        new.dispose()
        assert current == head
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_worker_that_is_told_to_stop_gives_its_job_back(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    commands.run("ingest", written(tmp_path / "tickets.jsonl", voices(20)))
    mark = tmp_path / "mark"
    pause = {"target": "vocloop.themes.refresh:discover", "mark": str(mark)}
    env = {"VOCLOOP_STOP_SECONDS": "0.1"}
    worker = commands.start("worker", pause=pause, env=env)
    until(mark.exists, worker)
    worker.signal(signal.SIGTERM)
    assert worker.wait().code == 0
    with transaction(engine) as session:
        job = session.exec(select(Job).where(Job.kind == JobKind.REFRESH_THEMES)).one()
    assert (job.state, job.leased_until, job.attempts) == (JobState.QUEUED, None, 0)

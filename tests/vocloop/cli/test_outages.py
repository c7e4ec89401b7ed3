"""What processes need goes away while they run, and comes back: nobody starts them anew, and what
was accepted is there, once."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.vocloop.cli.clusters import cluster, programs
from tests.vocloop.cli.faults import Client, account, settled
from tests.vocloop.cli.processes import Commands, Running, until
from tests.vocloop.cli.test_serve import address, get
from tests.vocloop.encode.packing import packed
from vocloop.encode import offline, prepare_default
from vocloop_models.database import open_database

pytestmark = pytest.mark.slow

TIMES = 3
# Accepted between two outages.
BETWEEN = 15


@contextmanager
def sending(home: str) -> Iterator[Client]:
    client = Client(again=True)
    thread = threading.Thread(target=client.send, args=(home,))
    thread.start()
    try:
        yield client
    finally:
        client.stop.set()
        thread.join()


def accepted(client: Client, more: int, running: Running) -> None:
    enough = len(client.accepted) + more
    until(lambda: len(client.accepted) >= enough, running)


def all_is_there(engine: Engine, client: Client, running: Running) -> None:
    """Each accepted voice once, themed; what was cut off before its answer may be there too."""
    until(lambda: settled(engine) == len(account(engine)), running)
    assert set(client.accepted) <= set(account(engine)) <= set(client.sent)
    assert len(client.accepted) >= TIMES * BETWEEN


def test_a_database_server_that_crashes_under_load_is_found_again(loose: Commands) -> None:
    where = programs()
    if where is None or not os.environ.get("VOCLOOP_TEST_POSTGRES_URL"):
        pytest.skip("PostgreSQL is not asked for, or its programs are not here")
    with cluster(where) as server:
        env = {"VOCLOOP_DATABASE_URL": server.url}
        web = loose.start("serve", "--no-worker", "--port", "0", env=env)
        home = address(web)
        worker = loose.start("worker", env=env)
        with sending(home) as client:
            for _ in range(TIMES):
                accepted(client, BETWEEN, web)
                server.crash()
                # Refused, not broken: who can't be served now is told to come again.
                assert get(f"{home}/api/totals")[0] == 503
                server.start()
            accepted(client, BETWEEN, web)
        engine = open_database(server.url)
        all_is_there(engine, client, worker)
        engine.dispose()
        assert set(client.answers) <= {200, 201, 503}
        assert client.answers[503] > 0
        for each in (web, worker):
            each.kill()
            each.wait()


def test_a_disk_that_fills_up_under_load_refuses_until_there_is_room(
    loose: Commands, tmp_path: Path
) -> None:
    running = loose.start("serve", "--port", "0")
    home = address(running)
    _, unlimited = resource.prlimit(running.pid, resource.RLIMIT_FSIZE)
    with sending(home) as client:
        for _ in range(TIMES):
            accepted(client, BETWEEN, running)
            refused = client.answers[503]
            # No file may grow: as on a full disk, every write at an end fails.
            resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (1, unlimited))
            until(lambda refused=refused: client.answers[503] > refused, running)
            # What is there can still be read.
            assert get(f"{home}/api/feedback")[0] == 200
            resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
        accepted(client, BETWEEN, running)
    engine = open_database(f"sqlite:///{tmp_path / 'own.db'}")
    all_is_there(engine, client, running)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()
    assert set(client.answers) <= {200, 201, 503}


def test_a_model_that_is_damaged_holds_voices_up_until_it_is_whole(
    loose: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny.bin").write_bytes(packed())
    monkeypatch.setattr(offline, "bundled_weights", lambda: tmp_path / "tiny.bin")
    weights = prepare_default(tmp_path / "models") / "model.safetensors"
    whole = weights.read_bytes()
    os.truncate(weights, 100)
    env = {"VOCLOOP_ENCODER_MODEL": str(weights.parent)}
    running = loose.start("serve", "--port", "0", env=env, words=False)
    home = address(running)
    engine = open_database(f"sqlite:///{tmp_path / 'own.db'}")
    with sending(home) as client:
        accepted(client, TIMES * BETWEEN, running)
        until(lambda: "can't be loaded" in running.err(), running)
        assert settled(engine) == 0
        weights.write_bytes(whole)
        until(lambda: settled(engine) > 0, running)
    all_is_there(engine, client, running)
    engine.dispose()

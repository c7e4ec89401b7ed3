"""Commands as processes of their own, on the databases of the other tests."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vocloop.cli.processes import Commands


@pytest.fixture(scope="session")
def command_server(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, testrun_uid: str
) -> Iterator[str]:
    """Its address: one for all test processes, which starts with the first that needs it and ends
    after the last."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder if worker_id == "master" else folder.parent
    # Not pytest's own folder: the path of a socket may have about 100 characters.
    address = str(Path(tempfile.gettempdir()) / f"vocloop-{testrun_uid}")
    with (shared / "users_of_commands").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        subprocess.run(
            [sys.executable, str(Path(__file__).parent / "server.py"), address, users.name],
            check=True,
            # The hub is asked for nothing by these tests.
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
        )
        yield address


@pytest.fixture
def loose(command_server: str, tmp_path: Path, model_cache: Path) -> Iterator[Commands]:
    """Commands on an SQLite file of their own that does not exist yet."""
    yield from _commands(command_server, tmp_path, f"sqlite:///{tmp_path / 'own.db'}", model_cache)


@pytest.fixture
def commands(
    command_server: str, tmp_path: Path, database: str, engine: object, model_cache: Path
) -> Iterator[Commands]:
    """Commands on the clean database of the test."""
    yield from _commands(command_server, tmp_path, database, model_cache)


def _commands(address: str, folder: Path, url: str, cache: Path) -> Iterator[Commands]:
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env |= {
        "VOCLOOP_DATABASE_URL": url,
        "VOCLOOP_CACHE_DIR": str(cache),
        "HF_HUB_OFFLINE": "1",
        "VOCLOOP_OPEN_ON_LOCALHOST": "true",
        # The same for every database: rows without an id are known by a keyed hash.
        "VOCLOOP_HASH_KEY": "the key of the tests",
        "COLUMNS": "100",
    }
    found = Commands(address, folder, env)
    yield found
    found.end()

"""Commands as processes of their own, on the databases of the other tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vocloop.cli.processes import Commands


@pytest.fixture(scope="session")
def command_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # Not pytest's own folder: the path of a socket may have about 100 characters.
    with tempfile.TemporaryDirectory() as folder:
        address = str(Path(folder) / "socket")
        with subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "server.py"), address],
            stdout=subprocess.PIPE,
            # The hub is asked for nothing by these tests.
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
        ) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield address
            server.kill()


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

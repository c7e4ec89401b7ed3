"""Starts the commands of these tests: imports and prepares once, then forks a process for each.

Each is a process of its own, with its own environment, exit code and signals, as if started by a
shell, without the seconds that the imports take. Run as ``python server.py SOCKET USERS``, which
comes back at once: the server stays in the background, unless there is one already. Requests wait
until it is prepared. It ends when nobody holds a lock on the file USERS any more.

A request is one line of JSON: argv, env, cwd, stdin, stdout, stderr (paths), ``words`` (encode
with tests.fakes instead of the real model) and ``pause`` (see ``_pause``). Answers are two lines:
the process id, and at the end the exit code (negative for a signal).
"""

from __future__ import annotations

import fcntl
import functools
import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
# A paused command waits to be killed; should the test have died, it ends by itself.
PAUSE_SECONDS = 120


def main() -> None:
    address, users = sys.argv[1:]
    listening = _first(address)
    if listening is None or os.fork():
        return
    _end_after(users, address)
    sys.path.insert(0, str(ROOT))
    # What commands import where they use it, all of it here.
    for name in (
        "vocloop.cli.app",
        "vocloop.worker.suggest",
        "vocloop.themes.files",
        "vocloop.score.files",
        "vocloop_api.app",
        "vocloop_ui.app",
        "uvicorn",
        "sqlalchemy.dialects.postgresql.psycopg",
        "psycopg",
        "snowballstemmer",
        "tests.fakes",
    ):
        importlib.import_module(name)
    _prepare()
    # What is imported stays in common with every process: their collectors would copy it.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _attend(connection)
        connection.close()


def _first(address: str) -> socket.socket | None:
    """Listens there, unless another server does."""
    own = f"{address}.{os.getpid()}"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(own)
    listening.listen()
    try:
        # Who finds the address finds someone who listens.
        os.link(own, address)
    except FileExistsError:
        return None
    finally:
        Path(own).unlink()
    return listening


def _end_after(users: str, address: str) -> None:
    server = os.getpid()
    if os.fork():
        return
    with Path(users).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.kill(server, signal.SIGKILL)
        Path(address).unlink()
    os._exit(0)


def _prepare() -> None:
    """What a process does once, done here: the parameters of every command, the detector of
    languages, and by an application that answers mappers, templates, and routes, of which each
    application would take a second to prepare its own. All else, as state, doors and guards, each
    makes anew (tests/applications.py)."""
    import typer
    from fastapi.testclient import TestClient

    from tests import applications
    from tests.doors import HERE, OPEN
    from vocloop.cli import serve
    from vocloop.cli.app import app
    from vocloop.intake.language import language_of
    from vocloop_models.database import open_database, upgrade

    parsed = typer.main.get_command(app)
    typer.main.get_command = lambda _: parsed
    # Words that only the detector can tell: it loads its models.
    language_of("la demande prise sur modification")
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/vocloop.db")
        upgrade(engine)
        prepared = applications.whole(engine, openness=OPEN)
        with TestClient(prepared, base_url="http://127.0.0.1:8750", client=HERE) as client:
            client.get("/themes").raise_for_status()
        engine.dispose()
    build = serve.build

    def built(*given: Any) -> Any:
        served = build(*given)
        served.router = prepared.router
        return served

    serve.build = built


def _attend(connection: socket.socket) -> None:
    """Start one command, and tell its id and its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection, connection.makefile("rw") as stream:
        request = json.loads(stream.readline())
        pid = os.fork()
        if pid == 0:
            connection.close()
            _become(request)
        stream.write(f"{pid}\n")
        stream.flush()
        _, status = os.waitpid(pid, 0)
        stream.write(f"{os.waitstatus_to_exitcode(status)}\n")
        stream.flush()
    os._exit(0)


def _become(request: dict[str, Any]) -> None:
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(request[name], flags), number)
    # A shell that runs the tests in the background has told them to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["vocloop", *request["argv"]]
    from tests.fakes import WordEncoder
    from vocloop.cli import main as command
    from vocloop.cli import workspace

    if request["words"]:
        workspace.load_encoder = lambda *_: WordEncoder()
    if request["pause"]:
        _pause(**request["pause"])
    code: object = 0
    try:
        command()
    except SystemExit as error:
        code = error.code
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else bool(code))


def _pause(target: str, mark: str, call: int = 1) -> None:
    """Let the ``call``-th call of ``target`` (module:name) do its work, then touch ``mark`` and
    wait: whoever sees the mark knows where the process stands."""
    module, _, name = target.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, last = name.split(".")
    for each in outer:
        owner = getattr(owner, each)
    real = getattr(owner, last)
    count = 0

    @functools.wraps(real)
    def paused(*args: Any, **more: Any) -> Any:
        nonlocal count
        result = real(*args, **more)
        count += 1
        if count == call:
            Path(mark).touch()
            time.sleep(PAUSE_SECONDS)
        return result

    setattr(owner, last, paused)


if __name__ == "__main__":
    main()

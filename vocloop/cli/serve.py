"""``vocloop serve`` and ``vocloop worker``."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from vocloop import logs, longlived, traces
from vocloop.cli.console import say
from vocloop.cli.workspace import connect, encoder
from vocloop.config import settings
from vocloop.errors import InvalidInputError

# What serves and works takes seconds to import; commands that do neither must not wait.
if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI
    from sqlalchemy import Engine
    from starlette.types import ASGIApp

    from vocloop.worker.suggest import Suggestion
    from vocloop.worker.worker import Worker
    from vocloop_api.doors import Openness

log = logging.getLogger(__name__)

# Ports tried after the wanted one when nobody asked for a certain one.
MORE_PORTS = 20
LAST_PORT = 65_535
# Where nobody has to sign in, only these may be listened on.
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Longer than browsers and proxies keep a connection that is not used: who closes first must not be
# the one who is just being asked something.
KEEP_ALIVE_SECONDS = 75
# Answers under way get so long to end when told to stop, and after them the worker's step
# VOCLOOP_STOP_SECONDS: together well under the 10 s after which containers are killed.
ANSWER_SECONDS = 1
# A worker of its own gives way to processes that answer people, where both share a machine.
NICE = 10
# To give back a job that the worker could not end.
RELEASE_SECONDS = 1

Host = Annotated[str | None, typer.Option(help="Address to listen on (VOCLOOP_HOST).")]
Port = Annotated[
    int | None, typer.Option(min=0, max=LAST_PORT, help="Port to listen on (VOCLOOP_PORT).")
]


def build(engine: Engine, worker: Worker, openness: Openness | None = None) -> FastAPI:
    """API and pages over one database; ``worker`` knows the themes near what someone types.
    ``openness``: who is let in without signing in; nobody by default."""
    from vocloop.intake.language import language_of
    from vocloop.worker.suggest import Nearest, suggest
    from vocloop_api.app import create_app
    from vocloop_api.doors import CLOSED
    from vocloop_api.errors import STATUS
    from vocloop_ui.app import mount_ui

    configured = settings()

    def near(text: str) -> list[Suggestion]:
        return suggest(worker, text, language_of(text))

    timezone = ZoneInfo(configured.timezone)
    app = create_app(
        engine,
        allowed_hosts=configured.allowed_hosts,
        timezone=timezone,
        openness=openness or CLOSED,
    )
    app.state.suggest = near
    app.state.nearest = Nearest(worker)
    mount_ui(app, STATUS, language=configured.language, timezone=timezone)
    return app


def serve(
    host: Host = None,
    port: Port = None,
    *,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Also encode and theme in this process.")
    ] = True,
    open_on_localhost: Annotated[
        bool,
        typer.Option(
            "--open-on-localhost", help="Nobody signs in, on this machine only (settings)."
        ),
    ] = False,
) -> None:
    """Serve the web UI and the API. While there is no user, it prints the address that makes the
    first administrator, and nothing else is served.

    Example: vocloop serve --port 9000
    """
    from vocloop.accounts.visitor import AT_THIS_MACHINE
    from vocloop.worker.worker import Worker
    from vocloop_api.doors import CLOSED, Openness

    engine = connect()
    is_open = open_on_localhost or settings().open_on_localhost
    openness = Openness(AT_THIS_MACHINE) if is_open else CLOSED
    run(engine, Worker(engine, encoder), host, port, with_worker=with_worker, openness=openness)


def run(
    engine: Engine,
    worker: Worker,
    host: str | None,
    port: int | None,
    *,
    with_worker: bool,
    openness: Openness,
) -> None:
    """Serve until SIGINT or SIGTERM, with the worker in a thread beside.

    Raises InvalidInputError when nobody is to sign in and others could reach the address."""
    configured = settings()
    logs.configure(configured)
    where = host or configured.host
    if openness.visitor is not None and where not in LOOPBACK:
        raise InvalidInputError(
            f"nobody would have to sign in at {where}, which others may reach; leave out --host "
            "and VOCLOOP_HOST, or let people sign in (docs/accounts.md)"
        )
    listening = _listen(where, port, configured.port)
    address, number = listening.getsockname()[:2]
    # Before the application is made, which asks for them.
    traces.start(configured, engine)
    app = build(engine, worker, openness)
    server = _server(app)

    def end() -> None:
        server.should_exit = True

    # Uvicorn puts its own handlers in front while it runs, and calls these when it has ended.
    stop = _stopped_by_signals(end)
    thread = _start(worker, stop) if with_worker else None
    warmed = warming(engine, app)
    app.state.alive = lambda: thread is None or thread.is_alive()
    app.state.taking = lambda: not (warmed.is_alive() or server.should_exit)
    shown = f"[{address}]" if ":" in address else address
    say(f"vocloop is at http://{shown}:{number}  (stop with Ctrl+C)")
    _say_who_may_come(engine, openness, f"http://{shown}:{number}")
    if not stop.is_set():
        server.run(sockets=[listening])
    stop.set()
    _leave(thread, worker, warmed)


def _server(app: ASGIApp) -> uvicorn.Server:
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(
            app,
            # Everything goes to the handler of vocloop.logs; it tells of requests itself.
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=ANSWER_SECONDS,
        )
    )


def _say_who_may_come(engine: Engine, openness: Openness, address: str) -> None:
    from vocloop.accounts import setup
    from vocloop_models.database import transaction

    if openness.visitor is not None:
        say("nobody has to sign in: it is open to whoever uses this machine, and to no other")
        return
    with transaction(engine) as session:
        path = setup.path(session)
    if path:
        base = settings().public_url.rstrip("/") or address
        say(
            f"there is no user yet; make the first administrator at {base}{path}\n"
            "or with `vocloop users add LOGIN --role administrator`"
        )


def _stopped_by_signals(also: Callable[[], None] = lambda: None) -> threading.Event:
    """An event that SIGINT and SIGTERM set, both being the ordinary way to end a server."""
    stop = threading.Event()

    def told(*_: object) -> None:
        stop.set()
        also()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    return stop


def _start(worker: Worker, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
    thread.start()
    return thread


def warming(engine: Engine, app: FastAPI) -> threading.Thread:
    """Read what pages count with and load what suggestions need, in the thread returned, so that
    the first people do not wait for it: they are only sent here when it has ended. What is then in
    memory is set aside from Python's collector of cycles."""
    from vocloop_ui.warm import warm

    def begin() -> None:
        try:
            warm(engine)
            app.state.suggest("検索")
            # FastAPI makes what it knows of its routes, a hundred thousand objects, when the first
            # request looks for one.
            nowhere = {"type": "http", "method": "GET", "path": "", "root_path": "", "headers": []}
            for route in app.routes:
                route.matches(dict(nowhere))
        except Exception:
            # Whoever asks for it will be told; everything else may work.
            log.exception("what is kept in memory could not be read at the start")
        longlived.settle()

    thread = threading.Thread(target=begin, name="warming", daemon=True)
    thread.start()
    return thread


def _leave(
    thread: threading.Thread | None, worker: Worker, warmed: threading.Thread | None = None
) -> None:
    """Wait for the worker's step a while, then leave it: what it had not committed waits, and its
    job goes back to the others. Nobody waits for ``warmed``, where it is not yet."""
    if thread is not None:
        thread.join(settings().stop_seconds)
    left = thread is not None and thread.is_alive()
    if left:
        # In a thread: the step that is left may hold SQLite's only lock.
        releasing = threading.Thread(target=worker.release, daemon=True)
        releasing.start()
        releasing.join(RELEASE_SECONDS)
    traces.stop()
    if left or (warmed is not None and warmed.is_alive()):
        sys.stdout.flush()
        sys.stderr.flush()
        # An ordinary exit takes the interpreter down under a thread that is inside native code.
        os._exit(0)


def _listen(host: str, wanted: int | None, default: int) -> socket.socket:
    """A listening socket; without a wanted port the first free one from the default on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if wanted is not None:
        ports = range(wanted, wanted + 1)
    else:
        ports = range(default, min(default + MORE_PORTS, LAST_PORT) + 1)
    refused = ""
    for port in ports:
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            # At once: two that are bound to one port only find out when they listen.
            listening.listen()
        except OSError as error:
            listening.close()
            refused = error.strerror or str(error)
            continue
        return listening
    raise InvalidInputError(
        f"can't listen on {host} port {default if wanted is None else wanted}: {refused}; "
        "choose another with --port, or another address with --host"
    )


def worker() -> None:
    """Encode and theme what arrives, until stopped: for servers that run `serve --no-worker`.

    Several may run on one PostgreSQL database.

    Example: vocloop worker
    """
    from vocloop.worker.worker import Worker

    configured = settings()
    logs.configure(configured)
    engine = connect()
    traces.start(configured, engine)
    stop = _stopped_by_signals()
    give_way()
    say("working; stop with Ctrl+C")
    working = Worker(engine, encoder)
    thread = _start(working, stop)
    if configured.worker_port:
        _answer_probes(engine, thread, stop)
    stop.wait()
    _leave(thread, working)


def give_way() -> None:
    """With every thread: Linux keeps it for each, and those of numpy have begun by now."""
    threads = Path("/proc/self/task")
    if threads.is_dir():
        for thread in threads.iterdir():
            with suppress(ProcessLookupError):
                of = int(thread.name)
                os.setpriority(os.PRIO_PROCESS, of, os.getpriority(os.PRIO_PROCESS, of) + NICE)
    elif hasattr(os, "nice"):
        os.nice(NICE)


def _answer_probes(engine: Engine, thread: threading.Thread, stop: threading.Event) -> None:
    """Serve what those who run vocloop ask, and nothing else, in a thread beside the worker."""
    from vocloop_api.probes import Probes, nothing_else

    configured = settings()
    listening = _listen(configured.host, configured.worker_port, configured.worker_port)
    probes = Probes(
        nothing_else,
        lambda: engine,
        configured,
        alive=thread.is_alive,
        taking=lambda: not stop.is_set(),
    )
    serving = {"sockets": [listening]}
    threading.Thread(target=_server(probes).run, kwargs=serving, daemon=True).start()

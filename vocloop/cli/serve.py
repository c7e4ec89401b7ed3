"""``vocloop serve`` and ``vocloop worker``."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from vocloop.cli.console import say
from vocloop.cli.workspace import connect, encoder
from vocloop.config import settings
from vocloop.errors import InvalidInputError
from vocloop.intake.language import language_of
from vocloop.worker.suggest import Suggestion, suggest
from vocloop.worker.worker import Worker
from vocloop_api.app import create_app
from vocloop_api.errors import STATUS
from vocloop_ui.app import mount_ui

# Ports tried after the wanted one when nobody asked for a certain one.
MORE_PORTS = 20

Host = Annotated[str | None, typer.Option(help="Address to listen on (VOCLOOP_HOST).")]
Port = Annotated[int | None, typer.Option(help="Port to listen on (VOCLOOP_PORT).")]


def build(engine: Engine, worker: Worker) -> FastAPI:
    """API and pages over one database; ``worker`` knows the themes near what someone types."""
    configured = settings()

    def near(text: str) -> list[Suggestion]:
        return suggest(worker, text, language_of(text))

    timezone = ZoneInfo(configured.timezone)
    app = create_app(engine, allowed_hosts=configured.allowed_hosts, timezone=timezone)
    app.state.suggest = near
    mount_ui(app, STATUS, language=configured.language, timezone=timezone)
    return app


def serve(
    host: Host = None,
    port: Port = None,
    *,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Also encode and theme in this process.")
    ] = True,
) -> None:
    """Serve the web UI and the API.

    There is no sign-in yet: listen on this machine only, or put an authenticating proxy before it.
    """
    engine = connect()
    run(engine, Worker(engine, encoder), host, port, with_worker=with_worker)


def run(
    engine: Engine, worker: Worker, host: str | None, port: int | None, *, with_worker: bool
) -> None:
    """Serve until interrupted, with the worker in a thread beside."""
    configured = settings()
    listening = _listen(host or configured.host, port, configured.port)
    address, number = listening.getsockname()[:2]
    server = uvicorn.Server(
        uvicorn.Config(build(engine, worker), log_level="warning", server_header=False)
    )
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
    if with_worker:
        thread.start()
    shown = f"[{address}]" if ":" in address else address
    say(f"vocloop is at http://{shown}:{number}  (stop with Ctrl+C)")
    try:
        server.run(sockets=[listening])
    finally:
        stop.set()
        if with_worker:
            thread.join(timeout=30)


def _listen(host: str, wanted: int | None, default: int) -> socket.socket:
    """A bound socket; without a wanted port the first free one from the default on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ports = [wanted] if wanted is not None else range(default, default + MORE_PORTS)
    reason = ""
    for port in ports:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            listening.close()
            reason = error.strerror or str(error)
            continue
        return listening
    raise InvalidInputError(
        f"can't listen on {host} port {wanted or default}: {reason}; choose another with --port"
    )


def worker() -> None:
    """Encode and theme what arrives, until stopped: for servers that run `serve --no-worker`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    engine = connect()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    say("working; stop with Ctrl+C")
    Worker(engine, encoder).run(stop)

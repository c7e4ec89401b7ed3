"""``vocloop serve``, ``worker`` and ``demo``: started, asked, stopped."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from tests.vocloop.cli.processes import Commands, Running, until
from tests.vocloop.cli.voices import holds, voices, written
from vocloop.cli.serve import _listen
from vocloop_models import Feedback, FeedbackState, Statement, ThemeMembership
from vocloop_models.database import reading

STOP_SECONDS = 5


def address(running: Running) -> str:
    until(lambda: "http://" in running.err(), running)
    found = re.search(r"http://\S+:\d+", running.err())
    assert found
    return found[0]


def get(url: str, sent: dict[str, Any] | None = None) -> tuple[int, str]:
    """Status and body; a POST when something is ``sent``."""
    split = urlsplit(url)
    connection = HTTPConnection(split.netloc, timeout=30)
    with closing(connection):
        connection.request(
            "POST" if sent else "GET",
            split.path,
            json.dumps(sent) if sent else None,
            {"content-type": "application/json"} if sent else {},
        )
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def stop(running: Running, number: int) -> None:
    start = time.monotonic()
    running.signal(number)
    ended = running.wait()
    assert time.monotonic() - start < STOP_SECONDS
    assert ended.code == 0
    assert "Traceback" not in ended.said


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another server listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def theme_of(engine: Engine, external_id: str) -> object:
    with reading(engine) as session:
        return session.exec(
            select(ThemeMembership.theme_id)
            .join(Statement)
            .join(Feedback)
            .where(Feedback.external_id == external_id)
        ).first()


def test_a_posted_voice_gets_its_theme_within_seconds(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    commands.run("ingest", written(tmp_path / "tickets.jsonl", voices(20)))
    commands.run("themes", "refresh")
    running = commands.start("serve", "--port", "0")
    home = address(running)
    assert home.startswith("http://127.0.0.1:")
    # The start page leads to the themes.
    assert get(f"{home}/")[0] == 303
    status, page = get(f"{home}/themes")
    assert status == 200
    assert "<html" in page
    assert get(f"{home}/api/health")[0] == 200
    new = {"source": "web", "external_id": "n-1", "text": "phone app signs out again l3"}
    assert get(f"{home}/api/feedback", new)[0] in (200, 201, 202)
    until(lambda: theme_of(engine, "n-1"), running, seconds=20)
    assert theme_of(engine, "n-1") == theme_of(engine, "login-0")
    stop(running, signal.SIGINT)


def test_without_worker_what_arrives_waits_for_one(commands: Commands, engine: Engine) -> None:
    serving = commands.start("serve", "--no-worker", "--port", "0")
    home = address(serving)
    new = {"source": "web", "external_id": "n-1", "text": "phone app signs out again"}
    get(f"{home}/api/feedback", new)

    def state() -> FeedbackState:
        with reading(engine) as session:
            return session.exec(select(Feedback.state)).one()

    # Far longer than a worker would have taken.
    time.sleep(1)
    assert state() == FeedbackState.RECEIVED
    working = commands.start("worker")
    until(lambda: state() == FeedbackState.THEMED, working)
    # It gives way to those who wait for a page.
    given_way = os.getpriority(os.PRIO_PROCESS, working.pid)
    assert given_way > os.getpriority(os.PRIO_PROCESS, serving.pid)
    stop(serving, signal.SIGTERM)
    stop(working, signal.SIGTERM)


def test_threads_that_run_already_give_way_too() -> None:
    code = """
import os, threading
from vocloop.cli.serve import NICE, give_way
stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
before = os.getpriority(os.PRIO_PROCESS, 0)
give_way()
gave = [os.getpriority(os.PRIO_PROCESS, of) - before for of in (0, thread.native_id)]
stop.set()
print(gave == [NICE, NICE], gave)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("True"), ended.stdout


def test_a_worker_in_the_middle_of_a_long_step_ends_too(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    commands.run("ingest", written(tmp_path / "tickets.jsonl", voices(2)))
    mark = tmp_path / "mark"
    running = commands.start(
        "worker", pause={"target": "tests.fakes:WordEncoder.encode", "mark": str(mark)}
    )
    until(mark.exists, running)
    stop(running, signal.SIGINT)


def test_a_port_in_use_is_left_for_the_next_one(loose: Commands, taken: int) -> None:
    running = loose.start("serve", "--no-worker", env={"VOCLOOP_PORT": str(taken)})
    assert not address(running).endswith(f":{taken}")
    assert get(f"{address(running)}/api/health")[0] == 200
    stop(running, signal.SIGINT)


def test_a_port_that_was_asked_for_and_is_in_use_is_an_error(loose: Commands, taken: int) -> None:
    ended = loose.run("serve", "--port", str(taken))
    assert ended.code == 1
    assert f"can't listen on 127.0.0.1 port {taken}: Address already in use" in ended.err
    assert "--port" in ended.err


def test_the_demo_runs_once_and_again_in_no_time(loose: Commands, tmp_path: Path) -> None:
    from vocloop_models.database import open_database

    first = loose.start("demo", "--no-serve").wait(seconds=180)
    assert (first.code, first.out) == (0, ""), first.err
    engine = open_database(f"sqlite:///{tmp_path / 'own.db'}")
    before = holds(engine)
    assert len(before["feedback"]) > 1_000
    assert len(before["themes"]) > 5
    assert len(before["scores"]) == len(before["themes"])
    start = time.monotonic()
    again = loose.run("demo", "--no-serve")
    assert again.code == 0
    assert time.monotonic() - start < 15
    assert holds(engine) == before
    engine.dispose()


def test_it_serves_nobody_until_there_is_an_administrator(loose: Commands) -> None:
    running = loose.start(
        "serve", "--no-worker", "--port", "0", env={"VOCLOOP_OPEN_ON_LOCALHOST": "false"}
    )
    home = address(running)
    until(lambda: "/setup/" in running.err(), running)
    found = re.search(r"http://\S+/setup/\S+", running.err())
    assert found
    assert get(f"{home}/api/themes")[0] == 401
    assert get(f"{home}/themes")[0] == 303
    assert get(found[0])[0] == 200
    stop(running, signal.SIGINT)


def test_where_nobody_signs_in_it_listens_on_this_machine_only(loose: Commands) -> None:
    ended = loose.run("serve", "--host", "::")
    assert ended.code == 1
    assert "nobody would have to sign in at ::" in ended.err


def test_users_and_tokens_are_made_at_the_terminal(loose: Commands) -> None:
    new = ("users", "add", "sato", "--name", "Sato", "--role", "administrator")
    assert loose.run(*new, stdin=b"correct horse battery\n").code == 0
    assert "sato\tSato\tadministrator" in loose.run("users", "list").out
    made = loose.run("tokens", "create", "sato", "--name", "x", "--scope", "read").out.strip()
    assert made.startswith("voc_")
    listed = loose.run("tokens", "list").out
    assert made[:10] in listed
    assert made not in listed
    assert loose.run("tokens", "revoke", made[:10]).code == 0
    assert loose.run("tokens", "list").out == ""
    last = loose.run("users", "disable", "sato")
    assert (last.code, "last administrator" in last.err) == (1, True)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_second_part_of_an_answer_does_not_wait_for_the_first(host: str) -> None:
    """An answer is its head and then its body. With Nagle's algorithm the body would wait until
    whoever asked acknowledges the head, which takes them 40 ms."""

    async def sends_at_once() -> bool:
        told = asyncio.get_running_loop().create_future()

        def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            told.set_result(bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        with closing(_listen(host, 0, 0)) as listening:
            async with await asyncio.start_server(met, sock=listening):
                _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
                sent = await told
                writer.close()
        return sent

    assert asyncio.run(sends_at_once())

"""Many people at once, and a stream of feedback, on PostgreSQL and loopback.

    pip install locust
    python benchmarks/load.py postgresql://user@host/postgres [--minutes 10] [--intake 60]

Told first is how long this machine takes to verify a password, alone: machines differ by that much.
A database of its own is made on that server and filled with 100,000 statements in 1,000 themes
(invented.py). Two web processes and two workers start. Once the workers have scored and routed what
they found, 50 people sign in, five a second, and look at pages for --minutes from half a minute
after the first; told are failures and percentiles, of that half minute and of the rest. Then
programs hand in feedback for --intake seconds, 300 a second; told are what was refused and the 99th
percentile of an answer. At the end what was accepted, stored and themed must be one number."""

from __future__ import annotations

import argparse
import csv
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import psutil
from invented import invent
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import Session, col, func, select

from vocloop.accounts import passwords, tokens, users
from vocloop.cli import workspace
from vocloop_models import Feedback, FeedbackState, Role, Scope
from vocloop_models.database import open_database, reading, transaction, upgrade

HERE = Path(__file__).parent
USERS, A_SECOND, BATCH = 50, 300, 20
# So many people sign in each second; within so many seconds all have, and have been answered.
ARRIVALS, ARRIVING_SECONDS = 5, 30
EVERYTHING = "**everything**"
# Programs that hand in at the same time.
SENDERS = 4
START_SECONDS = 180
# Workers that take less than half of a processor together for so long have nothing left to do: they
# ask for work all the time, which takes a quarter on a slow machine.
QUIET_SECONDS, QUIET_SHARE = 10, 0.5
SUBJECTS = ("検索", "CSVの出力", "承認の画面", "The export", "The approval page", "The mail")


@contextmanager
def database(server: str) -> Iterator[str]:
    """The address of a new database on ``server``, dropped in the end."""
    name = f"vocloop_load_{secrets.token_hex(4)}"
    admin = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@contextmanager
def running(env: dict[str, str], log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("vocloop"), *command], env=env, stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def address(log: Path) -> str:
    """Where a web process says that it is, once it is ready, as a proxy would ask."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found and httpx2.get(f"{found[0]}/readyz", timeout=START_SECONDS).status_code == 200:
            return found[0]
        time.sleep(0.1)
    sys.exit(f"the web process did not start:\n{log.read_text()}")


def caught_up(workers: list[subprocess.Popen[bytes]]) -> None:
    """Wait until the workers have done what a new installation gives them to do."""
    begun = time.monotonic()
    processes = [psutil.Process(worker.pid) for worker in workers]
    share = 1.0
    while share > QUIET_SHARE:
        before = [p.cpu_times() for p in processes]
        time.sleep(QUIET_SECONDS)
        after = [p.cpu_times() for p in processes]
        spent = sum(
            b.user + b.system - a.user - a.system for a, b in zip(before, after, strict=True)
        )
        share = spent / QUIET_SECONDS
    print(f"the workers had caught up after {time.monotonic() - begun:.0f} s", flush=True)


def password_time(password: str) -> None:
    """What figures of two machines are compared by."""
    kept = passwords.hashed(password)
    took = []
    for _ in range(20):
        start = time.perf_counter()
        passwords.verified(password, kept)
        took.append(time.perf_counter() - start)
    print(f"a password takes {1000 * np.median(took):.0f} ms to verify", flush=True)


def people(places: list[str], password: str, minutes: float, folder: Path) -> None:
    """50 people for so long; a table of what they asked for."""
    told = folder / "answers.csv"
    env = os.environ | {
        "VOCLOOP_LOAD_PASSWORD": password,
        "VOCLOOP_LOAD_PLACES": " ".join(places),
        "VOCLOOP_LOAD_ANSWERS": str(told),
    }
    command = ["-f", HERE / "load_users.py", "--headless", "--only-summary", "-u", str(USERS)]
    command += ["-r", str(ARRIVALS), "-t", f"{round(60 * minutes + ARRIVING_SECONDS)}s"]
    command += ["--csv", folder / "people"]
    with (folder / "locust.log").open("wb") as log:
        # It ends with 1 when any request failed, which the table tells.
        run = [sys.executable, "-m", "locust", *command]
        subprocess.run(run, env=env, stdout=log, stderr=log, check=False)
    with told.open(encoding="utf-8", newline="") as file:
        answers = [
            (float(at), name, float(took), failed == "True")
            for at, name, took, failed in csv.reader(file)
        ]
    there = min(at for at, *_ in answers) + ARRIVING_SECONDS
    _table("while they arrive", [each for each in answers if each[0] < there])
    _table("all there", [each for each in answers if each[0] >= there])
    failed = (folder / "people_failures.csv").read_text("utf-8").strip().splitlines()[1:]
    print(f"failures: {len(failed)} kinds", *failed, sep="\n", flush=True)


def _table(head: str, answers: list[tuple[float, str, float, bool]]) -> None:
    took: dict[str, list[float]] = {}
    failures: Counter[str] = Counter()
    for _, name, milliseconds, failed in answers:
        for row in (name, EVERYTHING):
            took.setdefault(row, []).append(milliseconds)
            failures[row] += failed
    print(f"| {head} | requests | failures | p50 ms | p95 ms | p99 ms |")
    print("|---|---|---|---|---|---|")
    for row in sorted(took, key=lambda row: -np.percentile(took[row], 95)):
        p50, p95, p99 = np.percentile(took[row], [50, 95, 99])
        print(f"| {row} | {len(took[row])} | {failures[row]} | {p50:.0f} | {p95:.0f} | {p99:.0f} |")


def feed(places: list[str], token: str, seconds: float) -> int:
    """A_SECOND rows a second in batches, as programs hand in; how many were accepted."""
    due = iter(range(round(seconds * A_SECOND / BATCH)))
    lock = threading.Lock()
    begun = time.monotonic()
    took: list[float] = []
    accepted = refused = 0

    def send(sender: int) -> None:
        nonlocal accepted, refused
        headers = {"authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=places[sender % len(places)], headers=headers) as client:
            while True:
                with lock:
                    turn = next(due, None)
                if turn is None:
                    return
                time.sleep(max(begun + turn * BATCH / A_SECOND - time.monotonic(), 0))
                start = time.perf_counter()
                answer = client.post("/api/feedback:batch", json={"rows": _rows(turn)}, timeout=60)
                spent = time.perf_counter() - start
                with lock:
                    took.append(1000 * spent)
                    stored = answer.json()["stored"] if answer.status_code == 200 else 0
                    accepted += stored
                    refused += BATCH - stored

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, range(SENDERS)))
    spent = time.monotonic() - begun
    p50, p99 = np.percentile(took, [50, 99])
    print(
        f"intake: {accepted:,} accepted, {refused} refused, {accepted / spent:.0f} a second;"
        f" an answer to {BATCH} takes {p50:.0f} ms (median), {p99:.0f} ms (p99)",
        flush=True,
    )
    return accepted


def _rows(turn: int) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{SUBJECTS[number % len(SUBJECTS)]} {number}: 途中で止まります。",
            "source": "load",
            "external_id": str(number),
            "channel": "ticket",
            "said_at": "2026-09-11T09:00:00+09:00",
        }
        for number in range(turn * BATCH, (turn + 1) * BATCH)
    ]


def settled(url: str, accepted: int) -> None:
    """Wait for the workers, and count."""
    engine = open_database(url)
    begun = time.monotonic()
    ours = col(Feedback.source) == "load"
    while True:
        with reading(engine) as session:
            counted = select(Feedback.state, func.count()).where(ours).group_by(Feedback.state)
            states = dict(session.exec(counted).all())
        waiting = sum(states.values()) - states.get(FeedbackState.THEMED, 0)
        if not waiting:
            break
        print(f"  {waiting:,} wait", file=sys.stderr, flush=True)
        time.sleep(10)
    print(
        f"accepted {accepted:,}, stored {sum(states.values()):,}, themed"
        f" {states.get(FeedbackState.THEMED, 0):,}; the workers were done"
        f" {time.monotonic() - begun:.0f} s after the last"
    )
    engine.dispose()


def prepare(url: str, statements: int, password: str) -> str:
    """The filled database; a token that may hand in."""
    engine = open_database(url)
    upgrade(engine)
    encoder = workspace.encoder()
    invent(engine, statements, max(statements // 100, 2), encoder=encoder.name)
    with engine.connect() as connection:
        # As autovacuum has done in a database that did not come to be a minute ago.
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    with transaction(engine) as session:
        made = _people(session, password)
    engine.dispose()
    return made


def _people(session: Session, password: str) -> str:
    for role in (Role.AGENT, Role.PRODUCT_MANAGER, Role.EXECUTIVE):
        user = users.add(session, role, role.replace("_", " ").title(), [role], password=password)
    program = users.add(session, "program", "Program", [Role.AGENT])
    return tokens.create(session, program or user, "load", [Scope.INTAKE])[1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("server", help="address of a PostgreSQL server, by one who may CREATE")
    parser.add_argument("--minutes", type=float, default=10, help="of people; 0 for none")
    parser.add_argument("--intake", type=float, default=60, help="seconds of intake; 0 for none")
    parser.add_argument("--statements", type=int, default=100_000)
    asked = parser.parse_args()
    password = secrets.token_urlsafe(16)
    password_time(password)
    with ExitStack() as stack:
        url = stack.enter_context(database(asked.server))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        token = prepare(url, asked.statements, password)
        # 50 people are three users here.
        env = os.environ | {
            "VOCLOOP_DATABASE_URL": url,
            "VOCLOOP_READS_A_MINUTE": "100000",
            "VOCLOOP_WRITES_A_MINUTE": "100000",
            "VOCLOOP_INTAKE_A_MINUTE": "1000000",
        }
        logs = [folder / f"web-{n}.log" for n in range(2)]
        for log in logs:
            web = ("serve", "--no-worker", "--port", "0")
            stack.enter_context(running(env, log, *web))
        workers = [
            stack.enter_context(running(env, folder / f"worker-{n}.log", "worker"))
            for n in range(2)
        ]
        places = [address(log) for log in logs]
        caught_up(workers)
        if asked.minutes:
            people(places, password, asked.minutes, folder)
        if asked.intake:
            settled(url, feed(places, token, asked.intake))
        for log in folder.glob("*.log"):
            told = [line for line in log.read_text("utf-8").splitlines() if "ERROR" in line]
            print(f"{log.name}: {len(told)} errors", *told[:5], sep="\n")


if __name__ == "__main__":
    main()

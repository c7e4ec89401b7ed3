"""``vocloop`` as a process: started through server.py, awaited, interrupted, killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# A loaded machine is slow; a command that hangs must still fail its own test, not the run.
PATIENCE = float(os.environ.get("VOCLOOP_TEST_PATIENCE", "60"))


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass
class Running:
    pid: int
    folder: Path
    connection: socket.socket = field(repr=False)
    ended: Ended | None = None

    def err(self) -> str:
        return (self.folder / "err").read_text("utf-8", "replace")

    def wait(self, seconds: float = PATIENCE) -> Ended:
        self.connection.settimeout(seconds)
        try:
            code = int(_line(self.connection))
        except TimeoutError:
            raise AssertionError(f"still running after {seconds} s:\n{self.err()}") from None
        self.ended = Ended(code, (self.folder / "out").read_text("utf-8"), self.err())
        return self.ended

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)


def _line(connection: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\n"):
        more = connection.recv(1)
        assert more, "the server of commands ended"
        said += more
    return said.decode()


class Commands:
    """Starts ``vocloop …`` on one database. Encodes with tests.fakes unless told otherwise."""

    def __init__(self, address: str, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self._address, self.env = address, env
        self._running: list[Running] = []

    def start(
        self,
        *argv: str,
        env: dict[str, str] | None = None,
        stdin: bytes = b"",
        words: bool = True,
        pause: dict[str, Any] | None = None,
    ) -> Running:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "in").write_bytes(stdin)
        (folder / "err").touch()
        request = {
            "argv": argv,
            "env": self.env | (env or {}),
            "cwd": str(self.folder),
            "stdin": str(folder / "in"),
            "stdout": str(folder / "out"),
            "stderr": str(folder / "err"),
            "words": words,
            "pause": pause,
        }
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._address)
        connection.sendall(json.dumps(request).encode() + b"\n")
        running = Running(int(_line(connection)), folder, connection)
        self._running.append(running)
        return running

    def run(self, *argv: str, **more: Any) -> Ended:
        return self.start(*argv, **more).wait()

    def kill_at(self, target: str, *argv: str, call: int = 1, **more: Any) -> None:
        """Start a command, and kill -9 it when the ``call``-th call of ``target`` was made."""
        mark = Path(tempfile.mkdtemp(dir=self.folder)) / "mark"
        pause = {"target": target, "mark": str(mark), "call": call}
        running = self.start(*argv, pause=pause, **more)
        until(mark.exists, running)
        running.kill()
        assert running.wait().code == -signal.SIGKILL

    def end(self) -> None:
        """Leave nothing behind, also when the test failed half-way."""
        for each in self._running:
            if each.ended is None:
                each.kill()
                each.wait()
            each.connection.close()


def until(true: Callable[[], object], running: Running, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s in vain:\n{running.err()}"
        time.sleep(0.01)

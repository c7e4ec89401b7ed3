"""A PostgreSQL server of a test's own, which it may crash."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.receivers import HOST, free_port

# PostgreSQL does not run as root; its packages make this user.
USER = "postgres"


def programs() -> Path | None:
    """Where initdb and pg_ctl are, if they are."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Cluster:
    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs = folder, programs
        self._as = USER if os.geteuid() == 0 else None
        self._port = free_port()
        self.url = f"postgresql://{USER}@{HOST}:{self._port}/{USER}"
        if self._as:
            shutil.chown(folder, self._as)
        self._run("initdb", "-D", str(folder / "data"), "-U", USER, "-A", "trust", "--no-sync")

    def start(self) -> None:
        # Nothing here needs to outlive a power failure.
        options = f"-p {self._port} -h {HOST} -k {self._folder} -c fsync=off"
        self._control("start", "-w", "-o", options, "-l", str(self._folder / "log"))

    def crash(self) -> None:
        """Every process of the server is ended at once; it recovers when it starts again."""
        self._control("stop", "-w", "-m", "immediate")

    def _control(self, *more: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *more)

    def _run(self, program: str, *more: str) -> None:
        subprocess.run(
            [self._programs / program, *more],
            check=True,
            cwd=self._folder,
            user=self._as,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    # The path of a socket may have about 100 characters.
    with tempfile.TemporaryDirectory() as folder:
        made = Cluster(Path(folder), programs)
        made.start()
        try:
            yield made
        finally:
            made.crash()

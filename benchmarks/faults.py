"""Kill workers and web processes as often as asked, at random moments, and count what is there
afterwards: each accepted voice exactly once, themed, with one vector a statement.

    python benchmarks/faults.py [--kills 100]

On SQLite, and on PostgreSQL when VOCLOOP_TEST_POSTGRES_URL names a server. About 4 s a kill."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests" / "vocloop" / "cli" / "test_faults.py"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    kills = parser.parse_args().kills
    start = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", TESTS, "-p", "no:cacheprovider", "-rA"],
        # After a hundred kills a worker has thousands of voices to read before it begins.
        env=os.environ | {"VOCLOOP_TEST_KILLS": str(kills), "VOCLOOP_TEST_PATIENCE": "900"},
        cwd=TESTS.parents[3],
        check=False,
    )
    print(f"{kills} kills of workers, {max(kills // 2, 1)} of web processes, for each database:")
    print(f"{'all is there, once' if ended.returncode == 0 else 'FAILED'}")
    print(f"{time.monotonic() - start:.0f} s")
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main()

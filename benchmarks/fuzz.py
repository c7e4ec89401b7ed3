"""Damages exports and reads them, for as long as asked: no exception but InvalidInputError, no
file that takes more than five seconds.

    python benchmarks/fuzz.py --minutes 10 [--seed 1000]

prints what broke with the file and seed that repeat it, and how many files were read.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.vocloop.intake.fuzzing import FILES, damaged
from tests.vocloop.intake.reading import read
from vocloop.errors import InvalidInputError

_LONGEST_SECONDS = 5


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"took more than {_LONGEST_SECONDS} s")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1_000, help="the first seed")
    given = parser.parse_args()
    signal.signal(signal.SIGALRM, _stop)
    end = time.monotonic() + given.minutes * 60
    seed, count, broken, slowest = given.seed, 0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for name in FILES:
                path = Path(folder) / name
                path.write_bytes(damaged(name, seed))
                started = time.monotonic()
                signal.alarm(_LONGEST_SECONDS)
                try:
                    read(path)
                except InvalidInputError:
                    pass
                except Exception:  # noqa: BLE001 - whatever breaks is what is looked for
                    broken += 1
                    print(f"{name} seed {seed}:\n{traceback.format_exc()}")
                finally:
                    signal.alarm(0)
                slowest = max(slowest, time.monotonic() - started)
                count += 1
            seed += 1
    print(f"{count:,} damaged files read, {broken} broke; the slowest took {slowest:.2f} s")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

"""Holds the API against its own description for as long as asked, as everyone: no 5xx, nothing that
is not described, nothing for whom the table of permissions does not give it, no word of a customer
that is hidden.

    python benchmarks/schema.py --minutes 10 [--seed 1000] [--database postgresql://…]

prints what was wrong, with the first request that showed it, and how many requests were sent. The
database must be empty; without one it is SQLite in a folder of its own.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conformance import ENVIRONMENT, Company
from vocloop_models.database import open_database, upgrade

# Of each operation, from good and from bad values, before the next one has its turn.
EXAMPLES = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1_000, help="the first seed")
    parser.add_argument("--database", help="an empty one; SQLite by default")
    given = parser.parse_args()
    os.environ |= ENVIRONMENT
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(given.database or f"sqlite:///{folder}/vocloop.db")
        upgrade(engine)
        company = Company(engine)
        end = time.monotonic() + given.minutes * 60
        first, told = given.seed, 0
        while time.monotonic() < end:
            seen = company.run(EXAMPLES, first)
            for finding in list(seen.findings.values())[told:]:
                print(finding, end="\n\n", flush=True)
            told = len(seen.findings)
            first += 1_000
    statuses = ", ".join(f"{status}: {n:,}" for status, n in sorted(seen.statuses.items()))
    print(f"{seen.requests:,} requests to {len(seen.operations)} operations, {told} findings")
    print(f"answers: {statuses}")
    sys.exit(1 if told else 0)


if __name__ == "__main__":
    main()

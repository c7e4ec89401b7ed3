"""How long until a new statement has its theme, once it is encoded?

    python benchmarks/arrivals.py [--statements 100000]

Random points around statements / 50 centres, both languages; one new one at a time."""

from __future__ import annotations

import argparse
import time
import uuid

import numpy as np
from rows import mixture

from vocloop.themes.assign import KnownThemes

ASKED = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=100_000)
    known = parser.parse_args().statements
    drawn, rows = mixture(known + ASKED)
    points = drawn.astype(np.float32)
    themes = [uuid.uuid5(uuid.NAMESPACE_OID, label) for label in rows.labels]
    ids = [uuid.UUID(int=i) for i in range(known)]
    held = KnownThemes(ids, points[:known], rows.languages[:known], themes[:known])
    seconds, right = [], 0
    for i in range(known, known + ASKED):
        start = time.perf_counter()
        (found,) = held.assign(points[i : i + 1], rows.languages[i : i + 1])
        seconds.append(time.perf_counter() - start)
        right += found is not None and found[0] == themes[i]
    half, most = np.percentile(seconds, [50, 95]) * 1000
    print(f"{known:,} known: median {half:.1f} ms, p95 {most:.1f} ms; {right / ASKED:.0%} right")


if __name__ == "__main__":
    main()

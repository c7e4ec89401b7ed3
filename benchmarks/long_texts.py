"""What texts cost that are written to be slow to read, as they grow: four times the letters have to
take about four times as long, not sixteen.

    python benchmarks/long_texts.py

prints, for each, the processor's seconds for the shorter and the longer one, and ends with 1 when
one grows faster than its length."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.vocloop.intake.slow import LETTERS, MAILS, STATEMENTS, text_of
from vocloop.intake.mail import strip_mail
from vocloop.intake.statements import split
from vocloop.intake.text import clean
from vocloop_models import Channel

LENGTHS = (LETTERS // 4, LETTERS)
# Between 4, by which they grow, and 16, by which a quadratic one would.
MOST = 8
# Shorter ones say nothing of growth.
LEAST_SECONDS = 0.01
ROUNDS = 3


def seconds(work: Callable[[str], object], text: str) -> float:
    """The least of several, which other programs disturb least."""
    found = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work(text)
        found.append(time.process_time() - started)
    return min(found)


def main() -> None:
    slow = 0
    print(f"| text | s, {LENGTHS[0]:,} letters | s, {LENGTHS[1]:,} letters |\n|---|---|---|")
    for name, work, pieces in (
        ("mail", lambda text: strip_mail(clean(text)), MAILS),
        ("statements", lambda text: split(text, channel=Channel.TICKET, language="ja"), STATEMENTS),
    ):
        for piece in pieces:
            short, long = (seconds(work, text_of(piece, most)) for most in LENGTHS)
            grows = long > MOST * max(short, LEAST_SECONDS)
            slow += grows
            marked = ", grows faster than the text" if grows else ""
            print(f"| {name}, {piece!r} again and again{marked} | {short:.3f} | {long:.3f} |")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()

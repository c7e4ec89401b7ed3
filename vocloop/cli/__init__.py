"""The ``vocloop`` command. Nothing heavy is imported before ``main`` runs: from then on an
interruption ends without a traceback."""

from __future__ import annotations

import os
import sys

# The shell's own code for a command that Ctrl+C ended: 128 + SIGINT.
INTERRUPTED = 130


def main() -> None:
    """Run the command; an error that vocloop knows is told in words, and the exit code is 1."""
    # The tokenizers warn about threads when a process forks; none is used across a fork here.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Threads of numpy's OpenBLAS wait for more work by turning in circles: 2^20 ticks, half a
    # millisecond, keep what comes in a row fast; the usual 2^28 take a core from the next process
    # for as long as it encodes a text.
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")
    try:
        from vocloop.cli.app import run

        sys.exit(run())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)

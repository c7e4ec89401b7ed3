"""How well the rules tell what a statement does, on texts marked by hand.

    python benchmarks/kinds.py [tests/vocloop/intake/kinds.jsonl]

prints accuracy per language and half, and precision and recall per kind. "blind" texts were
written after the rules; "natural" are statements of real length that the rules were once mended
for (0.69 before); "seen" ones were read while the rules were written.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from vocloop.intake.kinds import kind_of_statement
from vocloop_models import StatementKind

_MARKED = Path(__file__).parents[1] / "tests/vocloop/intake/kinds.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?", default=_MARKED)
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines()]
    for half in sorted({row["half"] for row in rows}):
        for language in sorted({row["language"] for row in rows}):
            pairs = [
                (row["kind"], kind_of_statement(row["text"], language))
                for row in rows
                if (row["half"], row["language"]) == (half, language)
            ]
            right = sum(marked == found for marked, found in pairs)
            print(f"{half} {language}: {right}/{len(pairs)} = {right / len(pairs):.2f}")
            for kind in StatementKind:
                hit = sum(marked == found == kind for marked, found in pairs)
                named = sum(found == kind for _, found in pairs)
                held = sum(marked == kind for marked, _ in pairs)
                print(
                    f"  {kind.value:10} precision {hit / named if named else 0:.2f} ({named})"
                    f"  recall {hit / held if held else 0:.2f} ({held})"
                )


if __name__ == "__main__":
    main()

"""How much personal data intake lets through, and how many sentences without any it touches.

    python benchmarks/redaction.py [NAME=FILE.jsonl …]

prints recall by kind on the planted cases of benchmarks/planted.py (three seeds, of which the
finders were written against the first), the share of its clean sentences that are touched, and for
each FILE (rows with a "text") the share of rows touched, what was found, and rows a second.
``--recogniser`` counts names that only the recogniser of English names can find
(benchmarks/planted_names.py), and the sentences with products and places that it takes for people:
``seen`` when its rules were written, and ``unseen``.

``--show N`` prints N finds of each kind and file: a share of rows touched counts real personal data
too, so it has to be read.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from planted import CLEAN, cases, leaks
from planted_names import SEEN, UNSEEN
from planted_names import cases as named

from vocloop.intake.redact import redact
from vocloop.intake.redact.rampart import rampart_names

_SEEDS = (20241105, 1, 2)
_AROUND = 24


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*", help="NAME=FILE.jsonl")
    parser.add_argument("--rows", type=int, default=3_000, help="rows drawn from each file")
    parser.add_argument("--show", type=int, default=0, help="finds shown of each kind and file")
    parser.add_argument("--recogniser", action="store_true", help="English names, see above")
    given = parser.parse_args()
    if given.recogniser:
        _recogniser()
        return
    for seed in _SEEDS:
        _recall(seed)
    touched = [text for text in CLEAN if _one(text) != text]
    print(
        f"clean sentences: {len(touched)} of {len(CLEAN)} touched ({len(touched) / len(CLEAN):.1%})"
    )
    for each in given.files:
        name, _, path = each.rpartition("=")
        _file(name or Path(path).stem, Path(path), given.rows, given.show)


def _one(text: str, **more: Any) -> str:
    return redact([text], **more).texts[0]


def _recogniser() -> None:
    recognised = partial(_one, recognise=rampart_names)
    planted = [case for seed in (1, 2) for case in named(seed=seed)]
    for said, redacted in (("without", _one), ("with", recognised)):
        recall = 1 - sum(leaks(case, redacted) for case in planted) / len(planted)
        print(f"English names, {said} the recogniser: {recall:.3f} of {len(planted)}")
    for said, texts in (("ordinary", CLEAN), ("seen", SEEN), ("unseen", UNSEEN)):
        touched = sum(recognised(text) != text for text in texts)
        print(f"{said} sentences touched: {touched} of {len(texts)}")
    started = time.process_time()
    for case in planted:
        rampart_names(case.text)
    print(f"{len(planted) / (time.process_time() - started):,.0f} short texts a second")


def _recall(seed: int) -> None:
    kinds: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for case in cases(seed=seed):
        kinds[case.kind] += 1
        missed[case.kind] += leaks(case, _one)
    by_kind = ", ".join(f"{kind} {1 - missed[kind] / n:.3f}" for kind, n in kinds.items())
    total = kinds.total()
    print(f"recall, seed {seed}: {1 - missed.total() / total:.4f} of {total} cases ({by_kind})")


def _file(name: str, path: Path, most: int, show: int) -> None:
    with path.open(encoding="utf-8") as stream:
        texts = [str(json.loads(line).get("text") or "") for line in stream]
    random.Random(1).shuffle(texts)  # noqa: S311 - a sample
    texts = [text for text in texts if text][:most]
    found: defaultdict[str, list[str]] = defaultdict(list)
    touched = 0
    started = time.perf_counter()
    for text in texts:
        originals = redact([text]).originals
        touched += bool(originals)
        for label, original in originals.items():
            place = text.find(original)
            around = text[max(0, place - _AROUND) : place + len(original) + _AROUND]
            found[label[1:].split("-")[0]].append(around.replace("\n", " "))
    rate = len(texts) / (time.perf_counter() - started)
    counts = ", ".join(f"{kind} {len(each)}" for kind, each in sorted(found.items())) or "nothing"
    share = touched / max(len(texts), 1)
    print(
        f"{name}: {touched:,} of {len(texts):,} rows touched ({share:.2%}): {counts};"
        f" {rate:,.0f} rows/s"
    )
    for kind, each in sorted(found.items()):
        for shown in each[:show]:
            print(f"    {kind}: {shown}")


if __name__ == "__main__":
    main()

"""How well texts reach their department, by descriptions alone and with labelled rows.

    python benchmarks/routing.py ROWS.jsonl DEPARTMENTS.yaml [--labels 200] [--draws 3]

ROWS: {"id", "text", "department"}. Prints macro-F1, accuracy, expected calibration error (10 equal
bins of confidence) and accuracy of the half that it is surest of; with labels the mean over draws,
each tested on the rows not drawn. "labels alone" has no descriptions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from rows import Floats, cache_folder, vectors
from sklearn.metrics import f1_score

from vocloop.jsonl import read_rows
from vocloop.route import classify
from vocloop.route.departments import encoded, numbers_by_name, read_departments
from vocloop.route.machine import Texts, learn

BINS = 10
ALONE = tuple(classify.Trust(0.0, 0.0, stiffness) for stiffness in (0.03, 0.08, 0.15, 0.3))


def calibration_error(odds: Floats, truth: classify.Ints) -> float:
    """Mean over rows of |confidence − accuracy| of each row's bin (Guo et al. 2017)."""
    sure, right = odds.max(axis=1), odds.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs((sure - right)[bins == b].sum()) for b in range(BINS)]
    return float(sum(gaps) / len(truth))


def figures(odds: Floats, truth: classify.Ints) -> list[float]:
    guess = odds.argmax(axis=1)
    surest = np.argsort(-odds.max(axis=1), kind="stable")[: len(truth) // 2]
    return [
        float(f1_score(truth, guess, average="macro", labels=sorted(set(truth)), zero_division=0)),
        float((guess == truth).mean()),
        calibration_error(odds, truth),
        float((guess == truth)[surest].mean()),
    ]


def tell(name: str, found: Sequence[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in found) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("rows")
    parser.add_argument("departments")
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--draws", type=int, default=3)
    given = parser.parse_args()
    known, rows = read_departments(given.departments), read_rows(given.rows)
    numbers = numbers_by_name(known)
    truth = np.array([numbers[str(row["department"]).strip().lower()] for row in rows])
    texts = [str(row["text"]) for row in rows]
    places = vectors(texts, cache_folder())
    told = encoded(known, lambda parts: vectors(parts, cache_folder()))
    words = [d.words() for d in known]

    def found(
        some: classify.Ints, others: classify.Ints, trusts: Sequence[classify.Trust]
    ) -> list[float]:
        lessons = classify.Lessons(places[some], [texts[i] for i in some], truth[some])
        sample = Texts(places[others], [texts[i] for i in others])
        machine = learn(told, words, sample, lessons, trusts)
        return figures(machine.odds(sample, machine.sampled), truth[others])

    print("| | macro-F1 | accuracy | calibration error | surest half |\n|---|---|---|---|---|")
    every = np.arange(len(rows))
    tell("descriptions", found(every[:0], every, classify.TRUSTS))
    for name, trusts in (("labels alone", ALONE), ("both", classify.TRUSTS)):
        drawn = []
        for draw in range(given.draws):
            order = np.random.default_rng(draw).permutation(len(rows))
            drawn.append(found(order[: given.labels], order[given.labels :], trusts))
        tell(f"{name}, {given.labels}", np.mean(drawn, axis=0).tolist())


if __name__ == "__main__":
    main()

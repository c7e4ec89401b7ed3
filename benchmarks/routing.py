"""How well texts reach their department, by descriptions alone and with labelled rows.

    python benchmarks/routing.py ROWS.jsonl DEPARTMENTS.yaml [--labels 200] [--draws 3] \
        [--each] [--field product=company]

ROWS: {"id", "text", "department"}. Prints macro-F1, accuracy, expected calibration error (10 equal
bins of confidence) and accuracy of the half that it is surest of; with labels the mean over draws,
each tested on the rows not drawn. Labels are drawn at random, so that rare departments may have
none; with --each there is one at least of every department. "labels alone" has no descriptions.
Where rows have fields (vocloop/route/fields.py; --field says which column is one), two lines more:
with them, and with those of other rows, which say nothing. Below a line that is measured beside
another, the mean difference and its standard error over the draws."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rows import Floats, cache_folder, vectors
from sklearn.metrics import f1_score

from vocloop.jsonl import read_rows
from vocloop.route import classify
from vocloop.route.departments import encoded, numbers_by_name, read_departments
from vocloop.route.fields import NAMES, Fields, fields_of
from vocloop.route.machine import Texts, learn

BINS = 10
ALONE = tuple(classify.Trust(0.0, 0.0, stiffness) for stiffness in (0.03, 0.08, 0.15, 0.3))


def calibration_error(sure: classify.Doubles, right: NDArray[np.bool_]) -> float:
    """Mean over rows of |confidence − accuracy| of each row's bin (Guo et al. 2017)."""
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs((sure - right)[bins == b].sum()) for b in range(BINS)]
    return float(sum(gaps) / len(right))


def figures(odds: Floats, sure: classify.Doubles, truth: classify.Ints) -> list[float]:
    guess = odds.argmax(axis=1)
    surest = np.argsort(-sure, kind="stable")[: len(truth) // 2]
    return [
        float(f1_score(truth, guess, average="macro", labels=sorted(set(truth)), zero_division=0)),
        float((guess == truth).mean()),
        calibration_error(sure, guess == truth),
        float((guess == truth)[surest].mean()),
    ]


def tell(name: str, found: Sequence[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in found) + " |", flush=True)


def tell_beside(
    name: str, found: Sequence[Sequence[float]], beside: Sequence[Sequence[float]]
) -> None:
    tell(name, np.mean(found, axis=0).tolist())
    apart = np.asarray(found) - np.asarray(beside)
    error = apart.std(axis=0, ddof=1) / len(apart) ** 0.5 if len(apart) > 1 else apart[0] * np.nan
    pairs = zip(apart.mean(axis=0), error, strict=True)
    print("| | " + " | ".join(f"{mean:+.4f} ± {about:.4f}" for mean, about in pairs) + " |")


def order(draw: int, truth: classify.Ints, *, each: bool) -> classify.Ints:
    """The rows in the order in which ``draw`` takes them; ``each``: one of every department comes
    first."""
    drawn = np.random.default_rng(draw).permutation(len(truth))
    if not each:
        return drawn
    first = np.sort(np.unique(truth[drawn], return_index=True)[1])
    return np.concatenate([drawn[first], np.delete(drawn, first)])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("rows")
    parser.add_argument("departments")
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--field", action="append", default=[], metavar="NAME=COLUMN")
    given = parser.parse_args()
    known, rows = read_departments(given.departments), read_rows(given.rows)
    numbers = numbers_by_name(known)
    truth = np.array([numbers[str(row["department"]).strip().lower()] for row in rows])
    texts = [str(row["text"]) for row in rows]
    places = vectors(texts, cache_folder())
    told = encoded(known, lambda parts: vectors(parts, cache_folder()))
    words = [d.words() for d in known]
    columns = {**dict(zip(NAMES, NAMES, strict=True)), **dict(f.split("=") for f in given.field)}
    own = [fields_of({name: row.get(columns[name]) for name in NAMES}) for row in rows]
    none: list[Fields] = [()] * len(rows)
    strangers = [own[i] for i in np.random.default_rng(given.draws).permutation(len(rows))]

    def found(
        some: classify.Ints,
        others: classify.Ints,
        trusts: Sequence[classify.Trust],
        fields: Sequence[Fields] = none,
    ) -> list[float]:
        lessons = classify.Lessons(
            places[some],
            [texts[i] for i in some],
            truth[some],
            fields=[fields[i] for i in some],
        )
        sample = Texts(places[others], [texts[i] for i in others], [fields[i] for i in others])
        machine = learn(told, words, sample, lessons, trusts)
        odds = machine.odds(sample, machine.sampled)
        return figures(odds, machine.confidence(odds), truth[others])

    print("| | macro-F1 | accuracy | calibration error | surest half |\n|---|---|---|---|---|")
    every = np.arange(len(rows))
    tell("descriptions", found(every[:0], every, classify.TRUSTS))

    def drawn(
        trusts: Sequence[classify.Trust], fields: Sequence[Fields] = none
    ) -> list[list[float]]:
        orders = [order(draw, truth, each=given.each) for draw in range(given.draws)]
        parts = [(each[: given.labels], each[given.labels :]) for each in orders]
        return [found(some, others, trusts, fields) for some, others in parts]

    alone, both = drawn(ALONE), drawn(classify.TRUSTS)
    tell(f"labels alone, {given.labels}", np.mean(alone, axis=0).tolist())
    tell_beside(f"both, {given.labels}", both, alone)
    if any(own):
        tell_beside("and fields", drawn(classify.TRUSTS, own), both)
        tell_beside("and fields of other rows", drawn(classify.TRUSTS, strangers), both)


if __name__ == "__main__":
    main()

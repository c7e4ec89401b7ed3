"""Back-tests of the scores: cut time at T, score with what was known, check what followed.

    python benchmarks/scores.py                          # planted, simulated, the sample company
    python benchmarks/scores.py ROWS.jsonl --theme label,product --customer company \\
        --about product,label --segments segment_prefecture,product

ROWS.jsonl: {"id", "date", …}, dates YYYY-MM or longer; rows without a date or a theme are left out.
A theme is each combination of the fields of --theme; --about names what rows are about besides,
as the product and the area of a theme are in a workspace; --segments also measures whether segments
found in the first half of the rows still stand out in the second. Prints tables, as in
docs/method/scores.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from generality import coverage, lasting_segments, planted_segments
from numpy.typing import NDArray
from scipy.stats import spearmanr

from vocloop.errors import InvalidInputError
from vocloop.jsonl import read_rows
from vocloop.score.kinds import KINDS, beliefs, kind
from vocloop.score.scores import Fix, score_all
from vocloop.score.voices import Company, Said
from vocloop_models import LongevityKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = Mapping[str, Any]

MINAMO = Path(__file__).parents[1] / "examples" / "minamo"
SHARES = (0.5, 0.6, 0.7)
NO_FIXES: Mapping[str, Fix] = {}
LEAST_REPORTS = 3
HORIZON = 12
BANDS = 5
SEED = 0
K = LongevityKind


# Longevity ------------------------------------------------------------------------------------


def month_of(date: str) -> int:
    return 12 * int(date[:4]) + int(date[5:7]) - 1


def end_of(month: int) -> dt.datetime:
    """The last second of a month counted from year 0."""
    year, following = divmod(month + 1, 12)
    return dt.datetime(year, following + 1, 1, tzinfo=dt.UTC) - dt.timedelta(seconds=1)


def day_of(date: str) -> dt.datetime:
    return dt.datetime.fromisoformat(date if len(date) > 7 else f"{date}-01").replace(tzinfo=dt.UTC)


def baselines(past: Ints) -> dict[str, Floats]:
    """past: (themes, months) reports, oldest month first, the last one is T."""
    months = past.shape[1]
    age = np.arange(months - 1, -1, -1)
    active = past > 0
    return {
        "count": past.sum(axis=1).astype(float),
        "recency": months - 1.0 - active[:, ::-1].argmax(axis=1),
        "age": (months - active.argmax(axis=1)).astype(float),
        "last quarter": past[:, -3:].sum(axis=1).astype(float),
        "count, half-life 12": past @ 0.5 ** (age / 12),
        "active months, half-life 24": active @ 0.5 ** (age / 24),
    }


def in_bands(score: Floats, after: Floats, volume: Floats) -> list[float]:
    """Rank correlation in each of BANDS bands of equal volume; NaN where either is constant."""
    parts = np.array_split(np.argsort(volume, kind="stable"), BANDS)
    return [correlation(score[part], after[part]) for part in parts]


def correlation(a: Floats, b: Floats) -> float:
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)


def back_test(
    name: str,
    rows: Sequence[Row],
    fields: Mapping[str, Sequence[str]],
    fixes: Mapping[str, Fix] = NO_FIXES,
) -> None:
    """fields: "theme", and the "customer" and what the row is "about" (product, area), [] for
    none. fixes: by theme what was shipped for it, which the last variant knows from then on."""
    themes = [" | ".join(str(row[f]) for f in fields["theme"]) for row in rows]
    months = np.array([month_of(row["date"]) for row in rows])
    months -= (start := int(months.min()))
    names = {theme: i for i, theme in enumerate(sorted(set(themes)))}
    counts = np.zeros((len(names), int(months.max()) + 1), dtype=np.int64)
    np.add.at(counts, ([names[theme] for theme in themes], months), 1)
    reached = np.cumsum(counts.sum(axis=0)) / len(rows)
    customer, about = fields["customer"], fields.get("about", [])
    variants: dict[str, tuple[Sequence[str], Sequence[str], Mapping[str, Fix]]] = {
        "dates alone": ([], [], NO_FIXES)
    }
    if customer:
        variants["with customers"] = (customer, [], NO_FIXES)
    if about:
        variants[f"with {', '.join([*customer, *about])}"] = (customer, about, NO_FIXES)
    if fixes:
        variants["with what was shipped"] = (customer, about, fixes)
    print(f"\n{name}: {len(rows)} dated rows, {len(names)} themes, theme = {fields['theme']}")
    print("| T | themes | months after | score | all | bands | least | covered | mean | after |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for share in SHARES:
        cut = int(np.searchsorted(reached, share))
        past, after = counts[:, : cut + 1], counts[:, cut + 1 : cut + 1 + HORIZON]
        asked = past.sum(axis=1) >= LEAST_REPORTS
        if not after.shape[1] or asked.sum() < BANDS:
            continue
        lived = (after[asked] > 0).mean(axis=1)
        volume = past[asked].sum(axis=1)
        head = f"| {share:.0%} | {asked.sum()} | {after.shape[1]}"
        for label, values in baselines(past[asked]).items():
            print(f"{head} | {label} | {_figures(values, lived, volume)} | | | |")
        known = {theme for theme, i in names.items() if past[i].any()}
        for label, (companies, kin, shipped) in variants.items():
            said = [
                Said(
                    f"{n:07}",
                    theme,
                    f"{n:07}",
                    str(row[companies[0]]) if companies else None,
                    None,
                    day_of(row["date"]),
                    about={f: str(row[f]) for f in kin if row.get(f)},
                )
                for n, (row, theme) in enumerate(zip(rows, themes, strict=True))
            ]
            scores = score_all(said, {}, known, end_of(start + cut), fixes=shipped)
            listed = [s.longevity for t, s in sorted(scores.items()) if asked[names[t]]]
            value, low, high = (np.array([getattr(e, f) for e in listed])
                                for f in ("value", "low", "high"))  # fmt: skip
            held = ((low <= lived) & (lived <= high)).mean()
            print(
                f"{head} | **longevity**, {label} | {_figures(value, lived, volume)} | "
                f"{held:.0%} | {value.mean():.3f} | {lived.mean():.3f} |"
            )


def _figures(score: Floats, after: Floats, volume: Floats) -> str:
    bands = in_bands(score, after, volume)
    known = [b for b in bands if not np.isnan(b)]
    if not known:
        return f"{correlation(score, after):.3f} | – | –"
    return f"{correlation(score, after):.3f} | {np.mean(known):.2f} | {min(known):.2f}"


# Kinds ----------------------------------------------------------------------------------------


def planted(shape: LongevityKind, months: int, rng: np.random.Generator) -> Ints:
    """A series of one kind: spikes, steps and ramps, waves and windows, steady ones, decays and
    fixes; stray reports everywhere, and twice Poisson's variance."""
    rate, t = rng.uniform(1.5, 8), np.arange(months)
    means = np.zeros(months)
    if shape is K.TRANSIENT:
        begin = rng.integers(0, months - 8)
        means[begin : begin + rng.integers(1, 5)] = 2 * rate
    if shape is K.EMERGING:
        young = rng.integers(2, 6)
        means[-young:] = rate * (np.arange(1, young + 1) / young if rng.random() < 0.5 else 1)
    if shape is K.RECURRING:
        period = int(rng.choice([6, 12]))
        place = (t - rng.integers(0, period)) % period
        wave = rate * (1 + np.cos(2 * np.pi * place / period))
        means = wave if rng.random() < 0.5 else np.where(place < rng.integers(2, 4), 2 * rate, 0)
    if shape is K.LASTING:
        means[rng.integers(0, months // 3) if rng.random() < 0.3 else 0 :] = rate
    if shape is K.FADING:
        decay = 2 * rate * 0.5 ** (t / rng.uniform(3, months / 5))
        means = decay if rng.random() < 0.5 else np.where(t < rng.integers(8, months - 4), rate, 0)
    means += rng.uniform(0, 0.3)
    return rng.negative_binomial(5, 5 / (5 + means))


def kinds() -> None:
    print("\nKinds: 200 planted series, 40 of each, by months of history")
    print("| months | right | mistaken |")
    print("|---|---|---|")
    for months in (18, 24, 36, 48):
        rng = np.random.default_rng(SEED + months)
        wanted = [shape for shape in KINDS for _ in range(40)]
        counts = np.array([planted(shape, months, rng) for shape in wanted])
        found = [kind(belief) for belief in beliefs(counts, np.ones(months))]
        wrong = Counter(f"{w} → {f}" for w, f in zip(wanted, found, strict=True) if f is not w)
        right = 1 - wrong.total() / len(wanted)
        told = ", ".join(f"{pair} {n}" for pair, n in wrong.most_common(3))
        print(f"| {months} | {right:.0%} | {told} |")


def sample_company() -> None:
    """The sample company, each voice in the themes that were planted behind it."""
    truth = {row["id"]: row for row in read_rows(str(MINAMO / "truth.jsonl"))}
    plans = json.loads((MINAMO / "planted.json").read_text("utf-8"))["themes"]
    said = [
        Said(f"{row['id']}-{theme}", theme, row["id"], row["customer"], None, at(row))
        for row in read_rows(str(MINAMO / "feedback.jsonl"))
        for theme in truth[row["id"]]["themes"] or [None]
    ]
    wanted = {name: K(plan["kind"]) for name, plan in plans.items() if plan["kind"]}
    scores = score_all(said, {}, wanted, max(s.at for s in said if s.at))
    wrong = [
        f"{name}: {wanted[name]} → {s.kind}" for name, s in scores.items() if s.kind != wanted[name]
    ]
    print(f"\nSample company: {len(wanted) - len(wrong)} of {len(wanted)} kinds right")
    print("\n".join(wrong))
    rows = [
        {"theme": s.theme, "customer": s.company, "date": s.at.date().isoformat()}
        for s in said
        if s.theme and s.at
    ]
    fields = {"theme": ["theme"], "customer": ["customer"]}
    back_test("Sample company", rows, fields, _shipped())


def _shipped() -> dict[str, Fix]:
    """What the sample company shipped for its themes."""
    plan = yaml.safe_load((MINAMO / "roadmap.yaml").read_text("utf-8"))
    solved = {item["key"]: item["themes"] for item in plan["items"]}
    return {
        theme: Fix(dt.datetime.combine(row["on"], dt.time(), dt.UTC), share)
        for row in plan["shipped"]
        for theme, share in solved[row["item"]].items()
    }


def at(row: Row) -> dt.datetime:
    return dt.datetime.fromisoformat(row["date"]).astimezone(dt.UTC)


# Speed ----------------------------------------------------------------------------------------


def speed(themes: int = 1_000, statements: int = 100_000) -> None:
    rng = np.random.default_rng(SEED)
    start = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    companies = {
        f"c{i}": Company({f"a{a}": f"v{rng.integers(0, 6)}" for a in range(5)}) for i in range(2000)
    }
    of_theme = rng.zipf(1.3, statements) % themes
    of_company, days = rng.integers(0, 2000, statements), rng.integers(0, 1800, statements)
    said = [
        Said(
            f"{i:07}", f"t{of_theme[i]}", f"{i:07}", f"c{of_company[i]}", None,
            start + dt.timedelta(days=int(days[i])),
            person={"department": f"d{i % 7}", "role": f"r{i % 4}"},
        )
        for i in range(statements)
    ]  # fmt: skip
    begun = time.perf_counter()
    score_all(said, companies, [f"t{i}" for i in range(themes)], start + dt.timedelta(days=1800))
    took = time.perf_counter() - begun
    print(f"\nSpeed: {themes} themes × {statements} statements scored in {took:.1f} s")


def dated(path: str, fields: Iterable[str]) -> list[Row]:
    """Rows that have a month and all of ``fields``."""
    rows = read_rows(path, ("id",))
    return [
        row
        for row in rows
        if len(str(row.get("date") or "")) >= 7 and all(row.get(field) for field in fields)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("rows", nargs="?")
    parser.add_argument("--theme", default="theme")
    parser.add_argument("--customer")
    parser.add_argument("--about")
    parser.add_argument("--segments")
    given = parser.parse_args()
    if given.rows is None:
        kinds()
        sample_company()
        coverage()
        planted_segments()
        speed()
        return
    theme = given.theme.split(",")
    customer = [given.customer] if given.customer else []
    rows = dated(given.rows, [*theme, *customer])
    if not rows:
        raise InvalidInputError(f"{given.rows}: no row has a date and {', '.join(theme)}")
    about = given.about.split(",") if given.about else []
    fields = {"theme": theme, "customer": customer, "about": about}
    back_test(Path(given.rows).name, rows, fields)
    if given.segments:
        lasting_segments(rows, theme[:1], given.segments.split(","))


if __name__ == "__main__":
    try:
        main()
    except InvalidInputError as error:
        print(
            error,
            *(f"  {where}: {why}" for where, why in error.problems),
            sep="\n",
            file=sys.stderr,
        )
        sys.exit(1)

"""All scores of all themes, each with the evidence to check it by.

The evidence of a theme is JSON, numbers in [0, 1] unless a name says otherwise. ``estimate`` is
{"value", "low", "high"}; ``ids`` is {"count", "ids"}, at most MAX_IDS of them, sorted; ``segment``
is {"attribute", "value", "said", "heard", "share": estimate, "lift", "lift_low", "lift_high", "p",
"significant", "parts": [[attribute, value]]}: of ``heard`` companies ``said`` face it. Of a pair
of attributes the two stand in "attribute" and "value" with " × " between them.

- as_of: ISO time that the scores were made for
- generality: said, heard: {"companies", "contacts", "messages"}; share: estimate over all
  companies; unit: "companies", or "contacts" or "messages" where those stand in for them;
  basis: segment | null, which gave the value (null: the share of all gave it); best: segment |
  null, the significant one to name; segments: [segment], the surest first;
  segments_tested, with pairs; false_discovery_rate; period_months; customers: ids; reach: active
  customers of the best segment (without one, of all) that did not say it yet, and ``expected``,
  how many of them face it too
- longevity: model; horizon_months; kind; kinds: {kind: belief}; first, last: ISO dates | null;
  age_months, active_months, active_share, silent_months (since the last), longest_gap_months;
  prior: share of months that its kin let expect, base · Π ratio ^ weight; base; kin: {attribute:
  {"ratio": share of kin over that of all, "weight"}}; lone: part of a month of one voice that is
  taken for silence; arrivals: whether months count only as far as those who say it had been heard
  from by then; loud: what the logarithm of the voices of a month weighs; memories: [{"months"
  half-life, "young": since its own first report, "echo": months weighed by the loudest, "fixed":
  since the month of the fix, "belief", "heard", "could", "chance"}]; fix: what was shipped for it
  last, {"on": ISO date, "share": how much of it that was to solve, "held": belief that this ended
  it} | null; trend: {"ratio", "z"};
  months: distinct companies by month, oldest first, at most MAX_MONTHS; undated: statements;
  returning: ids of customers heard in two months or more
- severity: companies, others: those of them that are voices of no known company; histogram:
  companies by mean severity in five equal bins; signals: {name: statements}; worst: [{"statement",
  "severity", "signals": {name: log-odds}}]
- impact: exponents: {"generality", "longevity", "severity"}; weights: version that set them, 0
  the defaults; draws; rank: place among all scored; top: TOP, in_top: share of draws of parts and
  weights in which it stays there; rival: theme that it changes places with most easily | null,
  swap: in which share of draws
- statements: ids
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocloop.score.arrivals import heard_from
from vocloop.score.estimate import Estimate
from vocloop.score.generality import Counted, Generality, generality
from vocloop.score.impact import DRAWS, EQUAL, Exponents, impact, ranks
from vocloop.score.kinds import KINDS, beliefs, exposure, kind, trend
from vocloop.score.longevity import HORIZON_MONTHS, Course, Fixes, courses, month_back
from vocloop.score.segments import FALSE_DISCOVERY_RATE, Reachable, SegmentShare
from vocloop.score.severity import theme_severity
from vocloop.score.voices import (
    COMPANY,
    CONTACT,
    MESSAGE,
    PERIOD_MONTHS,
    Company,
    Said,
    Voices,
    gather,
    month_counts,
    month_voices,
    pairs,
    reach,
    spoken_months,
    week_counts,
    whole_months,
)
from vocloop_models import LongevityKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A page shows some and counts the rest; the ids of 10,000 customers would double the database.
MAX_IDS = 50
MAX_MONTHS = 60
MAX_WORST = 10
BINS = 5


@dataclass(frozen=True)
class Fix:
    """at: when something was shipped for a theme (aware); share: how much of the theme that was to
    solve, in (0, 1]."""

    at: dt.datetime
    share: float


@dataclass(frozen=True)
class Scores:
    """The scores of one theme. customers: distinct known ones; weeks: distinct customers, oldest
    first (contacts or messages where no customer is known); languages: statements in each."""

    generality: Estimate
    longevity: Estimate
    severity: Estimate
    impact: Estimate
    kind: LongevityKind | None
    statements: int
    customers: int
    languages: dict[str, int]
    weeks: list[int]
    evidence: dict[str, Any]


def score_all(
    said: Iterable[Said],
    companies: Mapping[str, Company],
    themes: Iterable[str],
    as_of: dt.datetime,
    exponents: Exponents = EQUAL,
    *,
    fixes: Mapping[str, Fix] | None = None,
) -> dict[str, Scores]:
    """Scores of each theme by its id, as they could be known at ``as_of`` (aware).

    fixes: by theme what was shipped for it last; what was shipped after ``as_of`` is not known.
    The order of rows and themes does not matter, nor does shifting all times together. A theme
    of which nothing was said yet has the priors: wide intervals."""
    voices = gather(said, companies, themes, as_of)
    known_fixes = {theme: fix for theme, fix in (fixes or {}).items() if fix.at <= as_of}
    reached = reach(voices)
    counts, weeks = month_counts(voices), week_counts(voices)
    kinds = beliefs(counts, exposure(voices.volume))
    fashion = kinds[:, KINDS.index(LongevityKind.TRANSIENT)]
    whole, volume = whole_months(voices, counts)
    spoke, _ = whole_months(voices, month_voices(voices))
    there = heard_from(voices)[:, -whole.shape[1] :]
    paths = courses(
        whole,
        volume,
        spoken_months(voices),
        fashion=fashion,
        voices=spoke,
        there=there,
        fixes=_fixes(voices.themes, known_fixes, as_of, whole.shape[1]),
    )
    customers = _reachable(companies)
    order = np.argsort(voices.theme, kind="stable")
    edges = np.searchsorted(voices.theme[order], np.arange(len(voices.themes) + 1))
    facing_edges = np.searchsorted(reached.theme, np.arange(len(voices.themes) + 1))
    heard = _counted(voices, reached.people)
    out = {}
    for i, theme in enumerate(voices.themes):
        rows = order[edges[i] : edges[i + 1]]
        who = reached.who[facing_edges[i] : facing_edges[i + 1]]
        facing = _counted(voices, who)
        general = generality(facing, heard, reached.segments, i)
        long, long_evidence = _longevity(
            voices, rows, counts[i], paths[i], kinds[i], fix=known_fixes.get(theme)
        )
        severe, severe_evidence = _severity(voices, rows)
        total = impact(general.estimate, paths[i].share, severe, exponents)
        evidence = {
            "as_of": as_of.astimezone(dt.UTC).isoformat(),
            "generality": {
                **_generality_evidence(voices, who, facing, heard, general),
                "segments_tested": len(reached.segments.parts),
                "reach": _reach(voices, who, general, customers),
            },
            "longevity": long_evidence,
            "severity": severe_evidence,
            "impact": {
                "exponents": exponents.by_name(),
                "weights": exponents.version,
                "draws": DRAWS,
            },
            "statements": _ids(voices.said[r].id for r in rows),
        }
        everyone = np.unique(voices.who[rows])
        out[theme] = Scores(
            general.estimate,
            paths[i].share,
            severe,
            total,
            long,
            len(rows),
            int((voices.kinds[everyone] == COMPANY).sum()),
            dict(sorted(Counter(voices.said[r].voice.language for r in rows).items())),
            weeks[i].tolist(),
            evidence,
        )
    rank_all(out, exponents)
    return out


def rank_all(scores: Mapping[str, Scores], exponents: Exponents) -> None:
    """Write how sure each rank is into the evidence of its impact."""
    names = list(scores)
    found = ranks(
        [(s.generality, s.longevity, s.severity) for s in scores.values()],
        [s.impact.value for s in scores.values()],
        exponents,
    )
    for name, rank in zip(names, found, strict=True):
        scores[name].evidence["impact"] |= rank.evidence(names)


def _fixes(
    themes: Sequence[str], known: Mapping[str, Fix], as_of: dt.datetime, months: int
) -> Fixes:
    """months: columns of the counts that these belong to."""
    month, share = np.full(len(themes), -1), np.zeros(len(themes))
    for i, theme in enumerate(themes):
        if theme in known:
            days = np.array((as_of - known[theme].at) / dt.timedelta(days=1))
            month[i] = max(months - 1 - int(month_back(days)), -1)
            share[i] = known[theme].share
    return Fixes(month, share)


def _reachable(companies: Mapping[str, Company]) -> Reachable:
    return Reachable(
        {
            key: [{**company.attributes, **person} for person in company.people or ({},)]
            for key, company in companies.items()
            if company.active
        }
    )


def _reach(
    voices: Voices,
    who: Ints,
    general: Generality,
    customers: Reachable,
) -> dict[str, Any]:
    said = {voices.people[w].key for w in who.tolist() if voices.kinds[w] == COMPANY}
    best = general.best
    silent = customers.silent(best.parts if best else (), said)
    share = best.share if best else general.share
    return {
        "customers": silent,
        "expected": round(silent * share.value, 1),
        "expected_low": round(silent * share.low, 1),
        "expected_high": round(silent * share.high, 1),
    }


def _counted(voices: Voices, who: Ints) -> Counted:
    kinds = np.bincount(voices.kinds[who], minlength=3)
    return Counted(int(kinds[COMPANY]), int(kinds[CONTACT]), int(kinds[MESSAGE]))


def _generality_evidence(
    voices: Voices, who: Ints, facing: Counted, heard: Counted, general: Generality
) -> dict[str, Any]:
    unit = "companies" if heard.companies else "contacts" if heard.contacts else "messages"
    return {
        "said": asdict(facing),
        "heard": asdict(heard),
        "unit": unit,
        "share": general.share.rounded(),
        "basis": _segment(general.basis),
        "best": _segment(general.best),
        "segments": [_segment(row) for row in general.segments],
        "false_discovery_rate": FALSE_DISCOVERY_RATE,
        "period_months": PERIOD_MONTHS,
        "customers": _ids(voices.people[w].key for w in who if voices.kinds[w] == COMPANY),
    }


def _segment(row: SegmentShare | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "attribute": row.attribute,
        "value": row.value,
        "parts": [list(part) for part in row.parts],
        "said": row.said,
        "heard": row.heard,
        "share": row.share.rounded(),
        "lift": round(row.lift, 3),
        "lift_low": round(row.lift_low, 3),
        "lift_high": round(row.lift_high, 3),
        "p": float(f"{row.p:.3g}"),
        "significant": row.significant,
    }


def _longevity(
    voices: Voices, rows: Ints, counts: Ints, course: Course, belief: Floats, *, fix: Fix | None
) -> tuple[LongevityKind | None, dict[str, Any]]:
    ages = voices.age[rows]
    dated = ages[~np.isnan(ages)]
    found = kind(belief)
    active = np.flatnonzero(counts)
    age_months = voices.months - int(active[0]) if active.size else 0
    moved = trend(counts, exposure(voices.volume))
    by_customer = rows[(voices.kinds[voices.who[rows]] == COMPANY) & (voices.month[rows] >= 0)]
    spoke, _ = pairs(voices.who[by_customer], voices.month[by_customer])
    customers, months = np.unique(spoke, return_counts=True)
    evidence = {
        "model": "discounted Beta–Bernoulli with a prior learned from kin",
        "horizon_months": HORIZON_MONTHS,
        "kind": found,
        "kinds": {k.value: round(float(b), 3) for k, b in zip(KINDS, belief, strict=True)},
        "first": _day(voices.as_of, dated.max()) if dated.size else None,
        "last": _day(voices.as_of, dated.min()) if dated.size else None,
        "age_months": age_months,
        "active_months": int(active.size),
        "active_share": round(active.size / age_months, 4) if age_months else 0.0,
        "silent_months": voices.months - 1 - int(active[-1]) if active.size else 0,
        "longest_gap_months": int((np.diff(active) - 1).max(initial=0)),
        "prior": round(course.prior, 4),
        "base": round(course.base, 4),
        "kin": {
            name: {"ratio": round(ratio, 4), "weight": round(weight, 4)}
            for name, (ratio, weight) in course.kin.items()
        },
        "lone": course.lone,
        "arrivals": course.arrivals,
        "loud": course.loud,
        "memories": [
            {
                name: number if isinstance(number, bool) else round(number, 4)
                for name, number in asdict(memory).items()
            }
            for memory in course.memories
        ],
        "fix": fix
        and {
            "on": fix.at.astimezone(dt.UTC).date().isoformat(),
            "share": fix.share,
            "held": round(sum(m.belief for m in course.memories if m.fixed), 4),
        },
        "trend": {"ratio": round(moved.ratio, 3), "z": round(moved.z, 2)},
        "months": counts[-MAX_MONTHS:].tolist(),
        "undated": len(rows) - int(dated.size),
        "returning": _ids(voices.people[c].key for c in customers[months > 1]),
    }
    return found, evidence


def _day(as_of: dt.datetime, age_days: float) -> str:
    return (as_of - dt.timedelta(days=float(age_days))).astimezone(dt.UTC).date().isoformat()


def _severity(voices: Voices, rows: Ints) -> tuple[Estimate, dict[str, Any]]:
    # The same words by the same company are one voice, at its gravest: repeating them changes
    # neither the mean nor the interval.
    gravest: dict[tuple[int, str], float] = {}
    for r in rows.tolist():
        key = (int(voices.who[r]), voices.said[r].voice.text)
        gravest[key] = max(gravest.get(key, 0.0), float(voices.severity[r]))
    values = np.array(list(gravest.values()), dtype=np.float64)
    who = np.array([company for company, _ in gravest], dtype=np.int64)
    result = theme_severity(values, who)
    bins = np.minimum((result.companies * BINS).astype(np.int64), BINS - 1)
    worst = rows[np.argsort(-voices.severity[rows], kind="stable")][:MAX_WORST]
    evidence = {
        "companies": len(result.companies),
        "others": int((voices.kinds[np.unique(who)] != COMPANY).sum()),
        "histogram": np.bincount(bins, minlength=BINS).tolist(),
        "signals": dict(sorted(Counter(name for r in rows for name in voices.signals[r]).items())),
        "worst": [
            {
                "statement": voices.said[r].id,
                "severity": round(float(voices.severity[r]), 4),
                "signals": {name: round(w, 3) for name, w in voices.signals[r].items()},
            }
            for r in worst
        ],
    }
    return result.estimate, evidence


def _ids(ids: Iterable[str]) -> dict[str, Any]:
    ordered = sorted(ids)
    return {"count": len(ordered), "ids": ordered[:MAX_IDS]}

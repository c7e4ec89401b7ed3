"""Longevity: in what share of the months to come will the theme still be heard? (METHOD.md 4.1)

Whether a theme is heard in a month is a coin whose chance drifts. A Beta belief about that chance
forgets old months at a steady pace (exponential smoothing of the probability of demand: Teunter,
Syntetos & Babai 2011, "Intermittent demand: Linking forecasting to inventory obsolescence"; as a
Beta–Bernoulli model with discounting, West & Harrison 1997, "Bayesian Forecasting and Dynamic
Models"), and starts from what its kin show (vocloop.score.kin). With a memory of half-life h:

    chance | h ~ Beta(a + heard, a / prior − a + could − heard),  a = h / 30
    heard = Σ ½^(age/h) · loud · (1 − lone^voices) over the months in which a company said it
    could = Σ ½^(age/h) · (loud, or open · there where it was not heard), from the first report of
    any theme on

loud: 1 + ½ ln of the distinct pairs of a voice and a day, so that a month of many voices is more
of a proof than one chance report, and never much more; 1 + ln where themes begin loudly and go on,
as their past months foretold clearly better so. voices: these pairs. lone: how often a
month that is heard from one voice could as well have been silent, one number for all themes, 0
unless it foretold their past months clearly better; with it, a month of one voice is heard in part
only, as where most single reports are not followed by another. open: how much was heard of
anything in that month, at most 1, so that a quiet company does not look like a problem that went
away. there: how many of those who say it had been heard from by then (vocloop.score.arrivals); 1
for all themes unless it foretold their past months clearly better.
Memories compete by how well each foretold every month of this theme's past (Bayes' rule). Most
themes keep the long one. One that was not there before its first report counts its months from
then on only. One that stopped moves to the short one. A theme whose whole past has the shape of a
fashion (vocloop.score.kinds) moves to echoes when that is all but sure: there a month is heard as
far as it was as loud as the loudest, and the last strays of a wave are not the wave. Where
something was shipped for a theme, a memory that begins with the month after competes too, believed
beforehand at FIXED_PRIOR of what that was to solve: silence afterwards makes it sure, months in
which the theme is heard all the same take the belief back.

What counts is months, not messages: ten companies in one month are a wave, one in each of ten
months is a problem. The constants were chosen by back-tests (benchmarks/scores.py; where it does
not print a figure, docs/method/scores.md has it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import betaln, comb, logsumexp

from vocloop.score.estimate import LOWER, UPPER, Estimate
from vocloop.score.kin import Kin, kin

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTH_DAYS = 365.25 / 12
# Months are counted back from the as-of date, not by the calendar, so that shifting all dates
# changes nothing. With these days of slack, dates known only by month (the 1st) still fall one
# month to a bin: the k-th first of month back is 2.5 days short of k mean months at most.
MONTH_SLACK_DAYS = 3.0
HORIZON_MONTHS = 12
# Older reports say nothing of next year, and one date of 1900 must not cost 1,500 steps.
HISTORY_MONTHS = 240
# What could be heard in a month is compared with the mean of the last two years.
USUAL_MONTHS = 24

# Half-lives in months. 24 alone ranks best where reports are few (vehicle defects; 18–36 are within
# .01); the short one is for themes that ended. The young one begins with the theme: without it a
# theme of two loud months is expected to fall silent again. Nothing is an echo unless its shape
# says so.
MEMORIES = np.array([24.0, 24.0, 1.5, 1.5, 24.0])
YOUNG = np.array([False, True, False, False, False])
ECHO = np.array([False, False, False, True, False])
FIXED = np.array([False, False, False, False, True])
LONG = MEMORIES > HORIZON_MONTHS
# The belief in them beforehand. The short one's is as large as costs no rank there (.03 would cost
# .01); of .05 to .2 for the young one none is better everywhere.
SHORT_PRIOR, YOUNG_PRIOR = 0.01, 0.1
# The belief beforehand that what was shipped for all of a theme ended it, and the share of months
# in which it is heard afterwards if so. An assumption: workspaces review too few fixes to learn it.
FIXED_PRIOR, FIXED_CHANCE = 0.5, 0.1
# Months heard that the prior is worth, by memory: four fifths of one under a long one (from ¾ to 1
# the gain on vehicle defects stays .037 to .042). What forgets all months soon must forget the
# prior too, else a fashion long over would be expected back.
PRIOR_HALF_LIFE = 30.0
PRIOR_MONTHS = MEMORIES / PRIOR_HALF_LIFE
# What is heard every month can be solved in any. Where more than this was expected, with other data
# than vehicle defects, the months that followed held .92 to .97, and the order among such themes
# told nothing: .9 ranks better than .94 on issues and costs nothing elsewhere, .87 does.
MOST = 0.9


@dataclass(frozen=True)
class Beginning:
    """How themes begin in a workspace. loudest: the belief beforehand that one begins with its
    first report, where many voices are heard in that month; of one voice it is YOUNG_PRIOR. loud:
    how much of its loudness a month proves, in the long memories. The short ones only ask whether
    it ended."""

    loudest: float
    loud: float

    def prior(self, voices: Floats) -> Floats:
        """(n, memories) the belief in each beforehand; voices: (n,) of a theme's first month."""
        young = self.loudest - (self.loudest - YOUNG_PRIOR) / np.maximum(voices, 1.0)
        short, none = np.full_like(young, SHORT_PRIOR), np.zeros_like(young)
        return np.stack([1 - young - short, young, short, none, none], axis=1)


USUAL = Beginning(YOUNG_PRIOR, 0.5)
# For a workspace whose themes begin loudly and go on. With it ten companies in one month weigh as
# much as three months, so belief in loud beginnings must be the better guess by SUDDEN_EARNS of
# log-likelihood, at the same loudness (which by itself is a better guess nearly everywhere).
SUDDEN = Beginning(0.9, 1.0)
SUDDEN_EARNS = 4.0
# What the workspace's themes choose ``lone`` from, by how well each foretold their months from a
# half-year after the first report on (the months before tell how themes begin, and would make
# steady ones look lone); anything but 0 must be a better guess by LONE_EARNS of log-likelihood.
# With 4 the same is gained, and .85 gains no more (benchmarks/scores.py).
LONE = (0.0, 0.15, 0.3, 0.5, 0.7)
LONE_EARNS = 2.0
# The same of ``there``: it earns 4 to 13 where projects came one by one; where it earns less than 3
# (complaints about companies) it costs rank.
THERE_EARNS = 3.0
SETTLED_MONTHS = 6
# From this belief on, a theme is taken for the fashion that its shape says it was. Below it shapes
# of few reports tell too little: at ½ rank is lost on vehicle defects, at .8 none.
SURE_FASHION = 0.8
# While the months to come pass, the chance drifts on: in the middle of them long memories hold this
# part of what they held.
FADED = np.where(LONG, 0.5 ** ((HORIZON_MONTHS + 1) / 2 / MEMORIES), 1.0)
# The interval of a theme of which nothing is dated: the prior of an empty workspace has this one.
NOTHING_LOW, NOTHING_HIGH = 0.0, 0.75


@dataclass(frozen=True)
class Fixes:
    """What was shipped for themes last. month: (n,) the column of ``counts`` in which it was, −1 if
    earlier, any for a theme with no fix; share: (n,) how much of the theme it was to solve, 0 for
    none."""

    month: Ints
    share: Floats


@dataclass(frozen=True)
class Memory:
    """One memory of one theme: ``heard`` of ``could`` months, both discounted, since its own first
    report if ``young``, months weighed by the loudest if ``echo``, since the month of its last fix
    if ``fixed``; the belief in it, and the chance a month that follows."""

    months: float
    young: bool
    echo: bool
    fixed: bool
    belief: float
    heard: float
    could: float
    chance: float


@dataclass(frozen=True)
class Course:
    """What the model believes of one theme.

    share: expected share of the next HORIZON_MONTHS in which at least one company says it, Σ belief
    · chance over ``memories``, at most MOST; the interval is of that share as it will be counted,
    chance of single months included.
    prior: the share that its kin let expect: ``base`` · Π ratio ^ weight over ``kin``, by attribute
    the pair (ratio, weight) of those with any weight. lone: of LONE, the same for all themes.
    arrivals: whether months count only as far as those who say a theme were there; loud: how much
    of its loudness a month proves (Beginning); both likewise."""

    share: Estimate
    prior: float
    base: float
    kin: Mapping[str, tuple[float, float]]
    lone: float
    arrivals: bool
    loud: float
    memories: tuple[Memory, ...]


def month_back(age_days: Floats) -> Ints:
    """Months before the as-of date, 0 the newest; shape as given. Ages are in days, ≥ 0."""
    return np.floor((age_days + MONTH_SLACK_DAYS) / MONTH_DAYS).astype(np.int64)


def courses(
    counts: Ints,
    volume: Floats,
    spoken: Mapping[str, csr_matrix] | None = None,
    *,
    fashion: Floats | None = None,
    voices: Ints | None = None,
    there: Floats | None = None,
    fixes: Fixes | None = None,
) -> list[Course]:
    """The course of each theme.

    counts: (n, m) distinct companies that say theme i in month t, oldest month first; the last
    month is the as-of month. volume: (m,) how much was said of anything, in any unit: it keeps a
    quiet company from looking like a problem that went away. spoken: by attribute (n, values)
    months in which those with that value spoke of the theme. fashion: (n,) belief that it was one,
    and is over. voices: (n, m) distinct pairs of a voice and a day, ``counts`` where not known.
    there: (n, m) share of those who say it who had been heard from by then, 1 where not known.
    fixes: what was shipped for them. A theme without any count keeps its prior, with a wide
    interval."""
    usual = float(volume[-USUAL_MONTHS:].mean()) if volume.any() else 0.0
    open_to = np.minimum(volume / usual, 1.0) if usual else np.ones(len(volume))
    said = counts > 0
    could = np.where(said, 1.0, open_to)
    spoke = (counts if voices is None else voices).astype(np.float64)
    none = Fixes(np.full(len(counts), -1), np.zeros(len(counts)))
    past = _past(said, could, spoke, spoken or {}, there, fixes=fixes or none)
    known, heard, span, belief = past.kin, past.heard, past.could, past.belief
    prior = _prior(known)
    if fashion is not None:
        sure = np.where(fashion >= SURE_FASHION, fashion, 0.0)[:, None]
        belief = belief * (1 - sure) + ECHO * sure
    chance = _chance(prior, heard, span)
    shares = _shares(PRIOR_MONTHS + heard, PRIOR_MONTHS / prior + span, belief)
    for i in np.flatnonzero(~said.any(axis=1)).tolist():
        # Nothing is known of it: what others show is its value, and every share is possible.
        shares[i] = Estimate.inside(shares[i].value, NOTHING_LOW, NOTHING_HIGH)
    columns = (belief, heard, span, chance)
    return [
        Course(
            share,
            float(prior[i, 0]),
            known.base,
            {
                name: (float(known.ratios[name][i]), weight)
                for name, weight in known.weights.items()
                if weight > 0
            },
            past.rules.lone,
            past.rules.arrivals,
            past.rules.beginning.loud,
            tuple(
                Memory(
                    float(MEMORIES[k]),
                    bool(YOUNG[k]),
                    bool(ECHO[k]),
                    bool(FIXED[k]),
                    *(float(column[i, k]) for column in columns),
                )
                for k in np.flatnonzero((belief[i] > 0) | ~(ECHO | FIXED))
            ),
        )
        for i, share in enumerate(shares)
    ]


@dataclass(frozen=True)
class _Rules:
    """What the past of a workspace chooses: see ``Course``."""

    lone: float = 0.0
    arrivals: bool = False
    beginning: Beginning = USUAL

    def price(self) -> float:
        """Log-likelihood that they must earn."""
        return LONE_EARNS * (self.lone > 0) + THERE_EARNS * self.arrivals


@dataclass(frozen=True)
class _Past:
    """What is remembered by ``rules``.

    heard, could, belief: (n, memories), after the last month. foretold: log-likelihood of the
    months of all themes that had settled, each from those before it."""

    rules: _Rules
    kin: Kin
    heard: Floats
    could: Floats
    belief: Floats
    foretold: float


def _past(
    said: NDArray[np.bool_],
    could: Floats,
    spoke: Floats,
    spoken: Mapping[str, csr_matrix],
    there: Floats | None,
    *,
    fixes: Fixes,
) -> _Past:
    """The one that earned most; see ``courses``. could: (n, months) how far each theme could be
    heard."""
    shares = [np.ones_like(could)] + ([] if there is None else [there])
    kins = [kin(said, np.where(said, 1.0, could * share), spoken) for share in shares]

    def by(rules: _Rules) -> _Past:
        share, known = shares[rules.arrivals], kins[rules.arrivals]
        return _remembered(said, could, share, spoke, known, fixes=fixes, rules=rules)

    tried = [by(_Rules(lone, arrivals > 0)) for arrivals in range(len(shares)) for lone in LONE]
    usual = max(tried, key=lambda past: past.foretold - past.rules.price())
    loud = by(replace(usual.rules, beginning=replace(USUAL, loud=SUDDEN.loud)))
    sudden = by(replace(usual.rules, beginning=SUDDEN))
    return sudden if sudden.foretold > loud.foretold + SUDDEN_EARNS else usual


def _remembered(
    said: NDArray[np.bool_],
    could: Floats,
    there: Floats,
    spoke: Floats,
    known: Kin,
    *,
    fixes: Fixes,
    rules: _Rules,
) -> _Past:
    """said, could, there, spoke: (n, months) whether a theme was heard, how far it could be, which
    part of those who say it was there, and in how many pairs of a voice and a day; oldest month
    first."""
    prior, beginning = _prior(known), rules.beginning
    n, months = said.shape
    loud = 1 + beginning.loud * np.log(np.maximum(spoke, 1.0))
    echo = spoke / np.maximum(np.maximum.accumulate(spoke, axis=1), 1.0)
    sound = 1 - rules.lone**spoke
    kept = 0.5 ** (1 / MEMORIES)
    shape = (n, len(MEMORIES))
    heard, span = np.zeros(shape), np.zeros(shape)
    evidence, settled = np.zeros(shape), np.zeros(shape)
    first = np.where(said.any(axis=1), said.argmax(axis=1), months)[:, None]
    for t in range(months):
        heard, span = heard * kept, span * kept
        chance = _chance(prior, heard, span)
        now, weight = said[:, t, None], could[:, t, None]
        # A theme is known only because somebody said it: its first month tells nothing.
        likely = np.where(now, np.log(chance), weight * np.log1p(-chance))
        after = (t > fixes.month)[:, None]
        likely = np.where(FIXED & ~after, likely[:, :1], likely)
        evidence += np.where(first < t, likely, 0.0)
        settled += np.where(first + SETTLED_MONTHS <= t, likely, 0.0)
        silent = weight * there[:, t, None]
        proof = np.where(now, np.where(LONG, loud[:, t, None], 1.0), silent)
        part = np.where(ECHO, echo[:, t, None], proof * sound[:, t, None])
        counts = np.where(YOUNG, first <= t, ~FIXED | after)
        heard = heard + np.where(now & counts, part, 0.0)
        span = span + np.where(counts, proof, 0.0)
    span[first[:, 0] == months] = 0.0
    before = beginning.prior(spoke[np.arange(n), np.minimum(first[:, 0], months - 1)])
    ended = FIXED_PRIOR * fixes.share[:, None]
    before = before * (1 - ended) + FIXED * ended
    evidence = np.where(before > 0, evidence, -np.inf)
    belief = np.exp(evidence - evidence.max(axis=1, keepdims=True)) * before
    belief /= belief.sum(axis=1, keepdims=True)
    foretold = float(logsumexp(settled, 1, before).sum())
    return _Past(rules, known, heard, span, belief, foretold)


def _prior(known: Kin) -> Floats:
    """(n, memories)"""
    return np.where(FIXED, FIXED_CHANCE, known.prior[:, None])


def _chance(prior: Floats, heard: Floats, span: Floats) -> Floats:
    found = (PRIOR_MONTHS + heard) / (PRIOR_MONTHS / prior + span)
    return np.asarray(np.clip(found, 1e-9, 1 - 1e-9), dtype=np.float64)


_MONTHS = np.arange(HORIZON_MONTHS + 1)
_WAYS = np.log(comb(HORIZON_MONTHS, _MONTHS))


def _shares(heard: Floats, could: Floats, belief: Floats) -> list[Estimate]:
    """heard, could, belief: (n, memories), Beta(heard, could − heard) of the chance in each.

    Months to come that hear it are beta-binomial."""
    a = (FADED * heard)[..., None]
    b = (FADED * np.maximum(could - heard, 1e-6))[..., None]
    ways = np.exp(_WAYS + betaln(a + _MONTHS, b + HORIZON_MONTHS - _MONTHS) - betaln(a, b))
    steps = np.cumsum((belief[..., None] * ways).sum(axis=1), axis=1)
    means = np.minimum((belief * heard / could).sum(axis=1), MOST)
    lows = (steps < LOWER).sum(axis=1) / HORIZON_MONTHS
    highs = (steps < UPPER).sum(axis=1) / HORIZON_MONTHS
    return [
        Estimate.inside(float(mean), float(low), float(high))
        for mean, low, high in zip(means, lows, highs, strict=True)
    ]

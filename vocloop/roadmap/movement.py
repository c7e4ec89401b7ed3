"""Did a theme fall after an item shipped? Difference in differences on counts (METHOD.md 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm

from vocloop_models import Movement

# Two-sided 90 % interval: one in twenty false alarms to either side. benchmarks/arbitration.py
# measures it, with the power.
LEVEL = 0.95
# Companies before shipping below which nothing can be told apart from chance.
LEAST_BEFORE = 12
LEAST_CONTROLS = 2
# How far from the estimate, on logarithms, its limits are looked for: a factor of 22,000.
FARTHEST = 10.0
Floats = NDArray[np.float64]
# Changes on logarithms and their variances, by theme.
Changes = tuple[Floats, Floats]


@dataclass(frozen=True)
class Moved:
    """``effect``: rate after ÷ rate before, over the same ratio of untouched themes; 90 % interval.
    None when there is too little to say it."""

    movement: Movement
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    controls: int = 0


@dataclass(frozen=True)
class Counts:
    """A theme's counts by company and month: (companies, months before), (companies, months
    after). Each company is its own comparison."""

    before: Floats
    after: Floats

    @property
    def totals(self) -> Floats:
        """(companies,)"""
        return np.asarray(self.before.sum(axis=1) + self.after.sum(axis=1))

    @property
    def months(self) -> tuple[Floats, Floats]:
        """All companies together, a month each."""
        return self.before.sum(axis=0), self.after.sum(axis=0)

    def against(self, stretch: slice) -> Counts:
        """Those months as the time after, all others as the time before."""
        table = np.hstack([self.before, self.after])
        return Counts(np.delete(table, stretch, axis=1), table[:, stretch])


def moved(theme: Counts, controls: Sequence[Counts]) -> Moved:
    """Whether the theme changed otherwise than the controls did.

    Were the theme as the others, its sum after would be the share of all its months that their
    mean change says. How far it may stray by chance is what each company's months, taken in any
    order, would bring about (see _chance()): companies that keep speaking tell more than as many
    that come once. That is widened by how much the untouched themes' companies stray from it (who
    begins to speak goes on for a while), by months that swing otherwise than all themes do, and by
    how differently untouched themes change as a whole, at shipping and at other times (DerSimonian
    and Laird 1986), which keeps a fashion from passing for a success. The interval holds the
    effects that the counts do not refute (a score interval, as Wilson 1927): a fall, which leaves
    little to count, is told sooner than by its own estimated error."""
    used = [each for each in controls if each.before.sum() >= LEAST_BEFORE]
    months = theme.after.shape[1]
    if theme.before.sum() < LEAST_BEFORE or len(used) < LEAST_CONTROLS or not months:
        return Moved(Movement.TOO_FEW, controls=len(used))
    wider = max(_straying(used), 1.0) * _swing([theme, *used])
    changes, within = _changes(used, wider)
    between = _between([(changes, within), *(_changes(s, wider) for s in _other_times(used))])
    weights = 1 / (within + between)
    # Before and after are as long for all themes: their lengths cancel out.
    others = float((weights * changes).sum() / weights.sum())
    unlike = between + 1 / float(weights.sum())
    low, high = np.exp(_interval(theme, others, wider, unlike))
    movement = Movement.UNCLEAR
    if high < 1:
        movement = Movement.FELL
    elif low > 1:
        movement = Movement.ROSE
    effect = float(np.exp(_change(theme) - others))
    return Moved(movement, effect, float(low), float(high), len(used))


def shifted(before: Floats, after: Floats, controls: Sequence[tuple[Floats, Floats]]) -> Moved:
    """The same for a level, such as severity by company: a difference, not a ratio (Welch)."""
    used = [(b, a) for b, a in controls if len(b) > 1 and len(a) > 1]
    if min(len(before), len(after)) < 3 or len(used) < LEAST_CONTROLS:
        return Moved(Movement.TOO_FEW, controls=len(used))
    changes = np.array([np.mean(a) - np.mean(b) for b, a in used])
    within = np.array([_error(b) + _error(a) for b, a in used])
    between = _between([(changes, within)])
    weights = 1 / (within + between)
    effect = float(np.mean(after) - np.mean(before) - (weights * changes).sum() / weights.sum())
    own = _error(before) + _error(after)
    reach = float(norm.ppf(LEVEL) * np.sqrt(own + between + 1 / weights.sum()))
    movement = Movement.UNCLEAR
    if effect + reach < 0:
        movement = Movement.FELL
    elif effect - reach > 0:
        movement = Movement.ROSE
    return Moved(movement, effect, effect - reach, effect + reach, len(used))


def _sums(theme: Counts) -> tuple[float, float]:
    # Half a count keeps an empty side finite (Haldane 1956).
    return float(theme.before.sum()) + 0.5, float(theme.after.sum()) + 0.5


def _change(theme: Counts) -> float:
    """Log of the sum after ÷ before."""
    before, after = _sums(theme)
    return float(np.log(after / before))


def _interval(theme: Counts, others: float, wider: float, unlike: float) -> tuple[float, float]:
    """Logarithms of the least and the greatest effect that the theme's counts do not refute.

    others: the change of untouched themes; unlike: variance of how a theme's differs from it."""
    before, after = float(theme.before.sum()), float(theme.after.sum())
    scale, reach = wider * _room(theme), float(norm.ppf(LEVEL))

    def surprise(effect: float) -> float:
        share = expit(others + effect)
        chance = (before + after) * share * (1 - share)
        error = np.sqrt(scale * chance + unlike * chance**2)
        return float((after - (before + after) * share) / error)

    own = _change(theme) - others
    # Nothing after shipping refutes no fall, however deep; a few loud companies refute little.
    low, high = own - FARTHEST, own + FARTHEST
    if surprise(low) > reach:
        low = brentq(lambda effect: surprise(effect) - reach, low, own)
    if surprise(high) < -reach:
        high = brentq(lambda effect: surprise(effect) + reach, own, high)
    return low, high


def _changes(themes: Sequence[Counts], wider: float) -> Changes:
    return (
        np.array([_change(each) for each in themes]),
        wider * np.array([_chance(each) for each in themes]),
    )


def _other_times(themes: Sequence[Counts]) -> Iterator[list[Counts]]:
    """The themes as if they had been compared at other times: each stretch of months, as long as
    the time after shipping or half the time before, against all others."""
    earlier, later = themes[0].before.shape[1], themes[0].after.shape[1]
    long = max(min(later, earlier // 2), 1)
    starts = list(range(earlier - long, -1, -long))
    if long < later:
        starts += range(earlier, earlier + later - long + 1, long)
    for start in starts:
        yield [each.against(slice(start, start + long)) for each in themes]


def _room(theme: Counts) -> float:
    """Variance of a theme's sum after, ÷ that of independent voices, when each company's months
    come in any order: a company that speaks in n of M months has a hypergeometric number of them
    after, (M − n) / (M − 1) of the binomial variance."""
    each, months = theme.totals, theme.before.shape[1] + theme.after.shape[1]
    room = np.clip((months - each) / max(months - 1, 1), 0.0, 1.0)
    # A company that speaks every month is not certain to go on for ever: one month in hand.
    room = np.maximum(room, 1 / months)
    return float((each * room).sum() / each.sum())


def _chance(theme: Counts) -> float:
    """Variance of a change by chance: of independent voices 1 / before + 1 / after."""
    before, after = _sums(theme)
    return (1 / before + 1 / after) * _room(theme)


def _straying(themes: Sequence[Counts]) -> float:
    """How far companies' shares after shipping stray, ÷ what _chance() expects of them; 1 when
    months are independent. Over all themes, each with its own share."""
    squares = expected = 0.0
    for theme in themes:
        each, after = theme.totals, theme.after.sum(axis=1)
        share = float(after.sum() / each.sum())
        months = theme.before.shape[1] + theme.after.shape[1]
        room = np.maximum(np.clip((months - each) / max(months - 1, 1), 0.0, 1.0), 1 / months)
        count = int((each > 0).sum())
        squares += float(((after - each * share) ** 2).sum()) * count / max(count - 1, 1)
        expected += float((each * room).sum()) * share * (1 - share)
    return squares / expected if expected > 0 else 1.0


def _error(values: Floats) -> float:
    return float(np.var(values, ddof=1) / len(values)) + 1e-6


def _swing(themes: Sequence[Counts]) -> float:
    """Pearson's χ² ÷ degrees of freedom of themes × months, on either side of shipping: 1 when
    themes swing from month to month no otherwise than all of them together do, at least."""
    squares, freedom = 0.0, 0
    for side in zip(*(each.months for each in themes), strict=True):
        table = np.array(side)
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / max(table.sum(), 1e-9)
        known = expected > 0
        squares += float(((table - expected)[known] ** 2 / expected[known]).sum())
        rows, columns = (int((table.sum(axis=axis) > 0).sum()) for axis in (1, 0))
        freedom += max(rows - 1, 0) * max(columns - 1, 0)
    return max(squares / freedom, 1.0) if freedom else 1.0


def _between(comparisons: Iterable[Changes]) -> float:
    """Variance of true changes between themes, of all comparisons together; 0 at least."""
    excess = scale = 0.0
    for changes, within in comparisons:
        weights = 1 / within
        mean = (weights * changes).sum() / weights.sum()
        excess += float((weights * (changes - mean) ** 2).sum()) - (len(changes) - 1)
        scale += float(weights.sum() - (weights**2).sum() / weights.sum())
    return max(excess / scale, 0.0) if scale > 0 else 0.0

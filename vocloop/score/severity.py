"""Severity: how much it hurts (METHOD.md 4.1), of one statement and of a theme.

A statement's signals add up in log-odds, each with its weight:

    severity = 1 / (1 + exp(−(BASE + Σ weight)))

which is monotone in every signal: one that speaks for harm can only raise it. The signals are the
words of lexicon.toml, what the head reads in the statement's vector (``words``), what this
workspace's people taught it (``workspace``), the agent's ``mark``, the channel's ``priority``, the
customer's ``rating``, and a person's ``correction``, which sets the sum to what the person said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

from vocloop.score.estimate import UPPER, Estimate
from vocloop.score.lexicon import SIGNALS, heard
from vocloop.score.severity_adapt import GENERAL_TRAIT, LEVEL_TRAIT, Teaching, sloped
from vocloop.score.severity_head import LENSES, Reading
from vocloop_models import Priority, RatingScale

# Without any signal: a voice that cared to speak, and nothing that says it hurts much.
BASE = -0.6
# Where the head has read the statement too, its words count this share: the head has seen most of
# what they say. Chosen out of fold on examples/severity (docs/method/severity.md).
LEXICON_SHARE = 0.25
# Said again, a kind of word adds this share of what it added before: without a bound, the longest
# mail would win.
AGAIN = 0.5
# The agent has seen the whole case: its mark outweighs any single word.
MARKS = {1: -2.0, 2: -0.7, 3: 0.7, 4: 2.0}
PRIORITIES = {
    Priority.LOW: -0.8,
    Priority.NORMAL: 0.0,
    Priority.HIGH: 0.8,
    Priority.URGENT: 1.6,
}
# The worst rating adds this, the best takes it away; half-way says nothing.
RATING_WEIGHT = 1.6
# Lowest and highest answer of each scale; on all of them high is good (CES: 7 = easy).
SCALES = {
    RatingScale.NPS: (0.0, 10.0),
    RatingScale.CSAT: (1.0, 5.0),
    RatingScale.CES: (1.0, 7.0),
    RatingScale.STARS: (1.0, 5.0),
}
# A person's 0 or 1 is taken as this near to it: nothing is certain.
SURE = 0.02
# Belief before a theme has companies: their severities differ with this standard deviation, worth
# this many companies. Two keep the interval of a single company wider than half the scale.
PRIOR_SD, PRIOR_COMPANIES = 0.25, 2.0


@dataclass(frozen=True)
class Severity:
    """``value`` in (0, 1) and every signal with its weight in log-odds (``base`` left out)."""

    value: float
    signals: Mapping[str, float]


@dataclass(frozen=True)
class Voice:
    """What is known of one statement: its words, and what its channel says of it.

    reading: of the head or a classifier; None: the lexicon is alone. teaching: of this workspace's
    people. correction: a person's own severity of this statement, 0–1."""

    text: str
    language: str = "und"
    mark: int | None = None
    priority: Priority | None = None
    rating: float | None = None
    scale: RatingScale | None = None
    reading: Reading | None = None
    teaching: Teaching | None = None
    correction: float | None = None


def statement_severity(
    text: str,
    language: str = "und",
    *,
    mark: int | None = None,
    priority: Priority | None = None,
    rating: float | None = None,
    scale: RatingScale | None = None,
) -> Severity:
    """Severity of one statement; ``severities`` is the same, faster for many.

    mark: the agent's own, 1 nice to have … 4 blocked. rating: an answer on ``scale``; without a
    scale it says nothing, and outside it is taken as its nearest end."""
    return severities([Voice(text, language, mark, priority, rating, scale)])[0]


def severities(voices: Sequence[Voice]) -> list[Severity]:
    """Severity of each voice, in order. 10,000 statements take under 2 s."""
    found = heard([voice.text for voice in voices], [voice.language for voice in voices])
    signals = [_signals(voice, words) for voice, words in zip(voices, found, strict=True)]
    values = expit(np.array([BASE + sum(s.values()) for s in signals], dtype=np.float64))
    return [Severity(float(v), s) for v, s in zip(values, signals, strict=True)]


@dataclass(frozen=True)
class ThemeSeverity:
    """``companies``: (c,) mean severity of each company; the estimate is of their mean."""

    estimate: Estimate
    companies: NDArray[np.float64]


def theme_severity(values: NDArray[np.float64], companies: NDArray[np.int64]) -> ThemeSeverity:
    """Mean over companies of each company's mean, so that a loud one counts once.

    values, companies: (n,) severity and company of each statement. The interval is Student's t
    with a prior on the spread (normal–inverse-χ², Gelman et al., Bayesian Data Analysis, 3.2):
    one company gives a wide interval, none the whole scale around BASE."""
    if values.size == 0:
        return ThemeSeverity(Estimate(float(expit(BASE)), 0.0, 1.0), values)
    _, index, repeats = np.unique(companies, return_inverse=True, return_counts=True)
    means = np.bincount(index, weights=values) / repeats
    n, mean = len(means), float(means.mean())
    freedom = PRIOR_COMPANIES + n - 1
    spread = (PRIOR_COMPANIES * PRIOR_SD**2 + float(((means - mean) ** 2).sum())) / freedom
    half = float(stdtrit(freedom, UPPER)) * (spread / n) ** 0.5
    return ThemeSeverity(Estimate.inside(mean, mean - half, mean + half), means)


def traits(voices: Sequence[Voice]) -> list[dict[str, float]]:
    """What severity_adapt.py learns slopes for: log-odds of the words alone, and each of the
    lexicon's signals at full weight."""
    found = heard([voice.text for voice in voices], [voice.language for voice in voices])
    return [_traits(*_words(voice, words)) for voice, words in zip(voices, found, strict=True)]


def _traits(full: Mapping[str, float], signals: Mapping[str, float]) -> dict[str, float]:
    return {GENERAL_TRAIT: BASE + sum(signals.values()), LEVEL_TRAIT: 1.0, **full}


def _words(voice: Voice, words: Mapping[str, int]) -> tuple[dict[str, float], dict[str, float]]:
    """The lexicon's signals at full weight, and all signals of the words at theirs."""
    share = 1.0
    if voice.reading is not None:
        share = LEXICON_SHARE
        if not voice.reading.problem:
            words = {name: count for name, count in words.items() if name not in LENSES}
        words = dict.fromkeys([str(lens) for lens in voice.reading.lenses], 1) | dict(words)
    full = {
        name: SIGNALS[name].weight * (1 - AGAIN ** words[name]) / (1 - AGAIN)
        for name in sorted(words)
    }
    signals = {name: share * weight for name, weight in full.items()}
    if voice.reading is not None:
        signals["words"] = voice.reading.log_odds
    return full, signals


def _signals(voice: Voice, words: Mapping[str, int]) -> dict[str, float]:
    full, signals = _words(voice, words)
    if voice.teaching is not None:
        known = _traits(full, signals)
        taught = voice.teaching.nearby + sloped(voice.teaching.slopes, known)
        signals["workspace"] = taught - known[GENERAL_TRAIT]
    if voice.mark is not None:
        signals["mark"] = MARKS[voice.mark]
    if voice.priority is not None:
        signals["priority"] = PRIORITIES[voice.priority]
    if voice.rating is not None and voice.scale is not None:
        signals["rating"] = rating_odds(voice.rating, voice.scale)
    if voice.correction is not None:
        signals["correction"] = said_odds(voice.correction) - BASE - sum(signals.values())
    return signals


def rating_odds(rating: float, scale: RatingScale) -> float:
    """Log-odds of a rating: the scales meet in 0 (worst) to 1 (best); outside its scale a rating
    is taken as the nearest end."""
    low, high = SCALES[scale]
    best = (min(max(rating, low), high) - low) / (high - low)
    return RATING_WEIGHT * (1.0 - 2.0 * best)


def said_odds(severity: float) -> float:
    """Log-odds of a severity that a person gave, 0–1."""
    return float(logit(min(max(severity, SURE), 1 - SURE)))

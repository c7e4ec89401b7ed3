"""What one page tells a board: what rose, what waits, what worked, numbers, words, renewals."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta
from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError
from vocloop.money import worth
from vocloop.roadmap import rounds, selection
from vocloop.roadmap import waiting as in_time
from vocloop.said import said
from vocloop.success import ratings
from vocloop.success.answers import answers
from vocloop.themes.quotes import Quote, typical
from vocloop_models import (
    SHOWN_STATES,
    CompanyGoal,
    Customer,
    Decision,
    Feedback,
    ItemState,
    OutcomeTest,
    RatingScale,
    Round,
    RoundState,
    Theme,
    ThemeScore,
    Vote,
)

SHOWN = 3
# The last weeks are held against three times as many before them.
RECENT_WEEKS, EARLIER_WEEKS = 4, 12
LEAST_RECENT = 3
SURE = 0.95  # one end of a two-sided 90 % interval
NUMBER_DAYS = 90
SCALES = (RatingScale.NPS, RatingScale.CSAT, RatingScale.CES)
LEAST_ANSWERS = 10
RENEWAL_DAYS = 90
GRAVE = 0.5
LEAST_LETTERS, MOST_LETTERS = 20, 120
DECIDABLE = (ItemState.PROPOSED, ItemState.DEFERRED, ItemState.REOPENED)


@dataclass(frozen=True)
class Rise:
    """``times``: companies heard in the last four weeks ÷ four weeks' share of the twelve before,
    with its 90 % interval."""

    theme: Theme
    score: ThemeScore
    recent: int
    times: float
    low: float
    high: float


def rising(session: Session, most: int = SHOWN) -> list[Rise]:
    """The ``most`` themes that clearly rose, the surest first.

    Given all that was said, the last weeks' part of it is binomial: Jeffreys' interval of the odds
    (Brown, Cai and DasGupta 2001)."""
    rows = session.exec(
        select(Theme.id, ThemeScore.weeks)
        .join(ThemeScore, col(ThemeScore.theme_id) == col(Theme.id))
        .where(col(Theme.state).in_(SHOWN_STATES), col(ThemeScore.day) == col(Theme.scored_on))
    ).all()
    ids = [theme for theme, _ in rows]
    recent = np.array([sum(w[-RECENT_WEEKS:]) for _, w in rows])
    earlier = np.array([sum(w[-RECENT_WEEKS - EARLIER_WEEKS : -RECENT_WEEKS]) for _, w in rows])
    scale = EARLIER_WEEKS / RECENT_WEEKS
    low, high = (
        scale * part / (1 - part)
        for part in (beta.ppf(q, recent + 0.5, earlier + 0.5) for q in (1 - SURE, SURE))
    )
    times = scale * (recent + 0.5) / (earlier + 0.5)
    rose = np.flatnonzero((recent >= LEAST_RECENT) & (low > 1))
    surest = rose[np.argsort(-low[rose], kind="stable")][:most].tolist()
    scored = session.exec(
        select(Theme, ThemeScore)
        .join(ThemeScore, col(ThemeScore.theme_id) == col(Theme.id))
        .where(
            col(Theme.id).in_([ids[n] for n in surest]),
            col(ThemeScore.day) == col(Theme.scored_on),
        )
    ).all()
    told = {theme.id: (theme, score) for theme, score in scored}
    return [
        Rise(*told[ids[n]], int(recent[n]), float(times[n]), float(low[n]), float(high[n]))
        for n in surest
    ]


@dataclass(frozen=True)
class Waiting:
    """An item of an open round without a decision. ``period``: its quarter in the proposal."""

    judged: selection.Judged
    round: Round
    period: str | None
    votes: dict[str, int]

    @property
    def effort(self) -> float:
        return sum(work.effort for work in self.judged.parts.departments.values())


def waiting(session: Session) -> list[Waiting]:
    """What the proposal takes first, then by value."""
    found = []
    sitting = rounds.listed(session, state=RoundState.OPEN)
    of = [each.id for each in sitting]
    decided = set(
        session.exec(
            select(Decision.round_id, Decision.item_id).where(col(Decision.round_id).in_(of))
        )
    )
    cast: dict[tuple[uuid.UUID, uuid.UUID], Counter[str]] = defaultdict(Counter)
    for vote in session.exec(select(Vote).where(col(Vote.round_id).in_(of))):
        cast[vote.round_id, vote.item_id][vote.choice.value] += 1
    for each, (question, considered) in zip(
        sitting, in_time.questions(session, sitting), strict=True
    ):
        try:
            period = in_time.preview(question).period
        except ConflictError:
            period = {}
        for judged in considered:
            item = judged.parts.item
            if item.state in DECIDABLE and (each.id, item.id) not in decided:
                voted = dict(cast.get((each.id, item.id), {}))
                found.append(Waiting(judged, each, period.get(str(item.id)), voted))
    return sorted(found, key=lambda w: (w.period is None, -w.judged.priority.worth.value))


@dataclass(frozen=True)
class Number:
    """A figure of /numbers over the newest 90 days of answers. ``before``: that of the 90 days
    before these, None where too few answered; ``target``: of the company's goal for it."""

    scale: RatingScale
    figure: ratings.Figure
    before: float | None
    target: float | None

    def place(self, value: float) -> float:
        """In [0, 1], on the range of the scale."""
        least, most = ratings.SHOWN[self.scale]
        return min(max((value - least) / (most - least), 0.0), 1.0)


def numbers(session: Session, today: dt.date) -> list[Number]:
    """NPS, CSAT and CES; a scale that few answered of late is left out."""
    targets = _targets(session, today)
    last = session.exec(select(func.max(Feedback.said_at)).where(col(Feedback.rating).is_not(None)))
    end = last.one()
    if end is None:
        return []
    end = end if end.tzinfo else end.replace(tzinfo=dt.UTC)
    middle = end - dt.timedelta(days=NUMBER_DAYS)
    since = middle - dt.timedelta(days=NUMBER_DAYS)
    after = middle + dt.datetime.resolution
    found = []
    for scale in SCALES:
        every = answers(session, scale, since=since, segmented=False)
        recent, before = every.newest(since=after), every.newest(until=after)
        if len(recent) < LEAST_ANSWERS:
            continue
        figures = [
            ratings.figure(scale, every.value[rows]) if len(rows) >= LEAST_ANSWERS else None
            for rows in (recent, before)
        ]
        now, earlier = figures
        if now is not None:
            value = earlier.value if earlier else None
            found.append(Number(scale, now, value, targets.get(scale.value)))
    return found


def _targets(session: Session, today: dt.date) -> dict[str, float]:
    """By metric: the goal that is due next, else one without a day, else the last one due."""
    goals = session.exec(select(CompanyGoal)).all()

    def turn(goal: CompanyGoal) -> tuple[int, int]:
        if goal.due_on is None:
            return 1, 0
        days = (goal.due_on - today).days
        return (0, days) if days >= 0 else (2, -days)

    return {goal.metric.value: goal.target for goal in sorted(goals, key=turn, reverse=True)}


def words(session: Session, themes: Sequence[Theme]) -> list[Quote]:
    """One voice of each, in both languages when there are both."""
    found: list[Quote] = []
    for place, theme in enumerate(themes[:2]):
        # Typical ones come first; a sheet has room for a short one.
        rows = typical(session, theme.id, 20)
        rows = [q for q in rows if LEAST_LETTERS <= len(q.text) <= MOST_LETTERS] or rows
        wanted = "en" if place and found and found[0].language == "ja" else "ja"
        found += [q for q in rows if q.language == wanted][:1] or rows[:1]
    return found


@dataclass(frozen=True)
class Renewal:
    """A customer who renews soon; ``themes``: grave ones that it raised and that nothing has
    shipped for."""

    id: uuid.UUID
    name: str
    arr: int | None
    currency: str
    on: dt.date
    themes: int


def renewals(session: Session, today: dt.date, most: int) -> list[Renewal]:
    """Customers who renew within 90 days and raised grave themes, the most first."""
    grave = session.exec(
        select(Theme.id)
        .join(ThemeScore, col(ThemeScore.theme_id) == col(Theme.id))
        .where(
            col(ThemeScore.day) == col(Theme.scored_on),
            col(ThemeScore.severity) >= GRAVE,
            col(Theme.id).not_in(select(OutcomeTest.theme_id)),
        )
    ).all()
    raised = said(session).themes_by_company(grave)
    told = (Customer.id, Customer.name, Customer.arr, Customer.currency, Customer.renewal_on)
    soon = session.execute(
        rows_of(*map(col, told)).where(
            col(Customer.until).is_(None),
            col(Customer.renewal_on) >= today,
            col(Customer.renewal_on) <= today + dt.timedelta(days=RENEWAL_DAYS),
        )
    )
    found = [
        Renewal(key, name, arr, currency, day, raised[key])
        for key, name, arr, currency, day in soon
        if key in raised
    ]
    rates = worth({each.currency for each in found})
    paid = {each.id: (each.arr or 0) * (rates[each.currency] or 0) for each in found}
    return sorted(found, key=lambda each: (-each.themes, -paid[each.id]))[:most]

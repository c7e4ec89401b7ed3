"""Target selection: what people hold of an item, and the numbers that follow (METHOD.md 4)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop.roadmap.audit import SOMEONE, Author, get, note
from vocloop.roadmap.backlog import ItemParts, parts
from vocloop.roadmap.priority import Priority, Range, Ratings, priority, rice, wsjf
from vocloop_models import (
    BacklogItem,
    Customer,
    Feedback,
    ItemTheme,
    RatingScale,
    Statement,
    TargetRating,
    Theme,
    ThemeMembership,
    ThemeScore,
    TouchTier,
    now,
)

# Until someone rates it: the middle of every form, a month of work.
UNRATED = Ratings(3, 3, 3, 3, initial_cost=4.0, operating_cost=0.0)
RENEWAL_DAYS = 90
SILENT_DAYS = 180
_TIERS = {TouchTier.HIGH: 4, TouchTier.LOW: 3, TouchTier.TECH: 2}


@dataclass(frozen=True)
class Stakes:
    """Customers behind an item: how many, what they pay, what of it renews within 90 days."""

    companies: int
    arr: int
    renewing: int
    renewals: list[dt.date]
    segments: dict[str, int]
    suggested_relationship: int | None  # from touch tier, NPS and recency of contact; 1 … 5


@dataclass(frozen=True)
class Judged:
    parts: ItemParts
    rating: TargetRating | None
    priority: Priority
    rice: float
    wsjf: float
    stakes: Stakes
    scores: dict[uuid.UUID, ThemeScore]


def rate(
    session: Session, item_id: uuid.UUID, ratings: Ratings, author: Author = SOMEONE
) -> TargetRating:
    """Keep a filled form; the newest counts. Raises NotFoundError."""
    get(session, BacklogItem, item_id, "backlog item")
    form = TargetRating(item_id=item_id, **vars(ratings), by=author.by, note=author.note)
    session.add(form)
    session.flush()
    note(session, item_id, "rated", author, **vars(ratings))
    return form


def ratings_of(session: Session, item_id: uuid.UUID) -> list[TargetRating]:
    """All forms of an item, newest first."""
    return list(
        session.exec(
            select(TargetRating)
            .where(TargetRating.item_id == item_id)
            .order_by(col(TargetRating.id).desc())
        )
    )


def judge(session: Session, item_id: uuid.UUID) -> Judged:
    """An item with its priority and what stands behind it. Raises NotFoundError."""
    return judge_all(session, [get(session, BacklogItem, item_id, "backlog item")])[0]


def judge_all(session: Session, items: Sequence[BacklogItem]) -> list[Judged]:
    """In the order given; an item that nobody rated counts as UNRATED."""
    newest: dict[uuid.UUID, TargetRating] = {}
    for form in session.exec(select(TargetRating).order_by(col(TargetRating.id))):
        newest[form.item_id] = form
    scores = {
        score.theme_id: score
        for score in session.exec(
            select(ThemeScore)
            .join(Theme, col(Theme.id) == col(ThemeScore.theme_id))
            .join(ItemTheme, col(ItemTheme.theme_id) == col(Theme.id))
            .where(col(ThemeScore.day) == col(Theme.scored_on))
        )
    }
    return [
        _judged(session, each, newest.get(each.item.id), scores) for each in parts(session, items)
    ]


def _judged(
    session: Session,
    each: ItemParts,
    form: TargetRating | None,
    every: dict[uuid.UUID, ThemeScore],
) -> Judged:
    scores = {theme: every[theme] for theme in each.themes if theme in every}
    rated = UNRATED
    if form is not None:
        rated = Ratings(**{name: getattr(form, name) for name in vars(UNRATED)})
    impacts = [
        (Range(s.impact, s.impact_low, s.impact_high), each.themes[theme])
        for theme, s in scores.items()
    ]
    found = priority(impacts, rated)
    behind = stakes(session, list(each.themes))
    severity = max((s.severity for s in scores.values()), default=0.0)
    urgency = behind.renewing / behind.arr if behind.arr else 0.0
    cost = found.cost.value
    return Judged(
        each,
        form,
        found,
        rice(behind.companies, severity, found.impact, cost),
        wsjf(found.impact.value, urgency, severity, cost),
        behind,
        scores,
    )


def stakes(session: Session, themes: Sequence[uuid.UUID]) -> Stakes:
    """What the customers who raised the themes are worth, and when they renew."""
    rows = session.exec(
        select(Customer, Feedback.said_at, Feedback.rating, Feedback.rating_scale)
        .join(Feedback, col(Feedback.customer_id) == col(Customer.id))
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .where(col(ThemeMembership.theme_id).in_(themes))
    ).all()
    customers = {customer.id: customer for customer, *_ in rows}
    today = now().date()
    soon = today + dt.timedelta(days=RENEWAL_DAYS)
    renewals = sorted(c.renewal_on for c in customers.values() if c.renewal_on is not None)
    segments: dict[str, int] = {}
    for customer in customers.values():
        for name in ("industry", "size", "region", "plan"):
            value = getattr(customer, name)
            if value is not None:
                segments[f"{name}: {value}"] = segments.get(f"{name}: {value}", 0) + 1
    tiers = [_TIERS[c.touch_tier] for c in customers.values() if c.touch_tier is not None]
    suggested = None
    if tiers:
        nps = [r for _, _, r, scale in rows if scale is RatingScale.NPS and r is not None]
        points = sum(tiers) / len(tiers)
        if nps:
            points += (sum(nps) / len(nps) - 7) / 3  # 7 is neither promoter nor detractor
        last = max((said for _, said, *_ in rows if said is not None), default=None)
        if last is None or (now() - last).days > SILENT_DAYS:
            points -= 1
        suggested = min(max(round(points), 1), 5)
    return Stakes(
        len(customers),
        sum(c.arr or 0 for c in customers.values()),
        sum(
            c.arr or 0
            for c in customers.values()
            if c.renewal_on is not None and today <= c.renewal_on <= soon
        ),
        [day for day in renewals if day >= today],
        segments,
        suggested,
    )

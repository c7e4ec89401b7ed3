"""A small roadmap for the pages: two themes, three items, two departments, one round."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session

from tests.api.records import add_customer, add_theme, say
from tests.vocloop.success.test_ratings import rate
from vocloop.roadmap import backlog, hypotheses, rounds, selection
from vocloop.roadmap.audit import Author
from vocloop.roadmap.priority import Ratings
from vocloop.route.setup import put_department
from vocloop_models import Horizon, LongevityKind, Theme, ThemePlace, ThemeScore, now

HIDEOUS = "<script>alert(1)</script>'\"&"


@dataclass(frozen=True)
class Plan:
    theme: uuid.UUID
    other: uuid.UUID
    item: uuid.UUID  # rated, in the round
    second: uuid.UUID  # wants the same weeks, in the round
    third: uuid.UUID  # not rated, in no round
    hypothesis: uuid.UUID
    round: uuid.UUID


def plan_in_every_list(session: Session) -> Plan:
    """With a place on the map and a rating: no list of the product is empty for want of them."""
    made = plan(session)
    session.add(ThemePlace(theme_id=made.theme, x=0.1, y=0.5))
    rate(session, 9, at=now())
    return made


def plan(session: Session) -> Plan:
    put_department(session, "dev", {"name_ja": "開発部", "name_en": "Engineering"})
    put_department(session, "care", {"name_ja": "サポート部", "name_en": "Support"})
    first, other = (add_theme(session, title) for title in ("Swap fails", "Login fails"))
    for theme in (first, other):
        for number in range(3):
            customer = add_customer(session, f"{theme.title_en} company {number}")
            say(session, f"{theme.title_en} for us {number}", theme=theme, customer=customer)
        _score(session, theme)
    by = Author("Sato")
    supposed = hypotheses.propose(
        session, first.id, hypotheses.Words("Store managers", "Swap a shift", "No overview"), by
    )
    item = backlog.create(
        session,
        "シフトを交換できるようにする / Swap shifts",
        {first.id: 0.8},
        by,
        problem="Store managers swap shifts by phone.",
        horizon=Horizon.NOW,
        hypothesis_id=supposed.id,
        goals=["Less effort"],
        departments={"dev": backlog.Work(6, -0.2), "care": backlog.Work(1, 0.5)},
    )
    second = backlog.create(
        session,
        "Stay signed in",
        {other.id: 1.0},
        by,
        departments={"dev": backlog.Work(5, 0), "care": backlog.Work(0, 0.3)},
    )
    third = backlog.create(session, HIDEOUS, {other.id: 0.5}, by, needs=[item.id])
    for each, expertise in ((item, 5), (second, 3)):
        selection.rate(session, each.id, Ratings(expertise, 4, 2, 2, 6, 0.5), by)
    sitting = rounds.open_round(
        session, "第1回 / First round", ["2027Q1", "2027Q2"], {"dev": [6, 2], "care": [4, 4]}, by
    )
    rounds.consider(session, sitting.id, {item.id: rounds.Taken(), second.id: rounds.Taken()}, by)
    return Plan(first.id, other.id, item.id, second.id, third.id, supposed.id, sitting.id)


def _score(session: Session, theme: Theme) -> None:
    day = now().date()
    figures = {
        f"{name}{end}": value
        for name, value in (
            ("generality", 0.5),
            ("longevity", 0.6),
            ("severity", 0.7),
            ("impact", 0.4),
        )
        for end, value in (("", value), ("_low", value - 0.1), ("_high", value + 0.1))
    }
    score = ThemeScore(
        theme_id=theme.id,
        day=day,
        longevity_kind=LongevityKind.LASTING,
        statements=3,
        customers=3,
        languages={"en": 3},
        weeks=[0] * 22 + [1, 1, 2, 3],
        **figures,
    )
    session.merge(score)
    theme.scored_on = day
    session.flush()

"""What customers behind themes are worth, counted beside a plain reading of the tables."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from sqlmodel import Session, col, select

from tests.api.records import add_theme
from vocloop.config import settings
from vocloop.roadmap.stakes import RENEWAL_DAYS, SILENT_DAYS, Behind
from vocloop_models import (
    AssignedBy,
    Customer,
    Feedback,
    RatingScale,
    Statement,
    Theme,
    ThemeMembership,
    TouchTier,
    now,
)

INDUSTRIES = ("製造業", "小売業", None)


@pytest.fixture
def themes(session: Session) -> list[Theme]:
    """Four themes; 12 companies and some without a name speak of them, and some of none."""
    draw = random.Random(4)  # noqa: S311 - invented data
    themes = [add_theme(session, f"Theme {n}") for n in range(4)]
    customers = [
        Customer(
            name=f"Company {n}",
            arr=draw.choice([None, 100 * n]),
            renewal_on=now().date() + dt.timedelta(days=draw.randint(-50, 200)),
            touch_tier=draw.choice([None, *TouchTier]),
            industry=draw.choice(INDUSTRIES),
            size=draw.choice(["small", None]),
        )
        for n in range(12)
    ]
    session.add_all(customers)
    session.flush()
    for n in range(80):
        feedback = Feedback(
            source="t",
            external_id=str(n),
            text="x",
            language="en",
            customer_id=draw.choice([None, *(each.id for each in customers)]),
            said_at=now() - dt.timedelta(days=draw.randint(0, 700)),
            rating_scale=draw.choice([None, RatingScale.NPS, RatingScale.CSAT]),
        )
        feedback.rating = float(draw.randint(1, 5)) if feedback.rating_scale else None
        session.add(feedback)
        session.flush()
        for position in range(draw.randint(1, 2)):
            said = Statement(feedback_id=feedback.id, position=position, text="x", language="en")
            session.add(said)
            session.flush()
            # Of the last theme nobody speaks.
            theme = draw.choice([None, *themes[:-1]])
            if theme is not None:
                session.add(
                    ThemeMembership(
                        statement_id=said.id,
                        theme_id=theme.id,
                        confidence=1,
                        assigned_by=AssignedBy.RUN,
                    )
                )
    session.flush()
    return themes


@pytest.mark.parametrize("of", [[0], [0, 1], [1, 2], [0, 1, 2], [3], []])
def test_each_company_counts_once_with_what_it_pays(
    session: Session, themes: list[Theme], of: list[int]
) -> None:
    chosen = [themes[n].id for n in of]
    rows = session.exec(
        select(Customer, Feedback)
        .join(Feedback, col(Feedback.customer_id) == col(Customer.id))
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .where(col(ThemeMembership.theme_id).in_(chosen))
    ).all()
    behind = {customer.id: customer for customer, _ in rows}.values()
    found = Behind(session).stakes(chosen)
    assert found.companies == len(behind)
    assert found.arr == sum(each.arr or 0 for each in behind)
    today = now().astimezone(settings().zone).date()
    renewals = sorted(each.renewal_on for each in behind if each.renewal_on)
    assert found.renewals == [day for day in renewals if day >= today]
    soon = [e for e in behind if e.renewal_on and 0 <= (e.renewal_on - today).days <= RENEWAL_DAYS]
    assert found.renewing == sum(each.arr or 0 for each in soon)
    for name in INDUSTRIES:
        told = found.segments.get(f"industry: {name}", 0)
        assert told == (sum(each.industry == name for each in behind) if name else 0)
    tiers = [{"high": 4, "low": 3, "tech": 2}[e.touch_tier] for e in behind if e.touch_tier]
    if not tiers:
        assert found.suggested_relationship is None
        return
    nps = [f.rating for _, f in rows if f.rating_scale is RatingScale.NPS and f.rating is not None]
    points = sum(tiers) / len(tiers) + ((sum(nps) / len(nps) - 7) / 3 if nps else 0)
    last = max(f.said_at for _, f in rows if f.said_at)
    points -= (now() - last).days > SILENT_DAYS
    assert found.suggested_relationship == min(max(round(points), 1), 5)


def test_who_left_is_no_customer_behind_a_theme(session: Session, themes: list[Theme]) -> None:
    said_of = [theme.id for theme in themes[:3]]
    today = now().astimezone(settings().zone).date()
    some = session.exec(select(Customer).order_by(col(Customer.name)).limit(3)).all()
    for each, day in zip(some, (-400, 0, 1), strict=True):
        each.until, each.arr = today + dt.timedelta(days=day), 1_000_000
    session.flush()
    found = Behind(session).stakes(said_of)
    assert found.companies == 10, "twelve spoke of one of them"
    assert found.arr < 2_000_000
    names = {each.name for each in found.largest(session)}
    assert names.isdisjoint({some[0].name, some[1].name})
    assert some[2].name in names


def test_what_is_paid_in_other_currencies_is_converted_or_told_apart(
    session: Session, themes: list[Theme], monkeypatch: pytest.MonkeyPatch
) -> None:
    said_of = [theme.id for theme in themes[:3]]
    companies = session.exec(select(Customer).order_by(col(Customer.name))).all()
    for number, each in enumerate(companies):
        each.arr, each.currency = 1_000, ("JPY", "USD", "XAU")[number % 3]
        each.renewal_on = now().date() + dt.timedelta(days=9)
    session.flush()
    monkeypatch.setenv("VOCLOOP_EXCHANGE_RATES", '{"USD": 150.5}')
    found = Behind(session).stakes(said_of)
    assert found.companies == 12, "all twelve speak of one of them"
    assert found.arr == found.renewing == 4 * 1_000 + 4 * 150_500
    assert found.unpriced == 4
    in_order = [*_named(companies, "USD"), *_named(companies, "JPY"), *_named(companies, "XAU")]
    assert [each.name for each in found.largest(session)] == in_order
    for most in (1, 5, 9, 20):
        assert [each.name for each in found.largest(session, most)] == in_order[:most]

    monkeypatch.setenv("VOCLOOP_CURRENCY", "USD")
    monkeypatch.setenv("VOCLOOP_EXCHANGE_RATES", '{"XAU": 2000, "JPY": 0.01}')
    found = Behind(session).stakes(said_of)
    assert (found.arr, found.unpriced) == (4 * 10 + 4 * 1_000 + 4 * 2_000_000, 0)
    assert found.largest(session, 1)[0].currency == "XAU"


def _named(companies: Sequence[Customer], currency: str) -> list[str]:
    return sorted(each.name for each in companies if each.currency == currency)

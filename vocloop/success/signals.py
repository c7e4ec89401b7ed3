"""What in the data calls for someone's attention, customer by customer. Pure reading: alerts.py
keeps what is found here.

Evidence holds numbers and ids only, so that an erasure has nothing to change in it."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.success.answers import answers
from vocloop_models import (
    SHOWN_STATES,
    AlertKind,
    BacklogItem,
    ChampionSpell,
    Customer,
    Feedback,
    ItemState,
    RatingScale,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
    id_of,
    item_themes,
)

RENEWAL_DAYS = 90
# Of a theme's severity, 0 … 1: the work is held up, not merely slowed.
SEVERE = 0.6
# What a customer said so long ago is no reason to leave now.
RECENT_DAYS = 180
SOLVED = (ItemState.SHIPPED, ItemState.REVIEWED)

EFFORT_DAYS, EFFORT_BEFORE_DAYS = 90, 270
LEAST_ANSWERS = 3
# On the scale of 1 to 7: less is not felt.
LEAST_FALL = 0.5

SILENCE_WINDOW_DAYS = 365
LEAST_VOICES = 6
LEAST_SILENT_DAYS = 30
# How seldom a silence so long would come about by chance in a customer's usual rhythm.
CHANCE = 0.01
# The rest of the company must still be heard: else the import stands still, not the customer.
STILL_HEARD = 0.5


@dataclass(frozen=True)
class Signal:
    """``episode`` tells one cause from the next of its kind."""

    episode: str
    evidence: dict[str, Any]


Found = dict[tuple[AlertKind, uuid.UUID], Signal]


def signals(session: Session, moment: dt.datetime) -> Found:
    """Everything that holds at ``moment``, of customers who have not left. Days are those of
    VOCLOOP_TIMEZONE, in which ``moment`` goes on from here."""
    moment = moment.astimezone(settings().zone)
    today = moment.date()
    customers = {
        each.id: each
        for each in session.exec(select(Customer))
        if each.until is None or each.until > today
    }
    found: Found = {}
    for kind, of in (
        (AlertKind.RENEWAL_AT_RISK, _renewals(session, customers, moment)),
        (AlertKind.CHAMPION_GONE, _champions(session, moment)),
        (AlertKind.EFFORT_FALLING, _efforts(session, moment)),
        (AlertKind.SILENCE, _silences(session, moment)),
    ):
        found |= {(kind, customer): signal for customer, signal in of if customer in customers}
    return found


Pairs = Iterator[tuple[uuid.UUID, Signal]]


def _renewals(
    session: Session, customers: Mapping[uuid.UUID, Customer], moment: dt.datetime
) -> Pairs:
    """Renewal within 90 days, and a severe theme that the customer spoke of in the last half year
    and that nothing has shipped for since."""
    today = moment.date()
    near = {
        each.id: each
        for each in customers.values()
        if each.renewal_on is not None and 0 <= (each.renewal_on - today).days <= RENEWAL_DAYS
    }
    if not near:
        return
    since = moment - dt.timedelta(days=RECENT_DAYS)
    rows = session.exec(
        select(Feedback.customer_id, Theme.id, ThemeScore.severity, Feedback.said_at)
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id))
        .join(
            ThemeScore,
            (col(ThemeScore.theme_id) == col(Theme.id))
            & (col(ThemeScore.day) == col(Theme.scored_on)),
        )
        .where(
            col(Theme.state).in_(SHOWN_STATES),
            col(ThemeScore.severity) >= SEVERE,
            col(Feedback.said_at) >= since,
        )
    ).all()
    items: dict[uuid.UUID, list[BacklogItem]] = {}
    links = item_themes()
    for theme_id, item in session.exec(
        select(links.c.theme_id, BacklogItem).join(
            BacklogItem, col(BacklogItem.id) == links.c.item_id
        )
    ):
        items.setdefault(theme_id, []).append(item)
    told: dict[uuid.UUID, dict[uuid.UUID, dict[str, Any]]] = {}
    for customer, theme, severity, said in rows:
        if customer not in near or said is None or _solved(items.get(theme, []), said):
            continue
        line = told.setdefault(customer, {}).setdefault(
            theme, {"theme": str(theme), "severity": round(severity, 3), "statements": 0}
        )
        line["statements"] += 1
        day = said.astimezone(moment.tzinfo).date().isoformat()
        line["last_said"] = max(line.get("last_said", ""), day)
        line["items"] = [str(item.id) for item in items.get(theme, [])]
    for customer, themes in told.items():
        account = near[customer]
        if account.renewal_on is None:
            continue
        evidence = {
            "renewal_on": account.renewal_on.isoformat(),
            "arr": account.arr,
            "currency": account.currency,
            "themes": sorted(themes.values(), key=lambda line: (-line["severity"], line["theme"])),
        }
        yield customer, Signal(account.renewal_on.isoformat(), evidence)


def _solved(items: list[BacklogItem], said: dt.datetime) -> bool:
    return any(
        item.state in SOLVED and item.shipped_at is not None and item.shipped_at > said
        for item in items
    )


def _champions(session: Session, moment: dt.datetime) -> Pairs:
    """A customer that had champions and has none."""
    spells: dict[uuid.UUID, list[ChampionSpell]] = {}
    for spell in session.exec(select(ChampionSpell).order_by(col(ChampionSpell.id))):
        spells.setdefault(spell.customer_id, []).append(spell)
    for customer, held in spells.items():
        ends = [spell.until for spell in held if spell.until is not None]
        if len(ends) < len(held):
            continue
        last = max(held, key=lambda spell: spell.until or spell.since)
        gone = max(ends).astimezone(moment.tzinfo).date().isoformat()
        evidence = {
            "champions": len(held),
            "gone_on": gone,
            "contact": str(last.contact_id) if last.contact_id else None,
        }
        yield customer, Signal(gone, evidence)


def _efforts(session: Session, moment: dt.datetime) -> Pairs:
    """CES (7 is easy) of the last 90 days below that of the 270 before: by half a point at least,
    and by more than chance (Welch, one-sided, 5 %)."""
    edge = moment - dt.timedelta(days=EFFORT_DAYS)
    since = edge - dt.timedelta(days=EFFORT_BEFORE_DAYS)
    sides: dict[uuid.UUID, tuple[list[float], list[float]]] = {}
    found = answers(session, RatingScale.CES, since=since, until=moment, segmented=False)
    late = found.place(edge)
    for place, (of, value) in enumerate(zip(found.customer, found.value.tolist(), strict=True)):
        customer = found.customers[of]
        if customer is not None:
            before, after = sides.setdefault(id_of(customer), ([], []))
            (after if place >= late else before).append(value)
    for customer, (before, after) in sides.items():
        if min(len(before), len(after)) < LEAST_ANSWERS:
            continue
        fall, low, high = _fall(before, after)
        if fall < LEAST_FALL or low <= 0:
            continue
        evidence = {
            "before": round(float(np.mean(before)), 2),
            "after": round(float(np.mean(after)), 2),
            "fall": [round(fall, 2), round(low, 2), round(high, 2)],
            "answers": [len(before), len(after)],
        }
        quarter = f"{moment.year}Q{(moment.month + 2) // 3}"
        yield customer, Signal(quarter, evidence)


def _fall(before: list[float], after: list[float]) -> tuple[float, float, float]:
    """Mean before less mean after, with its 90 % interval (Welch), each side with one answer's
    worth of prior spread."""
    errors, means = [], []
    for side in (before, after):
        values = np.asarray(side, dtype=float)
        prior = (0.25 * 6) ** 2
        spread = (((values - values.mean()) ** 2).sum() + prior) / len(values)
        errors.append((float(spread) / len(values), len(values) - 1))
        means.append(float(values.mean()))
    total = sum(error for error, _ in errors)
    freedom = total**2 / sum(error**2 / free for error, free in errors)
    reach = float(student.ppf(0.95, freedom)) * math.sqrt(total)
    fall = means[0] - means[1]
    return fall, fall - reach, fall + reach


def _silences(session: Session, moment: dt.datetime) -> Pairs:
    """No voice for so long that the customer's own rhythm (a Poisson process over the year before
    the silence) would bring it about once in a hundred."""
    since = moment - dt.timedelta(days=SILENCE_WINDOW_DAYS + RECENT_DAYS)
    days: dict[uuid.UUID, set[dt.date]] = {}
    every: list[dt.date] = []
    for customer, said in session.exec(
        select(Feedback.customer_id, Feedback.said_at).where(
            col(Feedback.said_at) >= since, col(Feedback.said_at) <= moment
        )
    ):
        if said is not None:
            day = said.astimezone(moment.tzinfo).date()
            every.append(day)
            if customer is not None:
                days.setdefault(customer, set()).add(day)
    if not every:
        return
    heard = np.array([day.toordinal() for day in every])
    # Until the last day on which anything came in: an import once a month silences nobody.
    until = int(heard.max())
    for customer, spoken in days.items():
        last = max(spoken)
        silent = until - last.toordinal()
        year = [d for d in spoken if (last - d).days < SILENCE_WINDOW_DAYS]
        span = (last - min(year)).days
        if silent < LEAST_SILENT_DAYS or len(year) < LEAST_VOICES or span < LEAST_SILENT_DAYS:
            continue
        # Days with a voice: a burst of mails is one occasion.
        rate = (len(year) - 1) / span
        chance = math.exp(-rate * silent)
        during = int((heard > last.toordinal()).sum()) / silent
        earlier = int((heard <= last.toordinal()).sum()) / max(
            last.toordinal() - int(heard.min()), 1
        )
        if chance >= CHANCE or during < STILL_HEARD * earlier:
            continue
        evidence = {
            "last_said": last.isoformat(),
            "silent_days": silent,
            "days_a_month": round(rate * 30, 2),
            "chance": round(chance, 5),
        }
        yield customer, Signal(last.isoformat(), evidence)

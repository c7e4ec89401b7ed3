"""Digests: a week for a department, a month for executives. What rose, what was decided, what
worked, with customers' own words as they were said."""

from __future__ import annotations

import datetime as dt
import string
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select

from vocloop.config import settings
from vocloop.notify import outbox
from vocloop.notify.letters import Values, title, words
from vocloop.notify.outbox import About
from vocloop.notify.people import wish
from vocloop_models import (
    BacklogItem,
    Customer,
    Decision,
    Department,
    Feedback,
    ItemDepartment,
    OutcomeReview,
    OverdueAlert,
    Recipient,
    RecipientKind,
    Routing,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
    Topic,
    of_what_is_there,
    pairs,
)
from vocloop_models.theme import SHOWN_STATES

# When people come to work: the digest is there before the first meeting.
DUE = dt.time(8, 0)
MOST_LINES = 5
MOST_QUOTES = 2
LONGEST_QUOTE = 200
# Scores older than this say nothing of how a theme moved.
OLDEST = dt.timedelta(days=60)
_DAYS = {"ja": "y年M月d日", "en": "d MMM y"}


@dataclass(frozen=True)
class Period:
    """From ``first`` to ``last``, both included; told from ``due`` on."""

    name: str
    first: dt.date
    last: dt.date
    start: dt.datetime
    end: dt.datetime
    due: dt.datetime


def week(name: str, zone: ZoneInfo) -> Period:
    """As 2026-W47, from Monday on (ISO 8601)."""
    year, _, number = name.partition("-W")
    first = dt.date.fromisocalendar(int(year), int(number), 1)
    return _period(name, first, first + dt.timedelta(days=7), zone)


def month(name: str, zone: ZoneInfo) -> Period:
    """As 2026-11."""
    first = dt.date.fromisoformat(f"{name}-01")
    return _period(name, first, (first + dt.timedelta(days=32)).replace(day=1), zone)


def latest(topic: Topic, moment: dt.datetime, zone: ZoneInfo) -> Period:
    """The last week or month that is over in ``zone``."""
    today = moment.astimezone(zone).date()
    if topic is Topic.WEEKLY:
        day = today - dt.timedelta(days=7)
        return week(f"{day.isocalendar().year}-W{day.isocalendar().week:02d}", zone)
    return month(f"{today.replace(day=1) - dt.timedelta(days=1):%Y-%m}", zone)


def schedule(session: Session, moment: dt.datetime) -> None:
    """Put the digests that are due into the outbox, each once a person and period; also late, when
    no worker ran at eight. A person who came after the period's end gets the next one."""
    zone = settings().zone
    for topic in (Topic.WEEKLY, Topic.MONTHLY):
        period = latest(topic, moment, zone)
        if moment < period.due:
            continue
        readers = select(Recipient).where(
            Recipient.kind == RecipientKind.COLLEAGUE,
            col(Recipient.address).is_not(None),
            Recipient.created_at < period.end,
        )
        wanted = col(Recipient.department_id).is_not(None)
        if topic is Topic.MONTHLY:
            wanted = col(Recipient.executive).is_(True)
        # In one order: two postmen could wait for each other's.
        for reader in session.exec(readers.where(wanted).order_by(col(Recipient.id))).all():
            if wish(session, reader, topic).mail:
                about = About(detail={"period": period.name})
                key = f"{topic.value}:{period.name}:{reader.id}"
                outbox.mail(session, key, reader, topic, about)


def contents(session: Session, topic: Topic, name: str, reader: Recipient) -> Values | None:
    """What the digest says; None when nothing rose, was decided or worked and nothing waits, and
    for who is not of a department, or no executive, any more."""
    if not (reader.department_id if topic is Topic.WEEKLY else reader.executive):
        return None
    zone, language = settings().zone, reader.language
    period = week(name, zone) if topic is Topic.WEEKLY else month(name, zone)
    of = reader.department_id if topic is Topic.WEEKLY else None
    themes = _risen(session, period, of)
    found = {
        "rose": [_rose(theme, after, before, language) for theme, after, before in themes],
        "decided": _decided(session, period, of, language),
        "worked": _worked(session, period, of, language),
    }
    waiting = _waiting(session, of)
    if not any(found.values()) and not waiting:
        return None
    department = session.get(Department, reader.department_id) if of else None
    names = (department.name_ja, department.name_en) if department else ("", "")
    own = next(filter(None, names if language == "ja" else names[::-1]), "")
    last = shown_day(period.last, language)
    return {
        **found,
        **{f"none_{k}": "" if lines else _say(language, "nothing") for k, lines in found.items()},
        "quotes": _quotes(session, [theme.id for theme, *_ in themes], language),
        "waiting": _say(language, "waiting", n=str(waiting)) if waiting else "",
        "period": f"{shown_day(period.first, language)} – {last}",
        "department": own,
        "link": settings().public_url,
    }


def shown_day(day: dt.date, language: str) -> str:
    return format_date(day, _DAYS[language], locale=language)


def _period(name: str, first: dt.date, following: dt.date, zone: ZoneInfo) -> Period:
    start = dt.datetime.combine(first, dt.time(), zone).astimezone(dt.UTC)
    end = dt.datetime.combine(following, dt.time(), zone).astimezone(dt.UTC)
    due = dt.datetime.combine(following, DUE, zone).astimezone(dt.UTC)
    return Period(name, first, following - dt.timedelta(days=1), start, end, due)


class _Impact(NamedTuple):
    """What a digest tells of a ThemeScore: months of all scores hold much more."""

    value: float
    low: float
    high: float


def _risen(
    session: Session, period: Period, department: uuid.UUID | None
) -> list[tuple[Theme, _Impact, _Impact | None]]:
    """Themes that rose most, with their impact at the end and before the period."""
    query = (
        rows_of(
            col(ThemeScore.theme_id),
            col(ThemeScore.day),
            col(ThemeScore.impact),
            col(ThemeScore.impact_low),
            col(ThemeScore.impact_high),
        )
        .join(Theme, col(Theme.id) == col(ThemeScore.theme_id))
        .where(
            col(ThemeScore.day) <= period.last,
            col(ThemeScore.day) >= period.first - OLDEST,
            col(Theme.state).in_(SHOWN_STATES),
        )
        .order_by(col(ThemeScore.day))
    )
    if department is not None:
        of = select(Routing.theme_id).where(Routing.department_id == department)
        query = query.where(col(ThemeScore.theme_id).in_(of))
    before: dict[uuid.UUID, _Impact] = {}
    after: dict[uuid.UUID, _Impact] = {}
    for theme, day, *impact in session.execute(query):
        (before if day < period.first else after)[theme] = _Impact(*impact)

    def rise(theme_id: uuid.UUID) -> float:
        was = before.get(theme_id)
        return after[theme_id].value - (was.value if was else 0.0)

    risen = sorted((each for each in after if rise(each) > 0), key=rise, reverse=True)
    return [
        (session.get_one(Theme, each), after[each], before.get(each)) for each in risen[:MOST_LINES]
    ]


def _rose(theme: Theme, after: _Impact, before: _Impact | None, language: str) -> str:
    return _say(
        language,
        "rose",
        title=f"T-{theme.number:04d} {title(theme, language)}",
        value=_shown(after),
        before=_shown(before) if before else "–",
    )


def _shown(impact: _Impact) -> str:
    value, low, high = (round(100 * each) for each in impact)
    return f"{value} [{low}–{high}]"


def _decided(
    session: Session, period: Period, department: uuid.UUID | None, language: str
) -> list[str]:
    query = (
        select(Decision, BacklogItem)
        .join(BacklogItem, col(BacklogItem.id) == col(Decision.item_id))
        .where(Decision.at >= period.start, Decision.at < period.end)
        .order_by(col(Decision.number).desc())
        .limit(MOST_LINES)
    )
    return [
        _say(
            language,
            "decided",
            number=f"D-{decision.number:04d}",
            title=pairs.own(language, item.title),
            verdict=words(language)["verdict"][decision.verdict.value],
            reason=decision.rationale,
        )
        for decision, item in session.exec(_only(query, department))
    ]


def _worked(
    session: Session, period: Period, department: uuid.UUID | None, language: str
) -> list[str]:
    query = (
        select(OutcomeReview, BacklogItem)
        .join(BacklogItem, col(BacklogItem.id) == col(OutcomeReview.item_id))
        .where(
            col(OutcomeReview.reviewed_at) >= period.start,
            col(OutcomeReview.reviewed_at) < period.end,
            col(OutcomeReview.result_good).is_(True),
        )
        .order_by(col(OutcomeReview.reviewed_at).desc())
        .limit(MOST_LINES)
    )
    return [
        _say(
            language,
            "worked",
            number=f"B-{item.number:04d}",
            title=pairs.own(language, item.title),
            step=words(language)["next_step"][review.next_step.value] if review.next_step else "",
        )
        for review, item in session.exec(_only(query, department))
    ]


def _only(query: Any, department: uuid.UUID | None) -> Any:
    if department is None:
        return query
    of = select(ItemDepartment.item_id).where(ItemDepartment.department_id == department)
    return query.where(col(BacklogItem.id).in_(of))


def _waiting(session: Session, department: uuid.UUID | None) -> int:
    query = (
        select(func.count())
        .select_from(OverdueAlert)
        .join(Routing, col(Routing.id) == col(OverdueAlert.routing_id))
        .where(col(OverdueAlert.resolved_at).is_(None), of_what_is_there())
    )
    if department is not None:
        query = query.where(OverdueAlert.department_id == department)
    return session.exec(query).one()


def _quotes(session: Session, themes: Sequence[uuid.UUID], language: str) -> list[str]:
    """Customers' own words, in the language they were said in; of none that only named people see:
    the digest is the same for all."""
    found = []
    for theme_id in themes[:MOST_QUOTES]:
        said = session.exec(
            select(Statement)
            .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
            .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
            .outerjoin(Customer, col(Customer.id) == col(Feedback.customer_id))
            .where(
                ThemeMembership.theme_id == theme_id,
                col(ThemeMembership.central).is_(True),
                col(Customer.restricted).is_not(True),
            )
            .order_by(col(ThemeMembership.confidence).desc(), col(Statement.id))
            .limit(1)
        ).first()
        if said is not None:
            text = " ".join(said.text.split())
            text = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
            found.append(_say(language, "quote", text=text, spoken=said.language.upper()))
    return found


def _say(language: str, name: str, **values: str) -> str:
    return string.Template(words(language)["say"][name]).substitute(values)

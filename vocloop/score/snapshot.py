"""Scores of the day, kept: one ThemeScore a theme and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import String, case, delete, func, insert, or_, select, type_coerce, update
from sqlmodel import Session, col

from vocloop.score.scores import Fix, Scores, score_all
from vocloop.score.severity import Voice
from vocloop.score.severity_store import NOTHING, known
from vocloop.score.voices import Company, Said
from vocloop.score.weights import current
from vocloop_models import (
    COMPANY_ATTRIBUTES,
    SHOWN_STATES,
    BacklogItem,
    Contact,
    Customer,
    Feedback,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
    item_themes,
    now,
)

NOTHING_KNOWN: Mapping[str, str] = {}


def score_themes(session: Session, *, as_of: dt.datetime | None = None) -> int:
    """Score every theme that is shown; returns how many.

    Writes the ThemeScore of the (UTC) day of ``as_of`` over one that is there, and moves
    Theme.scored_on forward. ``as_of`` is the time of the newest dated feedback unless given, so
    that a sample that ends in the past is not all "fading"; feedback dated in the future does not
    count before its day. Without any dated feedback it is the newest arrival, or now.

    Does not commit. evidence: see vocloop.score.scores."""
    at = as_of if as_of is not None else _newest(session)
    themes = list(session.scalars(select(col(Theme.id)).where(_kept())))
    scores = score_all(
        _said(session),
        _companies(session, at.date()),
        [str(theme) for theme in themes],
        at,
        current(session),
        fixes=_fixes(session, at),
    )
    day = at.astimezone(dt.UTC).date()
    session.execute(
        delete(ThemeScore).where(
            col(ThemeScore.day) == day,
            col(ThemeScore.theme_id).in_(select(col(Theme.id)).where(_kept())),
        )
    )
    if not themes:
        return 0
    scored_at = now()
    session.execute(
        insert(ThemeScore),
        [
            {"theme_id": theme, "day": day, "scored_at": scored_at, **_columns(scores[str(theme)])}
            for theme in themes
        ],
    )
    session.execute(
        update(Theme)
        .where(_kept(), or_(col(Theme.scored_on).is_(None), col(Theme.scored_on) < day))
        .values(scored_on=day)
    )
    return len(themes)


def _kept() -> Any:
    return col(Theme.state).in_(SHOWN_STATES)


def _newest(session: Session) -> dt.datetime:
    current = now()
    said = session.scalar(
        select(func.max(Feedback.said_at)).where(col(Feedback.said_at) <= current)
    )
    return said or session.scalar(select(func.max(Feedback.received_at))) or current


def _companies(session: Session, day: dt.date) -> dict[str, Company]:
    """A segment is an attribute of the company, one of its further segments, or the department or
    role of a contact, or two of them."""
    people: dict[str, list[Mapping[str, str]]] = {}
    for customer, department, role in session.execute(
        select(col(Contact.customer_id), col(Contact.department), col(Contact.role))
    ):
        person = _person(department, role)
        if person and person not in people.setdefault(str(customer), []):
            people[str(customer)].append(person)
    rows = session.execute(
        select(
            col(Customer.id),
            col(Customer.until),
            col(Customer.segments),
            *(col(getattr(Customer, a)) for a in COMPANY_ATTRIBUTES),
        )
    )
    return {
        str(customer): Company(
            further | {n: str(v) for n, v in zip(COMPANY_ATTRIBUTES, values, strict=True) if v},
            active=until is None or until > day,
            people=tuple(people.get(str(customer), ())),
        )
        for customer, until, further, *values in rows
    }


def _fixes(session: Session, at: dt.datetime) -> dict[str, Fix]:
    """What had been shipped last for each theme by then."""
    links = item_themes()
    rows = session.execute(
        select(links.c.theme_id, col(BacklogItem.shipped_at), links.c.share)
        .join(BacklogItem, col(BacklogItem.id) == links.c.item_id)
        .where(col(BacklogItem.shipped_at) <= at)
        .order_by(col(BacklogItem.shipped_at), links.c.share)
    )
    return {str(theme): Fix(on, share) for theme, on, share in rows}


def _person(department: str | None, role: str | None) -> Mapping[str, str]:
    return _known(department=department, role=role)


def _known(**values: str | None) -> Mapping[str, str]:
    found = {name: value for name, value in values.items() if value is not None}
    return found or NOTHING_KNOWN


def _said(session: Session) -> Iterator[Said]:
    """Every statement of a kept theme, and every other feedback once, without its words. What a
    person said twice within days (Feedback.repeats_id) counts once."""
    in_theme = col(Theme.id).is_not(None)
    severe = known(session)
    about: dict[tuple[str | None, str | None], Mapping[str, str]] = {}
    rows = session.execute(
        select(
            *(
                type_coerce(key, String).label(name)
                for name, key in (
                    ("statement", col(Statement.id)),
                    ("theme", col(Theme.id)),
                    ("feedback", col(Feedback.id)),
                    ("customer", col(Feedback.customer_id)),
                    ("contact", col(Feedback.contact_id)),
                )
            ),
            case((in_theme, Statement.text), else_=""),
            col(Statement.language),
            col(Feedback.said_at),
            col(Feedback.severity_mark),
            col(Feedback.priority),
            col(Feedback.rating),
            col(Feedback.rating_scale),
            col(Contact.department),
            col(Contact.role),
            col(Feedback.product),
            type_coerce(col(Theme.area_id), String),
        )
        .select_from(Feedback)
        .outerjoin(Statement, col(Statement.feedback_id) == Feedback.id)
        .outerjoin(ThemeMembership, col(ThemeMembership.statement_id) == Statement.id)
        .outerjoin(Theme, (col(Theme.id) == ThemeMembership.theme_id) & _kept())
        .outerjoin(Contact, col(Contact.id) == Feedback.contact_id)
        .where(col(Feedback.repeats_id).is_(None))
    )
    for row in rows:
        statement, theme, feedback, customer, contact = (_id(key) for key in row[:5])
        text, language, said_at, mark, priority, rating, scale, department, role = row[5:14]
        product, area = row[14:]
        more = severe.get(statement or "", NOTHING)
        yield Said(
            statement or feedback or "",
            theme,
            feedback or "",
            customer,
            contact,
            said_at,
            Voice(
                text or "",
                language or "und",
                mark,
                priority,
                rating,
                scale,
                more.reading,
                more.teaching,
                more.correction,
            ),
            _person(department, role),
            about.setdefault((product, area), _known(product=product, area=area)),
        )


def _id(key: object) -> str | None:
    """The usual spelling of an id as the driver gives it: 32 digits from SQLite, else a UUID.

    Half a million UUID objects would take as long as all the scores."""
    if isinstance(key, str) and len(key) == 32:
        return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
    return None if key is None else str(key)


def _columns(scores: Scores) -> dict[str, Any]:
    parts = {
        "generality": scores.generality,
        "longevity": scores.longevity,
        "severity": scores.severity,
        "impact": scores.impact,
    }
    numbers: dict[str, Any] = {}
    for name, part in parts.items():
        numbers |= {name: part.value, f"{name}_low": part.low, f"{name}_high": part.high}
    return numbers | {
        "longevity_kind": scores.kind,
        "statements": scores.statements,
        "customers": scores.customers,
        "languages": scores.languages,
        "weeks": scores.weeks,
        "evidence": scores.evidence,
    }

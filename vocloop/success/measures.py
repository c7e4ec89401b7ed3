"""KGI and KPI of customers, and the patterns of success that similar customers share."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop_models import (
    Customer,
    MeasureLevel,
    SuccessActual,
    SuccessMeasure,
    SuccessPattern,
    now,
)
from vocloop_models.database import held


@dataclass(frozen=True)
class Measured:
    """``share`` of the way from baseline to target that is gone; None where one of the three is
    not known or the way has no length."""

    measure: SuccessMeasure
    customer: str
    actuals: list[SuccessActual]  # oldest first

    @property
    def actual(self) -> float | None:
        return self.actuals[-1].value if self.actuals else None

    @property
    def share(self) -> float | None:
        start, end, here = self.measure.baseline, self.measure.target, self.actual
        if start is None or end is None or here is None or start == end:
            return None
        return (here - start) / (end - start)


def add_pattern(
    session: Session,
    name: str,
    description: str = "",
    measures: Sequence[Mapping[str, str]] = (),
) -> SuccessPattern:
    """Raises ConflictError for a name that is taken."""
    if session.exec(select(SuccessPattern).where(SuccessPattern.name == name)).first():
        raise ConflictError(
            says("there is a success pattern '%(name)s' already; choose another name", name=name)
        )
    made = SuccessPattern(
        name=name, description=description, measures=[dict(each) for each in measures]
    )
    session.add(made)
    session.flush()
    return made


def patterns(session: Session) -> list[tuple[SuccessPattern, int]]:
    """By name, with the number of customers that follow each."""
    follow: dict[uuid.UUID, set[uuid.UUID]] = {}
    for measure in session.exec(
        select(SuccessMeasure).where(col(SuccessMeasure.pattern_id).is_not(None))
    ):
        if measure.pattern_id is not None:
            follow.setdefault(measure.pattern_id, set()).add(measure.customer_id)
    found = session.exec(select(SuccessPattern).order_by(col(SuccessPattern.name)))
    return [(each, len(follow.get(each.id, ()))) for each in found]


def follow(session: Session, customer_id: uuid.UUID, pattern_id: uuid.UUID) -> list[SuccessMeasure]:
    """Give a customer the measures of a pattern; one that it has stays as it is."""
    _customer(session, customer_id)
    pattern = session.get(SuccessPattern, pattern_id)
    if pattern is None:
        raise NotFoundError(f"there is no success pattern {pattern_id}; list them first")
    own = set(
        session.exec(select(SuccessMeasure.name).where(SuccessMeasure.customer_id == customer_id))
    )
    made = []
    for each in pattern.measures:
        fields: dict[str, Any] = {"pattern_id": pattern_id}
        if each["name"] not in own:
            fields |= {"level": MeasureLevel(each["level"]), "unit": each.get("unit", "")}
        made.append(keep(session, customer_id, each["name"], **fields))
    return made


def keep(session: Session, customer_id: uuid.UUID, name: str, **fields: Any) -> SuccessMeasure:
    """Make a customer's measure of that name, or change what is given of it: level, unit, baseline,
    target, due_on, pattern_id. Raises NotFoundError, InvalidInputError for a new one without its
    level."""
    held(session, Customer, customer_id)
    _customer(session, customer_id)
    found = session.exec(
        select(SuccessMeasure).where(
            SuccessMeasure.customer_id == customer_id, SuccessMeasure.name == name
        )
    ).first()
    if found is None:
        if fields.get("level") is None:
            raise InvalidInputError(
                f"{name}: say whether it is a kgi or a kpi", [("level", "give kgi or kpi")]
            )
        found = SuccessMeasure(customer_id=customer_id, name=name, level=fields["level"])
        session.add(found)
    for field, value in fields.items():
        setattr(found, field, value)
    found.updated_at = now()
    session.flush()
    return found


def enter(
    session: Session, measure_id: uuid.UUID, day: dt.date, value: float, by: str | None = None
) -> SuccessActual:
    """The value on a day; a second one of the same day replaces the first."""
    _held(session, measure_id)
    entered = session.merge(SuccessActual(measure_id=measure_id, day=day, value=value, by=by))
    session.flush()
    return entered


def get(session: Session, measure_id: uuid.UUID) -> SuccessMeasure:
    found = session.get(SuccessMeasure, measure_id)
    # Of a customer that is hidden from who asks there is no measure either.
    if found is None or session.get(Customer, found.customer_id) is None:
        raise NotFoundError(f"there is no measure {measure_id}; list those of its customer")
    return found


def _held(session: Session, measure_id: uuid.UUID) -> SuccessMeasure:
    """As get(), and nobody else's to fill in or remove until the transaction ends."""
    held(session, SuccessMeasure, measure_id)
    return get(session, measure_id)


def remove(session: Session, measure_id: uuid.UUID) -> None:
    found = _held(session, measure_id)
    session.exec(delete(SuccessActual).where(col(SuccessActual.measure_id) == measure_id))
    session.delete(found)
    session.flush()


def listed(
    session: Session, customer_id: uuid.UUID | None = None, most: int | None = None
) -> list[Measured]:
    """By customer, KGI before KPI; ``customer_id`` None: of all customers."""
    query = (
        select(SuccessMeasure, Customer.name)
        .join(Customer, col(Customer.id) == col(SuccessMeasure.customer_id))
        .order_by(
            col(Customer.name),
            col(Customer.id),
            col(SuccessMeasure.level),
            col(SuccessMeasure.name),
        )
        .limit(most)
    )
    if customer_id is not None:
        _customer(session, customer_id)
        query = query.where(SuccessMeasure.customer_id == customer_id)
    ids = query.with_only_columns(col(SuccessMeasure.id))
    actuals = select(SuccessActual).where(col(SuccessActual.measure_id).in_(ids))
    values: dict[uuid.UUID, list[SuccessActual]] = {}
    for each in session.exec(actuals.order_by(col(SuccessActual.day))):
        values.setdefault(each.measure_id, []).append(each)
    return [Measured(each, name, values.get(each.id, [])) for each, name in session.exec(query)]


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(SuccessMeasure)).one()


def _customer(session: Session, customer_id: uuid.UUID) -> Customer:
    found = session.get(Customer, customer_id)
    if found is None:
        raise NotFoundError(f"there is no customer {customer_id}; search for it by name first")
    return found

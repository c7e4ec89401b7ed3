"""Customers' KGI and KPI: by pattern, and from a file."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from tests.api.records import add_customer
from vocloop.errors import InvalidInputError
from vocloop.success import measures, table
from vocloop_models import MeasureLevel, SuccessMeasure

PATTERN = [
    {"name": "解約率", "level": "kgi"},
    {"name": "利用者数", "level": "kpi", "unit": "人"},
]


def test_a_measure_that_a_customer_has_is_left_as_it_is_by_a_pattern(session: Session) -> None:
    customer = add_customer(session, "Minamo")
    own = measures.keep(session, customer.id, "解約率", level=MeasureLevel.KPI, unit="%", target=2)
    pattern = measures.add_pattern(session, "定着", measures=PATTERN)
    made = measures.follow(session, customer.id, pattern.id)
    assert [each.name for each in made] == ["解約率", "利用者数"]
    assert (own.level, own.unit, own.target) == (MeasureLevel.KPI, "%", 2)
    assert own.pattern_id == pattern.id, "it follows the pattern all the same"


def test_external_ids_that_differ_in_case_are_told_apart(session: Session) -> None:
    # As the 15 letters of Salesforce.
    one, other = (add_customer(session, name, name) for name in ("001Ab", "001aB"))
    table.take(session, b"customer,name,level\n001Ab,NPS,kpi\n001aB,Seats,kpi\n")
    kept = session.exec(select(SuccessMeasure.name, SuccessMeasure.customer_id)).all()
    assert dict(kept) == {"NPS": one.id, "Seats": other.id}
    with pytest.raises(InvalidInputError, match="not known"):
        table.take(session, b"customer,name,level\n001AB,NPS,kpi\n")

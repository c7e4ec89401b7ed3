"""Find the company that someone means."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop.intake.customers import name_key
from vocloop_models import Customer

MOST_CHOICES = 8


@dataclass(frozen=True)
class Choice:
    id: uuid.UUID
    external_id: str | None
    name: str
    industry: str | None


def matching(session: Session, typed: str, limit: int = MOST_CHOICES) -> list[Choice]:
    """Companies whose name holds ``typed``: equal ones first, then those that begin with it.

    Names are compared in Python, since neither database folds Japanese width and case; a company
    has thousands of customers at most, which is a few milliseconds."""
    wanted = name_key(typed)
    if not wanted:
        return []
    found = []
    rows = session.exec(
        select(Customer.id, Customer.external_id, Customer.name, Customer.industry).where(
            col(Customer.until).is_(None)
        )
    )
    for id_, external_id, name, industry in rows:
        key = name_key(name)
        if wanted in key:
            place = 0 if key == wanted else 1 if key.startswith(wanted) else 2
            found.append((place, name, Choice(id_, external_id, name, industry)))
    found.sort(key=lambda entry: entry[:2])
    return [choice for _, _, choice in found[:limit]]


def is_same(typed: str, choice: Choice) -> bool:
    return name_key(typed) == name_key(choice.name)

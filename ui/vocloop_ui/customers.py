"""Find the company that someone means."""

from __future__ import annotations

from sqlmodel import Session

from vocloop.intake.companies import name_key
from vocloop.intake.customers import suggest
from vocloop_models import Customer

Choice = Customer
MOST_CHOICES = 8


def matching(session: Session, typed: str) -> list[Choice]:
    return suggest(session, typed, MOST_CHOICES)


def is_same(typed: str, choice: Choice) -> bool:
    return name_key(typed) == name_key(choice.name)

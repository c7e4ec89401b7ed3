from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from vocloop.intake.likeness import likeness
from vocloop.intake.records import FeedbackIn
from vocloop.intake.removal import remove_feedback
from vocloop.intake.store import store_many
from vocloop_models import Feedback
from vocloop_models.database import reading, transaction

DAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def voice(
    number: int, text: str, *, contact: str | None = "c1", days: float | None = 0
) -> FeedbackIn:
    return FeedbackIn(
        text=text,
        source="desk",
        external_id=str(number),
        customer="ミナモ",  # type: ignore[arg-type]
        contact=contact,
        said_at=DAY + dt.timedelta(days=days) if days is not None else None,
    )


def repeats(engine: Engine) -> dict[str, str | None]:
    """By external id: that of the voice it repeats."""
    with reading(engine) as session:
        kept = session.exec(select(Feedback)).all()
        of = {each.id: each.external_id for each in kept}
        return {each.external_id: of[each.repeats_id] if each.repeats_id else None for each in kept}


@pytest.mark.parametrize(
    "other",
    [
        "The EXPORT stops at 99 %!!",
        "The export　stops at 99 ％",
        "Hello team,\n\nThe export stops at 99 %.\n\nBest regards,\nAnn",
        "The export stops at 99 %.\n\n> What happens exactly?",
    ],
)
def test_the_same_words_are_alike(other: str) -> None:
    assert likeness("The export stops at 99 %.") == likeness(other)


@pytest.mark.parametrize("other", ["The export stops at 98 %.", "The import stops at 99 %.", ""])
def test_other_words_are_not(other: str) -> None:
    assert likeness("The export stops at 99 %.") != likeness(other)


def test_words_too_few_to_tell_are_like_nothing() -> None:
    assert likeness("特になし") is None


def test_a_person_who_says_it_twice_within_days_is_counted_once(engine: Engine) -> None:
    said = "The export stops at 99 %."
    with transaction(engine) as session:
        store_many(session, [voice(1, said), voice(2, f"{said}!", days=1), voice(3, said, days=2)])
    with transaction(engine) as session:
        store_many(
            session,
            [
                voice(4, said, days=3),
                voice(5, said, days=30),
                voice(6, said, contact="c2", days=1),
                voice(7, said, contact=None),
                voice(8, said, days=None),
            ],
        )
    assert repeats(engine) == {
        "1": None,
        "2": "1",
        "3": "1",
        "4": "1",
        "5": None,
        "6": None,
        "7": None,
        "8": None,
    }


def test_when_the_first_goes_the_next_copy_stands_for_the_others(engine: Engine) -> None:
    said = "The export stops at 99 %."
    with transaction(engine) as session:
        stored = store_many(session, [voice(number, said, days=number) for number in range(3)])
    with transaction(engine) as session:
        remove_feedback(session, [stored[0].feedback_id])
    assert repeats(engine) == {"1": None, "2": "1"}

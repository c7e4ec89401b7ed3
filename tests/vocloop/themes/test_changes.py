"""What a period brought: themes that are there because of it, and those that are no more."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from tests.vocloop.themes.edits import theme_of
from vocloop.themes.changes import Period, changes
from vocloop.themes.facts import merge, not_a_theme
from vocloop.themes.undo import undo
from vocloop_models import now


def test_an_end_that_was_taken_back_is_none(session: Session) -> None:
    merged, dismissed, gone, other = (theme_of(session) for _ in range(4))
    not_a_theme(session, gone.id)
    for fact in (merge(session, merged.id, other.id), not_a_theme(session, dismissed.id)):
        undo(session, fact.id)
    today = now().date()
    period = Period(today - dt.timedelta(days=1), today + dt.timedelta(days=1))
    found = changes(session, period, period.before())
    assert [each.theme.id for each in found.ended] == [gone.id]

"""A theme that becomes part of another one takes with it what is on the roadmap about it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session, select

from tests.api.records import add_customer, add_theme, say
from vocloop.notify import hearing
from vocloop.roadmap import backlog, fates, hypotheses, outcomes, selection
from vocloop.roadmap.fates import Step
from vocloop.themes import facts
from vocloop.themes.undo import undo
from vocloop_models import Feedback, Theme, ThemeFact


@pytest.fixture
def themes(session: Session) -> list[Theme]:
    """Three, each with a voice of one company; the impact of the last is the largest."""
    themes = [add_theme(session, f"Theme {n}", impact=0.2 + 0.1 * n) for n in range(3)]
    for theme in themes:
        customer = add_customer(session, f"Company of {theme.title_en}")
        customer.arr = 100
        said_at = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
        say(session, "It stops", theme=theme, customer=customer, said_at=said_at)
    return themes


def merged(session: Session, themes: list[Theme]) -> ThemeFact:
    """The first one into the second one, and that into the third."""
    first = facts.merge(session, themes[0].id, themes[1].id)
    facts.merge(session, themes[1].id, themes[2].id)
    session.expire_all()
    return first


def test_an_item_is_of_the_theme_that_its_own_is_part_of(
    session: Session, themes: list[Theme]
) -> None:
    item = backlog.create(session, "Resume exports", {themes[0].id: 0.8})
    merged(session, themes)
    judged = selection.judge(session, item.id)
    assert judged.parts.themes == {themes[2].id: 0.8}
    assert judged.priority.impact.value == pytest.approx(0.8 * 0.4)
    assert (judged.stakes.companies, judged.stakes.arr) == (3, 300)
    assert len(outcomes.to_propose(session, item.id)) == 3
    for theme in (themes[0], themes[2]):
        assert backlog.listed(session, theme_id=theme.id) == [item]


def test_of_two_themes_that_became_one_the_larger_share_counts(
    session: Session, themes: list[Theme]
) -> None:
    shares = {themes[0].id: 0.3, themes[2].id: 0.6}
    item = backlog.create(session, "Resume exports", shares)
    first = merged(session, themes)
    assert backlog.one(session, item.id).themes == {themes[2].id: 0.6}
    undo(session, first.id)
    assert backlog.one(session, item.id).themes == shares


def test_themes_that_are_kept_as_they_are_come_back_with_the_undo_of_a_merge(
    session: Session, themes: list[Theme]
) -> None:
    item = backlog.create(session, "Resume exports", {themes[0].id: 0.8})
    first = merged(session, themes)
    further = add_theme(session, "Another one").id
    for kept in ({}, {further: 0.5}):
        backlog.change(session, item.id, themes={themes[2].id: 0.8, **kept})
    undo(session, first.id)
    assert backlog.one(session, item.id).themes == {themes[0].id: 0.8, further: 0.5}


def test_a_share_that_is_given_after_a_merge_counts(session: Session, themes: list[Theme]) -> None:
    item = backlog.create(session, "Resume exports", {themes[0].id: 0.8, themes[1].id: 0.3})
    merged(session, themes)
    for given in ({themes[2].id: 0.5}, {themes[2].id: 0.5, themes[0].id: 0.6}, {themes[0].id: 0.4}):
        backlog.change(session, item.id, themes=given)
        assert backlog.one(session, item.id).themes == {themes[2].id: max(given.values())}


def test_whoever_raised_it_hears_what_became_of_it(session: Session, themes: list[Theme]) -> None:
    item = backlog.create(session, "Resume exports", {themes[0].id: 1.0})
    merged(session, themes)
    voices = session.exec(select(Feedback)).all()
    told = fates.fates(session, [(voice, None) for voice in voices])
    assert [(each.step, each.item) for each in told] == [(Step.PROPOSED, item)] * 3
    assert len(hearing.behind(session, item.id).customers) == 3


def test_its_hypotheses_are_hypotheses_on_that_theme(session: Session, themes: list[Theme]) -> None:
    words = hypotheses.Words("Store managers", "Export a report", "It is too long")
    made = hypotheses.propose(session, themes[0].id, words)
    merged(session, themes)
    for theme in (themes[0], themes[2]):
        assert [p.hypothesis.id for p in hypotheses.of_theme(session, theme.id)] == [made.id]

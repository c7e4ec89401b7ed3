"""Which of two facts that contradict each other holds, and what undoing one brings back."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlmodel import Session

from tests.api.records import say
from tests.vocloop.themes.edits import ABE, SATO, snapshot, theme_of
from vocloop.themes.facts import (
    archive,
    different,
    merge,
    move,
    not_a_theme,
    pin,
    rename,
    split,
)
from vocloop.themes.overrule import conflicts
from vocloop.themes.placing import members
from vocloop.themes.undo import undo


def edit(session: Session, what: str, a: uuid.UUID, b: uuid.UUID) -> None:
    match what:
        case "move into a":
            move(session, [say(session).id], a)
        case "merge a":
            merge(session, a, b)
        case "merge b":
            merge(session, b, a)
        case "different":
            different(session, a, b)
        case "pin a":
            pin(session, a)
        case "archive a":
            archive(session, a)
        case _:
            not_a_theme(session, a)


class TestConflicts:
    def test_a_merge_that_another_person_made_again_is_one(self, session: Session) -> None:
        a, b = (theme_of(session) for _ in range(2))
        merge(session, a.id, b.id, SATO)
        apart = different(session, a.id, b.id, SATO)
        again = merge(session, b.id, a.id, ABE)
        undo(session, apart.id)
        (conflict,) = conflicts(session)
        assert conflict.newer.id == again.id
        assert "merged" in conflict.reason

    def test_agreement_is_no_conflict(self, session: Session) -> None:
        a, b, c = (theme_of(session) for _ in range(3))
        rename(session, a.id, {"en": "A"})
        different(session, a.id, b.id)
        move(session, members(session, b.id)[:1], a.id)
        merge(session, b.id, c.id)
        assert conflicts(session) == []

    def test_a_change_of_mind_is_none_but_two_people_of_two_minds_are(
        self, session: Session
    ) -> None:
        theme = theme_of(session)
        rename(session, theme.id, {"en": "A"}, SATO)
        rename(session, theme.id, {"en": "B"}, SATO)
        assert conflicts(session) == []
        rename(session, theme.id, {"en": "C"}, ABE)
        (conflict,) = conflicts(session)
        assert (conflict.older.title, conflict.newer.title) == ("B", "C")

    @pytest.mark.parametrize(
        ("older", "newer", "reason"),
        [
            ("move into a", "merge a", "merged"),
            ("move into a", "dismiss a", "not a theme"),
            ("different", "merge b", "were merged"),
            ("merge b", "different", "be different"),
            ("pin a", "merge a", "pinned"),
            ("pin a", "dismiss a", "pinned"),
            ("archive a", "merge a", "archived"),
            ("archive a", "dismiss a", "archived"),
        ],
    )
    def test_the_newer_fact_wins_and_undone_lets_the_older_one_hold_again(
        self, session: Session, older: str, newer: str, reason: str
    ) -> None:
        a, b = theme_of(session).id, theme_of(session).id
        edit(session, older, a, b)
        before = snapshot(session)
        edit(session, newer, a, b)
        (conflict,) = conflicts(session)
        assert reason in conflict.reason
        assert conflict.older.overruled_by == conflict.newer.id
        assert conflicts(session, b) == ([conflict] if b in _named(conflict) else [])
        undo(session, conflict.newer.id)
        assert conflicts(session) == []
        assert conflict.older.overruled_by is None
        assert snapshot(session) == before

    def test_two_themes_that_became_one_by_a_third_overrule_their_difference(
        self, session: Session
    ) -> None:
        a, b, c = (theme_of(session) for _ in range(3))
        apart = different(session, a.id, c.id)
        merge(session, a.id, b.id)
        assert conflicts(session) == []
        last = merge(session, b.id, c.id)
        assert apart.overruled_by == last.id

    def test_merging_back_what_was_split_overrules_the_split(self, session: Session) -> None:
        theme = theme_of(session)
        fact = split(session, theme.id, members(session, theme.id)[:2], author=SATO)
        assert fact.other_id is not None
        back = merge(session, fact.other_id, theme.id, ABE)
        assert [(c.older.id, c.newer.id) for c in conflicts(session)] == [(fact.id, back.id)]
        undo(session, back.id)
        assert len(members(session, fact.other_id)) == 2

    def test_an_overruled_fact_can_be_undone_without_touching_the_newer_one(
        self, session: Session
    ) -> None:
        a, b = theme_of(session), theme_of(session)
        apart = different(session, a.id, b.id)
        merge(session, a.id, b.id)
        before = snapshot(session)
        (remark,) = undo(session, apart.id).remarks
        assert "overruled" in remark
        assert snapshot(session) == before
        assert conflicts(session) == []


def _named(conflict: Any) -> set[uuid.UUID]:
    return {i for f in (conflict.older, conflict.newer) for i in (f.theme_id, f.other_id) if i}

"""What a run writes: ids that live on, events that are worth reading, people's word."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.vocloop.themes.runs import events, run, statements, themes
from vocloop.intake.removal import remove_feedback
from vocloop.themes import history
from vocloop.themes.facts import archive, different, merge, move, not_a_theme, pin, split
from vocloop.themes.labels import Label
from vocloop.themes.placing import members
from vocloop.themes.registry import known
from vocloop.themes.undo import undo
from vocloop_models import (
    AssignedBy,
    MinorityMember,
    Statement,
    ThemeEvent,
    ThemeMembership,
    ThemeState,
)


def told(session: Session, made: Any) -> list[tuple[int, str]]:
    return [(number, kind) for number, kind, _ in events(session, made)]


def placed(session: Session) -> dict[uuid.UUID, uuid.UUID]:
    return dict(session.exec(select(ThemeMembership.statement_id, ThemeMembership.theme_id)).all())


class TestEvents:
    def test_new_clusters_are_born_with_the_next_numbers(self, session: Session) -> None:
        ids = statements(session, 9)
        made = run(session, ids, [0, 0, 0, 0, 1, 1, 1, 1, -1])
        assert events(session, made) == [
            (1, "born", {"statements": 4}),
            (2, "born", {"statements": 4}),
        ]
        assert (made.statements, made.themes, made.unassigned) == (9, 2, 1)

    def test_the_same_again_tells_nothing_and_changes_nothing(self, session: Session) -> None:
        ids = statements(session, 8)
        run(session, ids, [0] * 4 + [1] * 4)
        before = [m.model_dump() for m in session.exec(select(ThemeMembership))]
        made = run(session, ids, [0] * 4 + [1] * 4)
        assert told(session, made) == []
        assert [m.model_dump() for m in session.exec(select(ThemeMembership))] == before

    def test_slow_growth_is_told_when_it_amounts_to_something(self, session: Session) -> None:
        ids = statements(session, 10)
        run(session, ids, [0] * 10)
        kinds = []
        for _ in range(4):
            ids += statements(session, 1)
            kinds += told(session, run(session, ids, [0] * len(ids)))
        assert kinds == [(1, "grew")]

    def test_a_theme_whose_statements_were_exchanged_is_told(self, session: Session) -> None:
        ids = statements(session, 8)
        run(session, ids, [0, 0, 0, 0, -1, -1, 1, 1])
        made = run(session, ids, [0, 0, -1, -1, 0, 0, 1, 1])
        ((number, kind, detail),) = events(session, made)
        assert (number, kind, detail["overlap"]) == (1, "continued", 0.333)

    def test_what_leaves_as_a_new_theme_is_a_split(self, session: Session) -> None:
        ids = statements(session, 10)
        run(session, ids, [0] * 10)
        made = run(session, ids, [0] * 6 + [1] * 4)
        old, new = themes(session)
        assert events(session, made) == [
            (2, "born", {"from": str(old.id), "number": 1, "statements": 4}),
            (1, "split", {"into": str(new.id), "number": 2, "left": 4, "statements": 6}),
        ]

    def test_a_theme_that_another_one_took_over_retires_into_it(self, session: Session) -> None:
        ids = statements(session, 8)
        run(session, ids, [0] * 4 + [1] * 4)
        made = run(session, ids, [0] * 8)
        stays, gone = themes(session)
        assert events(session, made) == [
            (1, "merged", {"from": str(gone.id), "number": 2, "joined": 4, "statements": 8}),
            (2, "retired", {"into": str(stays.id), "number": 1, "statements": 0}),
        ]
        assert gone.state is ThemeState.RETIRED

    def test_a_theme_that_is_not_found_fades_with_its_statements_and_may_come_back(
        self, session: Session
    ) -> None:
        ids = statements(session, 8)
        run(session, ids, [0] * 4 + [1] * 4)
        made = run(session, ids, [0] * 4 + [1] * 4, missed={1})
        theme = themes(session)[1]
        assert told(session, made) == [(2, "faded")]
        assert (theme.state, len(members(session, theme.id))) == (ThemeState.FADED, 4)
        made = run(session, ids, [0] * 4 + [1] * 4)
        assert told(session, made) == [(2, "revived")]
        assert (theme.state, theme.missed_runs) == (ThemeState.ACTIVE, 0)

    def test_not_found_for_several_runs_with_new_data_it_retires(self, session: Session) -> None:
        ids = statements(session, 8)
        run(session, ids, [0] * 4 + [1] * 4)
        kinds = []
        for again in range(history.RETIRE_AFTER):
            labels = [0] * 4 + [1] * 4 + [-1] * again
            kinds += told(session, run(session, ids, labels, missed={1}))
            if again + 1 < history.RETIRE_AFTER:
                # The same data again does not count against it.
                kinds += told(session, run(session, ids, labels, missed={1}))
            ids += statements(session, 1)
        assert kinds == [(2, "faded"), (2, "retired")]
        assert members(session, themes(session)[1].id) == []

    def test_a_number_is_never_given_twice(self, session: Session) -> None:
        ids = statements(session, 4)
        run(session, ids, [0] * 4)
        not_a_theme(session, themes(session)[0].id)
        ids += statements(session, 12)
        run(session, ids, [-1] * 4 + [0] * 12, fresh=[0] * 4 + [1] * 12)
        assert [t.number for t in themes(session)] == [1, 2]


class TestPeopleWin:
    @pytest.fixture
    def ids(self, session: Session) -> list[uuid.UUID]:
        """Three themes of four statements, 0 … 3, 4 … 7, 8 … 11."""
        ids = statements(session, 12)
        run(session, ids, [0] * 4 + [1] * 4 + [2] * 4)
        return ids

    def test_a_run_is_told_what_people_placed_and_parted(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        a, b, c = themes(session)
        move(session, ids[:1], b.id)
        move(session, ids[1:2], None)
        different(session, c.id, b.id)
        fact = split(session, a.id, ids[2:3])
        found = known(session, ids)
        assert found.themes == [a.id, b.id, c.id, fact.other_id]
        assert found.labels.tolist() == [1, -1, 3, 0] + [1] * 4 + [2] * 4
        assert found.fixed.tolist() == [True] * 3 + [False] * 9
        assert found.apart == [(0, 3), (1, 2)]

    def test_placed_statements_stay_where_a_person_put_them(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        a, b, _ = themes(session)
        move(session, ids[:1], b.id)
        move(session, ids[1:2], None)
        run(session, ids, [0] * 4 + [1] * 4 + [2] * 4)
        where = placed(session)
        assert (where[ids[0]], ids[1] in where, where[ids[2]]) == (b.id, False, a.id)
        assert session.get_one(ThemeMembership, ids[0]).assigned_by is AssignedBy.PERSON

    def test_an_edit_made_while_the_run_was_busy_wins(
        self, session: Session, ids: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a, b, c = themes(session)
        early = known(session, ids)
        merge(session, a.id, b.id)
        not_a_theme(session, c.id)
        monkeypatch.setattr("tests.vocloop.themes.runs.known", lambda *_: early)
        run(session, ids, [0] * 4 + [1] * 4 + [2] * 4)
        assert set(placed(session).values()) == {b.id}
        assert len(members(session, b.id)) == 8
        assert (a.state, c.state) == (ThemeState.MERGED, ThemeState.DISMISSED)

    def test_what_is_erased_while_the_run_is_busy_stays_erased(
        self, session: Session, ids: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        early = known(session, ids)
        gone = {session.get_one(Statement, ids[row]).feedback_id for row in (0, 5, 9)}
        remove_feedback(session, sorted(gone))
        monkeypatch.setattr("tests.vocloop.themes.runs.known", lambda *_: early)
        groups = [([0, 1], 0.9), ([8, 9, 10], 0.9)]
        named = {n: Label({"en": f"what voice {5 + n} said"}) for n in (0, 1)}
        wanted = [-1] * 3 + [0] + [1] * 4 + [-1] * 4
        made = run(session, ids, wanted, groups=groups, named=named)
        titles = [theme.title_en for theme in themes(session)]
        assert titles == ["what voice 5 said", None, None], "none is made of erased words"
        assert sorted(placed(session)) == sorted({*ids[3:8]} - {ids[5]})
        assert (made.statements, made.unassigned) == (9, 5)
        grouped = session.exec(select(MinorityMember.statement_id)).all()
        assert sorted(grouped) == sorted([ids[1], ids[8], ids[10]])

    def test_a_cluster_of_what_is_not_a_theme_is_absorbed_however_it_grows(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        theme = themes(session)[2]
        fact = not_a_theme(session, theme.id)
        rest = [0] * 4 + [1] * 4
        for _ in range(4):
            ids += statements(session, 3)
            made = run(session, ids, [*rest, *[2] * (len(ids) - 8)])
            assert told(session, made) == []
        assert len(themes(session)) == 3
        undo(session, fact.id)
        assert len(members(session, theme.id)) == len(ids) - 8

    def test_a_part_of_what_people_merged_does_not_leave_as_a_new_theme(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        a, b, _ = themes(session)
        merge(session, a.id, b.id)
        ids += statements(session, 1)
        # Known now: b, c. The run sees a's statements, and a new one, as a cluster of their own.
        made = run(
            session, ids, [2] * 4 + [0] * 4 + [1] * 4 + [2], fresh=[0] * 4 + [1] * 4 + [2] * 4 + [0]
        )
        assert len(themes(session)) == 3
        assert len(members(session, b.id)) == 9
        assert [kind for _, kind in told(session, made)] == []

    def test_a_pinned_theme_neither_fades_nor_retires(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        theme = themes(session)[2]
        pin(session, theme.id)
        for _ in range(history.RETIRE_AFTER + 1):
            ids += statements(session, 1)
            run(session, ids, [0] * 4 + [1] * 4 + [2] * 4 + [-1] * (len(ids) - 12), missed={2})
        assert theme.state is ThemeState.ACTIVE
        assert len(members(session, theme.id)) == 4

    def test_an_archived_theme_takes_its_cluster_and_stays_archived(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        theme = themes(session)[2]
        archive(session, theme.id)
        ids += statements(session, 4)
        run(session, ids, [0] * 4 + [1] * 4 + [2] * 8)
        assert theme.state is ThemeState.ARCHIVED
        assert len(members(session, theme.id)) == 8

    def test_a_merge_that_holds_again_takes_back_what_a_run_moved_meanwhile(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        one, two, three = themes(session)
        merge(session, one.id, two.id)
        fact = different(session, one.id, two.id)
        run(session, ids, [2] + [0] * 3 + [1] * 4 + [2] * 4)
        assert ids[0] in members(session, three.id)
        undo(session, fact.id)
        assert members(session, two.id) == ids[:8]

    def test_a_theme_that_people_filled_does_not_fade(
        self, session: Session, ids: list[uuid.UUID]
    ) -> None:
        theme = themes(session)[2]
        move(session, ids[:1], theme.id)
        for _ in range(history.RETIRE_AFTER + 1):
            ids += statements(session, 1)
            run(session, ids, [0] * 4 + [1] * 4 + [2] * 4 + [-1] * (len(ids) - 12), missed={2})
        assert theme.state is ThemeState.ACTIVE
        assert len(members(session, theme.id)) == 5


def test_events_of_people_and_runs_are_one_history(session: Session) -> None:
    ids = statements(session, 8)
    run(session, ids, [0] * 8)
    theme = themes(session)[0]
    fact = split(session, theme.id, ids[:3])
    undo(session, fact.id)
    made = run(session, ids, [0] * 8)
    assert told(session, made) == []
    kinds = [
        e.kind.value
        for e in session.exec(select(ThemeEvent).where(ThemeEvent.theme_id == theme.id))
    ]
    assert sorted(kinds) == ["born", "merged", "split", "undone"]

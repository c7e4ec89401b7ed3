"""What runs ask people about, and what becomes of it."""

from __future__ import annotations

import uuid

import pytest
from sqlmodel import Session, select

from tests.vocloop.themes.runs import Proposed, propose, run, statements, themes
from vocloop.themes.facts import different, merge, move, pin, split
from vocloop.themes.placing import members, resolve
from vocloop.themes.proposals import CLEARLY_STRONGER, accept, accept_all, dismiss, listed
from vocloop.themes.record import Author
from vocloop.themes.undo import undo
from vocloop_models import (
    ClusterRun,
    FactKind,
    ProposalKind,
    ProposalState,
    ThemeFact,
    ThemeState,
)

SATO = Author(by="sato")
LEAVING = Proposed("split", (0,), [0, 1, 2])
JOINING = Proposed("merge", (0, 1, 2), list(range(4, 12)))


@pytest.fixture
def ids(session: Session) -> list[uuid.UUID]:
    """Three themes of four statements, 0 … 3, 4 … 7, 8 … 11."""
    return statements(session, 12)


@pytest.fixture
def made(session: Session, ids: list[uuid.UUID]) -> ClusterRun:
    return run(session, ids, [0] * 4 + [1] * 4 + [2] * 4)


def states(session: Session) -> list[ProposalState]:
    return [p.state for p in sorted(listed(session, state=None), key=lambda p: p.id)]


def test_a_merge_of_several_is_asked_in_pairs_strongest_first(
    session: Session, made: ClusterRun, ids: list[uuid.UUID]
) -> None:
    a, b, c = themes(session)
    propose(session, made, ids, LEAVING, Proposed("merge", (0, 1, 2), [], 0.7))
    shown = listed(session)
    assert [(p.kind, p.theme_id, p.other_id) for p in shown] == [
        (ProposalKind.MERGE, a.id, b.id),
        (ProposalKind.MERGE, a.id, c.id),
        (ProposalKind.SPLIT, a.id, None),
    ]
    assert shown[2].statements == [str(s) for s in ids[:3]]
    assert listed(session, theme_id=b.id) == shown[:1]


def test_the_same_again_is_updated_not_doubled_and_one_no_longer_seen_is_outdated(
    session: Session, made: ClusterRun, ids: list[uuid.UUID]
) -> None:
    propose(session, made, ids, LEAVING, Proposed("merge", (1, 2), []))
    first = listed(session)
    when = [p.updated_at for p in first]
    propose(session, made, ids, LEAVING, Proposed("merge", (1, 2), []))
    assert [p.updated_at for p in listed(session)] == when
    # The other way round, and weaker: still the same two.
    propose(session, made, ids, Proposed("merge", (2, 1), [], 0.3))
    (left,) = listed(session)
    assert (left.id, left.strength) == (first[1].id, 0.3)
    assert sorted(states(session)) == [ProposalState.OPEN, ProposalState.OUTDATED]


def test_accepting_is_the_edit_that_a_person_would_make(
    session: Session, made: ClusterRun, ids: list[uuid.UUID]
) -> None:
    a, b, _ = themes(session)
    left, joined = propose(session, made, ids, LEAVING, Proposed("merge", (1, 2), []))
    outcomes = accept(session, [left.id, joined.id], SATO)
    assert [o.fact.kind for o in outcomes if o.fact] == [FactKind.SPLIT, FactKind.MERGE]
    assert [o.fact.by for o in outcomes if o.fact] == ["sato", "sato"]
    assert (members(session, a.id), len(members(session, b.id))) == (ids[3:4], 8)
    assert states(session) == [ProposalState.ACCEPTED] * 2
    for outcome in outcomes:
        assert outcome.fact is not None
        undo(session, outcome.fact.id)
    assert members(session, a.id) == ids[:4]


def test_one_that_became_impossible_is_refused_alone(
    session: Session, made: ClusterRun, ids: list[uuid.UUID]
) -> None:
    first, second, third = propose(session, made, ids, JOINING, Proposed("split", (1,), [4, 5]))
    missing = uuid.uuid4()
    outcomes = accept(session, [first.id, third.id, missing, second.id])
    assert [o.refused is None for o in outcomes] == [True, False, False, True]
    assert "outdated already" in (outcomes[1].refused or "")
    assert str(missing) in (outcomes[2].refused or "")


def test_statements_that_left_since_are_not_asked_back(
    session: Session, made: ClusterRun, ids: list[uuid.UUID]
) -> None:
    (proposal,) = propose(session, made, ids, LEAVING)
    b = themes(session)[1]
    move(session, ids[:1], b.id)
    ((outcome),) = accept(session, [proposal.id])
    assert outcome.fact is not None
    assert outcome.fact.other_id is not None
    assert members(session, outcome.fact.other_id) == ids[1:3]
    assert ids[0] in members(session, b.id)


class TestDismissed:
    def test_it_does_not_return(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        wanted = (LEAVING, Proposed("merge", (1, 2), []))
        dismiss(session, [p.id for p in propose(session, made, ids, *wanted)], SATO)
        assert propose(session, made, ids, *wanted) == []
        assert states(session) == [ProposalState.DISMISSED] * 2
        assert {p.decided_by for p in listed(session, state=None)} == {"sato"}

    @pytest.mark.parametrize(
        "more",
        [
            Proposed("split", (0,), [0, 1, 2], 0.5 + CLEARLY_STRONGER),
            Proposed("split", (0,), [0, 1, 2, 12, 13]),
        ],
    )
    def test_it_returns_with_clearly_more_behind_it(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID], more: Proposed
    ) -> None:
        dismiss(session, [p.id for p in propose(session, made, ids, LEAVING)])
        ids += statements(session, 4)
        assert len(propose(session, made, ids, more)) == 1

    def test_another_part_of_the_theme_is_another_proposal(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        dismiss(session, [p.id for p in propose(session, made, ids, LEAVING)])
        assert len(propose(session, made, ids, Proposed("split", (0,), [2, 3]))) == 1


class TestPeopleSaidOtherwise:
    def test_themes_said_to_be_different_are_not_to_be_merged(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        a, b, c = themes(session)
        fact = different(session, a.id, b.id)
        assert [p.other_id for p in propose(session, made, ids, JOINING)] == [c.id]
        undo(session, fact.id)
        assert len(propose(session, made, ids, JOINING)) == 2

    def test_what_was_split_is_not_to_be_merged_again(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        split(session, themes(session)[0].id, ids[:2])
        assert propose(session, made, ids, Proposed("merge", (0, 3), [])) == []

    @pytest.mark.parametrize("rows", [[0, 1, 2], [4, 5, 6, 7]])
    def test_what_was_merged_is_not_to_be_split_again_from_either_side(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID], rows: list[int]
    ) -> None:
        a, b, _ = themes(session)
        merge(session, a.id, b.id)
        assert propose(session, made, ids, Proposed("split", (0,), rows)) == []

    def test_another_part_of_what_was_merged_may_be_split_off(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        a, b, _ = themes(session)
        merge(session, a.id, b.id)
        assert len(propose(session, made, ids, Proposed("split", (0,), [4, 5]))) == 1


class TestAtOnce:
    def test_what_is_applied_can_be_undone_and_binds_no_run(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        a, b, _ = themes(session)
        accept_all(session, propose(session, made, ids, Proposed("merge", (0, 1), [])))
        assert resolve(session, b.id) == a.id
        (fact,) = session.exec(select(ThemeFact)).all()
        assert (fact.automatic, fact.by) == (True, None)
        # The run sees four of them elsewhere: nobody said that they belong here.
        run(session, ids, [0] * 4 + [1] * 8, fresh=[0] * 4 + [1] * 8)
        assert members(session, a.id) == ids[:4]
        undo(session, fact.id)
        assert resolve(session, b.id) == b.id

    def test_a_theme_that_it_split_off_retires_when_runs_see_it_no_more(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        accept_all(session, propose(session, made, ids, Proposed("split", (0,), [2, 3])))
        born = themes(session)[-1]
        assert members(session, born.id) == ids[2:4]
        run(session, ids, [0] * 4 + [1] * 4 + [2] * 4, missed={3})
        assert members(session, born.id) == []
        assert born.state is ThemeState.RETIRED

    def test_a_pinned_theme_goes_into_no_other(
        self, session: Session, made: ClusterRun, ids: list[uuid.UUID]
    ) -> None:
        b = themes(session)[1]
        pin(session, b.id)
        accept_all(session, propose(session, made, ids, Proposed("merge", (0, 1), [])))
        assert resolve(session, b.id) == b.id

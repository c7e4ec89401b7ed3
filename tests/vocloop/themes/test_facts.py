"""People's edits of themes: what each does at once, and what undoing it brings back."""

from __future__ import annotations

import threading
import uuid
from collections import Counter

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tests.api.records import add_theme, keep, say
from tests.vocloop.themes.edits import ABE, SATO, theme_of
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError
from vocloop.themes.facts import (
    accept_titles,
    archive,
    different,
    layer,
    merge,
    move,
    not_a_theme,
    pin,
    rename,
    split,
)
from vocloop.themes.overrule import conflicts, listed
from vocloop.themes.placing import members, resolve
from vocloop.themes.query import ThemeFilter, one, ranked, totals
from vocloop.themes.quotes import quotes
from vocloop.themes.record import Author
from vocloop.themes.undo import undo
from vocloop_models import (
    FactKind,
    ProposalKind,
    ProposalState,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    ThemeProposal,
    ThemeState,
    ValueLayer,
)
from vocloop_models.database import transaction


def kinds(session: Session, theme: Theme) -> list[ThemeEventKind]:
    return [event.kind for event in one(session, theme.id).events]


class TestRename:
    def test_a_title_is_given_per_language(self, session: Session) -> None:
        theme = theme_of(session, title_ja="古い")
        (fact,) = rename(session, theme.id, {"ja": " 書き出しが  止まる "}, SATO)
        assert (theme.title_ja, theme.fixed_ja) == ("書き出しが 止まる", True)
        assert (theme.title_en, theme.fixed_en) == ("Exports stop", False)
        assert (fact.by, fact.note, fact.language) == ("sato", "read them all", "ja")
        assert kinds(session, theme) == [ThemeEventKind.RENAMED]

    def test_the_machines_title_comes_back_whatever_order_titles_are_undone_in(
        self, session: Session
    ) -> None:
        theme = theme_of(session)
        (first,) = rename(session, theme.id, {"en": "First"}, SATO)
        (second,) = rename(session, theme.id, {"en": "Second"}, ABE)
        undo(session, first.id)
        assert theme.title_en == "Second"
        undo(session, second.id)
        assert (theme.title_en, theme.fixed_en) == ("Exports stop", False)

    def test_undoing_the_newer_title_brings_back_the_older_one(self, session: Session) -> None:
        theme = theme_of(session)
        rename(session, theme.id, {"en": "First"})
        (second,) = rename(session, theme.id, {"en": "Second"})
        undo(session, second.id)
        assert (theme.title_en, theme.fixed_en) == ("First", True)

    @pytest.mark.parametrize("titles", [{}, {"en": " "}, {"en": "x" * 301}, {"fr": "Titre"}])
    def test_it_refuses_what_is_no_title(self, session: Session, titles: dict[str, str]) -> None:
        with pytest.raises(InvalidInputError, match="title"):
            rename(session, theme_of(session).id, titles)

    def test_a_suggested_title_is_taken_by_one_call(self, session: Session) -> None:
        theme = theme_of(session)
        theme.suggested_title_en = "Exports end early"
        (fact,) = accept_titles(session, theme.id, ["en"], SATO)
        assert (theme.title_en, theme.suggested_title_en) == ("Exports end early", None)
        assert fact.kind is FactKind.RENAME
        with pytest.raises(ConflictError, match="no suggested title"):
            accept_titles(session, theme.id, ["en"])


class TestMerge:
    def test_statements_join_and_the_old_id_leads_to_the_new_one(self, session: Session) -> None:
        gone, stays = theme_of(session, 3), theme_of(session, 4)
        merge(session, gone.id, stays.id, SATO)
        assert (gone.state, len(members(session, stays.id))) == (ThemeState.MERGED, 7)
        assert quotes(session, gone.id).total == 7
        part_of = one(session, gone.id).part_of
        assert part_of is not None
        assert part_of.id == stays.id
        assert kinds(session, gone) == kinds(session, stays) == [ThemeEventKind.MERGED]

    def test_an_id_leads_through_any_number_of_merges(self, session: Session) -> None:
        a, b, c = (theme_of(session) for _ in range(3))
        merge(session, a.id, b.id)
        merge(session, b.id, c.id)
        assert resolve(session, a.id) == c.id
        assert len(members(session, c.id)) == 12

    def test_a_merge_is_undone_out_of_a_later_one(self, session: Session) -> None:
        a, b, c = (theme_of(session, n) for n in (2, 3, 4))
        own = members(session, a.id)
        first = merge(session, a.id, b.id)
        merge(session, b.id, c.id)
        assert undo(session, first.id).remarks == []
        assert (a.state, members(session, a.id)) == (ThemeState.ACTIVE, own)
        assert len(members(session, c.id)) == 7

    def test_what_was_moved_on_since_stays_and_is_told(self, session: Session) -> None:
        a, b, c = (theme_of(session, 3) for _ in range(3))
        own = members(session, a.id)
        fact = merge(session, a.id, b.id)
        move(session, own[:1], c.id)
        (remark,) = undo(session, fact.id).remarks
        assert remark.startswith("1 statement has been placed elsewhere since and stays there")
        assert members(session, a.id) == own[1:]

    def test_what_came_back_while_its_theme_was_merged_follows_it_out_again(
        self, session: Session
    ) -> None:
        theme, other = theme_of(session, 5), theme_of(session)
        chosen = members(session, theme.id)[:2]
        born = split(session, theme.id, chosen).other_id
        assert born is not None
        (moved,) = move(session, chosen[:1], None)
        merged = merge(session, born, other.id)
        undo(session, moved.id)
        assert chosen[0] in members(session, other.id)
        undo(session, merged.id)
        assert members(session, born) == chosen

    def test_it_refuses_itself_and_what_is_merged_or_dismissed(self, session: Session) -> None:
        a, b, c = (theme_of(session) for _ in range(3))
        with pytest.raises(InvalidInputError, match="itself"):
            merge(session, a.id, a.id)
        merge(session, a.id, b.id)
        with pytest.raises(ConflictError, match=f"was merged into T-{b.number:04d}"):
            merge(session, a.id, c.id)
        not_a_theme(session, c.id)
        with pytest.raises(ConflictError, match="not a theme"):
            merge(session, b.id, c.id)
        with pytest.raises(NotFoundError):
            merge(session, b.id, uuid.uuid4())


class TestSplit:
    def test_the_chosen_become_a_theme_of_their_own(self, session: Session) -> None:
        theme = theme_of(session, 5)
        chosen = members(session, theme.id)[:2]
        fact = split(session, theme.id, chosen, {"ja": "別の話"}, SATO)
        assert fact.other_id is not None
        born = session.get_one(Theme, fact.other_id)
        assert (members(session, born.id), len(members(session, theme.id))) == (chosen, 3)
        assert (born.title_ja, born.fixed_ja, born.title_en) == ("別の話", True, "Exports stop")
        assert born.number > theme.number
        assert kinds(session, born)[-1] is ThemeEventKind.BORN

    def test_undone_the_new_id_leads_to_the_old_theme(self, session: Session) -> None:
        theme = theme_of(session, 5)
        fact = split(session, theme.id, members(session, theme.id)[:2])
        assert fact.other_id is not None
        joined = say(session, theme=session.get(Theme, fact.other_id))
        (remark,) = undo(session, fact.id).remarks
        assert remark.startswith("1 statement that joined")
        assert resolve(session, fact.other_id) == theme.id
        assert joined.id in members(session, theme.id)
        assert len(members(session, theme.id)) == 6

    def test_it_refuses_strange_statements_and_all_of_them(self, session: Session) -> None:
        theme, other = theme_of(session), theme_of(session)
        strange = members(session, other.id)[:1]
        with pytest.raises(InvalidInputError, match="1 are not of") as refused:
            split(session, theme.id, [*members(session, theme.id)[:1], *strange])
        assert str(strange[0]) in refused.value.problems[0][1]
        with pytest.raises(InvalidInputError, match="these are all"):
            split(session, theme.id, members(session, theme.id))
        with pytest.raises(InvalidInputError, match="none is given"):
            split(session, theme.id, [])


class TestMove:
    def test_a_statement_goes_where_a_person_puts_it_and_back(self, session: Session) -> None:
        theme, other = theme_of(session), theme_of(session)
        statement = members(session, theme.id)[0]
        (fact,) = move(session, [statement], other.id, SATO)
        assert statement in members(session, other.id)
        undo(session, fact.id)
        assert statement in members(session, theme.id)

    def test_a_statement_without_theme_gets_one_and_loses_it(self, session: Session) -> None:
        theme, alone = theme_of(session), say(session)
        (fact,) = move(session, [alone.id], theme.id)
        assert alone.id in members(session, theme.id)
        undo(session, fact.id)
        assert session.get(ThemeMembership, alone.id) is None

    def test_of_two_moves_the_older_one_holds_again_when_the_newer_is_undone(
        self, session: Session
    ) -> None:
        a, b, c = (theme_of(session) for _ in range(3))
        statement = members(session, a.id)[0]
        (first,) = move(session, [statement], b.id, SATO)
        (second,) = move(session, [statement], c.id, ABE)
        undo(session, second.id)
        assert statement in members(session, b.id)
        undo(session, first.id)
        assert statement in members(session, a.id)

    def test_the_history_counts_only_those_that_came(self, session: Session) -> None:
        theme, other = theme_of(session), theme_of(session)
        there = members(session, theme.id)
        move(session, [there[0], *members(session, other.id)[:2]], theme.id)
        told = session.exec(
            select(ThemeEvent.theme_id, ThemeEvent.detail).order_by(col(ThemeEvent.id))
        ).all()
        counts = {of: (d["joined"], d["left"], d["statements"]) for of, d in told}
        assert counts == {theme.id: (2, 0, 6), other.id: (0, 2, 2)}

    def test_into_a_faded_theme_it_revives_it(self, session: Session) -> None:
        faded = add_theme(session, state=ThemeState.FADED)
        move(session, [say(session).id], faded.id)
        assert faded.state is ThemeState.ACTIVE
        assert kinds(session, faded) == [ThemeEventKind.MOVED, ThemeEventKind.REVIVED]

    def test_a_theme_that_is_no_more_takes_nothing_back(self, session: Session) -> None:
        theme, other = theme_of(session), theme_of(session)
        statement = members(session, theme.id)[0]
        (fact,) = move(session, [statement], other.id)
        not_a_theme(session, theme.id)
        (remark,) = undo(session, fact.id).remarks
        assert remark.startswith("1 statement has no theme now")
        assert session.get(ThemeMembership, statement) is None

    def test_it_refuses_unknown_statements(self, session: Session) -> None:
        with pytest.raises(InvalidInputError, match="1 statements can't be moved"):
            move(session, [uuid.uuid4()], theme_of(session).id)


class TestStates:
    def test_not_a_theme_leaves_its_statements_without_one(self, session: Session) -> None:
        theme = theme_of(session)
        own = members(session, theme.id)
        fact = not_a_theme(session, theme.id)
        assert (theme.state, members(session, theme.id)) == (ThemeState.DISMISSED, [])
        assert ranked(session, ThemeFilter(min_customers=0)).rows == []
        assert totals(session).themes == 0
        undo(session, fact.id)
        assert (theme.state, members(session, theme.id)) == (ThemeState.ACTIVE, own)

    def test_archived_themes_are_listed_apart_until_undone(self, session: Session) -> None:
        theme = theme_of(session)
        fact = archive(session, theme.id)
        assert ranked(session, ThemeFilter()).rows == []
        assert len(ranked(session, ThemeFilter(archived=True)).rows) == 1
        with pytest.raises(ConflictError, match="archived already"):
            archive(session, theme.id)
        undo(session, fact.id)
        assert theme.state is ThemeState.ACTIVE

    def test_pinning_twice_is_refused_and_undoing_unpins(self, session: Session) -> None:
        theme = theme_of(session)
        fact = pin(session, theme.id)
        with pytest.raises(ConflictError, match="pinned already"):
            pin(session, theme.id)
        undo(session, fact.id)
        assert not theme.pinned

    def test_a_fact_is_undone_once(self, session: Session) -> None:
        fact = pin(session, theme_of(session).id)
        undo(session, fact.id, by="abe")
        assert fact.undone_by == "abe"
        with pytest.raises(ConflictError, match="was undone"):
            undo(session, fact.id)
        with pytest.raises(NotFoundError):
            undo(session, uuid.uuid4())


def test_an_edit_outdates_what_was_proposed_of_the_theme(session: Session) -> None:
    a, b = theme_of(session), theme_of(session)
    proposal = keep(
        session,
        ThemeProposal(kind=ProposalKind.MERGE, theme_id=a.id, other_id=b.id, strength=0.5),
    )
    different(session, a.id, b.id)
    session.refresh(proposal)
    assert proposal.state is ProposalState.OUTDATED


def test_facts_are_listed_newest_first_page_by_page(session: Session) -> None:
    theme = theme_of(session)
    (first,) = rename(session, theme.id, {"en": "A"})
    (second,) = rename(session, theme.id, {"en": "B"})
    pinned = pin(session, theme.id)
    pin(session, theme_of(session).id)
    assert listed(session, theme_id=theme.id) == [pinned, second, first]
    assert listed(session, theme_id=theme.id, standing=True) == [pinned, second]
    assert listed(session, theme_id=theme.id, before=pinned.id, limit=1) == [second]


def test_the_layer_that_was_said_last_holds_until_it_is_undone(session: Session) -> None:
    theme, other = theme_of(session), theme_of(session)
    first = layer(session, theme.id, ValueLayer.FUNCTIONAL, Author("Aoi"))
    second = layer(session, theme.id, ValueLayer.CONNECTED, Author("Ben"))
    assert (theme.layer, other.layer) == (ValueLayer.CONNECTED, None)
    assert [(c.older, c.newer) for c in conflicts(session)] == [(first, second)]
    with pytest.raises(ConflictError, match="says so already"):
        layer(session, theme.id, ValueLayer.CONNECTED)
    none = layer(session, theme.id, None)
    assert theme.layer is None
    undo(session, none.id)
    assert theme.layer is ValueLayer.CONNECTED
    undo(session, second.id)
    assert theme.layer is ValueLayer.FUNCTIONAL
    undo(session, first.id)
    assert theme.layer is None


def test_too_long_a_note_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInputError, match="note is 2001 characters"):
        pin(session, theme_of(session).id, Author(note="x" * 2001))


def test_every_edit_leaves_a_line_in_the_history(session: Session) -> None:
    a, b = theme_of(session), theme_of(session)
    undo(session, pin(session, a.id).id)
    layer(session, a.id, ValueLayer.EXPERIENCE)
    archive(session, a.id)
    different(session, a.id, b.id)
    not_a_theme(session, a.id)
    told = Counter(kinds(session, a))
    assert set(told) == {
        ThemeEventKind.PINNED,
        ThemeEventKind.LAYERED,
        ThemeEventKind.UNDONE,
        ThemeEventKind.ARCHIVED,
        ThemeEventKind.DIFFERENT,
        ThemeEventKind.DISMISSED,
    }


def test_two_people_who_split_at_the_same_time_get_two_numbers(engine: Engine) -> None:
    with transaction(engine) as session:
        theme = theme_of(session, 6)
        own = members(session, theme.id)
    done: list[int] = []

    def halve(chosen: list[uuid.UUID]) -> None:
        with transaction(engine) as session:
            fact = split(session, theme.id, chosen)
            assert fact.other_id is not None
            done.append(session.get_one(Theme, fact.other_id).number)

    threads = [threading.Thread(target=halve, args=([statement],)) for statement in own[:4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(done)) == 4

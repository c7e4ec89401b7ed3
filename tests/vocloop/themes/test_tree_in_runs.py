"""Areas and sub-themes over runs: an area keeps its id while most of its themes stay together."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from sqlmodel import Session

from tests.api.records import add_theme, say
from vocloop.errors import NotFoundError
from vocloop.themes import spot_checks
from vocloop.themes.areas import area_tree, of_themes, write_areas
from vocloop.themes.parts import numbered_parts, parts_of
from vocloop.themes.query import ThemeFilter, one, ranked
from vocloop.themes.spot_checks import accuracy, draw, mark, open_checks, wilson
from vocloop_models import AssignedBy, Theme, ThemeMembership, ThemeState


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def test_a_theme_is_in_the_area_of_most_of_its_members_clusters() -> None:
    labels = ints(0, 0, 0, 1, 1, 2, -1)
    clusters = ints(0, 1, 1, 2, -1, -1, 0)
    assert of_themes(labels, clusters, ints(7, 8, 7)) == {0: 8, 1: 7}


class TestAreas:
    @pytest.fixture
    def themes(self, session: Session) -> list[Theme]:
        words = ["swap", "shift", "login", "phone"]
        made = [add_theme(session, w, keywords_en=[w, "app"], keywords_ja=["画面"]) for w in words]
        for theme, n in zip(made, (4, 3, 2, 1), strict=True):
            for _ in range(n):
                say(session, "voice", theme=theme)
        return made

    def test_ids_live_on_while_themes_wander(self, session: Session, themes: list[Theme]) -> None:
        ids = dict(enumerate(t.id for t in themes))
        write_areas(session, ids, {0: 0, 1: 0, 2: 1, 3: 1})
        first, second = themes[0].area_id, themes[2].area_id
        assert [t.area_id for t in themes] == [first, first, second, second]
        # The run numbers them the other way round, and one theme wanders.
        write_areas(session, ids, {0: 1, 1: 1, 2: 0, 3: 1})
        assert [t.area_id for t in themes] == [first, first, second, first]
        # A third one is new; a theme that the run says nothing of stays where it was.
        write_areas(session, ids, {0: 0, 1: 2, 2: 1})
        assert [t.area_id for t in themes][0::2] == [first, second]
        assert themes[1].area_id not in (first, second, None)
        assert themes[3].area_id == first

    def test_they_are_named_by_the_words_that_are_theirs(
        self, session: Session, themes: list[Theme]
    ) -> None:
        write_areas(session, dict(enumerate(t.id for t in themes)), {0: 0, 1: 0, 2: 1, 3: 1})
        tree = area_tree(session)
        assert [(b.area.title_en, b.statements) for b in tree] == [
            ("swap, shift, app", 7),
            ("login, phone, app", 3),
        ]
        assert [theme.title_en for theme, _ in tree[0].themes] == ["swap", "shift"]
        only = ranked(session, ThemeFilter(min_customers=0, area=tree[1].area.id)).rows
        assert {row.theme.title_en for row in only} == {"login", "phone"}
        themes[2].state = themes[3].state = ThemeState.ARCHIVED
        session.flush()
        assert len(area_tree(session)) == 1


class TestParts:
    def test_parts_follow_their_statements_into_the_theme_that_took_most(self) -> None:
        labels = ints(0, 0, 0, 0, 0, 1, 1, 1, -1, 2)
        parts = ints(4, 4, 4, 2, 2, 2, 3, 3, 3, -1)
        assert numbered_parts(labels, parts).tolist() == [0, 0, 0, 1, 1, -1, -1, -1, -1, -1]

    def test_a_theme_tells_its_sub_themes_largest_first(self, session: Session) -> None:
        theme = add_theme(session)
        for text, part in [("a", 1), ("b", 0), ("b", 0), ("d", None), ("a", 1), ("a", 1)]:
            said = say(session, text, theme=theme)
            session.get_one(ThemeMembership, said.id).part = part
        session.flush()
        found = one(session, theme.id).parts
        assert [(p.statements, p.text, p.languages) for p in found] == [
            (3, "a", {"en": 3}),
            (2, "b", {"en": 2}),
        ]
        assert parts_of(session, add_theme(session).id) == []


class TestSpotChecks:
    def test_a_month_has_so_many_and_people_placed_none_of_them(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(spot_checks, "A_MONTH", 4)
        theme = add_theme(session)
        ids = [say(session, f"voice {i}", theme=theme).id for i in range(3)]
        session.get_one(ThemeMembership, ids[0]).assigned_by = AssignedBy.PERSON
        session.flush()
        assert (draw(session), draw(session)) == (2, 0)
        for i in range(5):
            say(session, f"later {i}", theme=theme)
        assert (draw(session), draw(session)) == (2, 0)
        waiting = open_checks(session)
        assert len({c.statement_id for c in waiting} - {ids[0]}) == 4
        mark(session, waiting[0].id, right=True, by="sato")
        mark(session, waiting[1].id, right=False)
        assert len(open_checks(session)) == 2
        (month,) = accuracy(session)
        assert (month.drawn, month.checked, month.right, month.value) == (4, 2, 1, 0.5)
        mark(session, waiting[1].id, right=None)
        assert accuracy(session)[0].checked == 1
        # What is of another theme by now can't be checked any more.
        session.get_one(ThemeMembership, waiting[2].statement_id).theme_id = add_theme(session).id
        session.flush()
        assert waiting[2].id not in {c.id for c in open_checks(session)}
        with pytest.raises(NotFoundError, match="no spot check"):
            mark(session, uuid.uuid4(), right=True)

    def test_wilson_is_the_textbook_interval(self) -> None:
        low, high = wilson(45, 50)
        assert (round(low, 3), round(high, 3)) == (0.808, 0.95)
        assert wilson(0, 0) == (0.0, 1.0)
        assert wilson(5, 5)[1] == pytest.approx(1)

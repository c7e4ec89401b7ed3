"""What people read of themes, on each database."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlmodel import Session

from tests.api.records import SCORED_ON, add_customer, add_score, add_theme, keep, say
from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.themes import cursor as cursors
from vocloop.themes.query import Sort, ThemeFilter, one, ranked, totals
from vocloop.themes.quotes import quotes
from vocloop_models import (
    FeedbackState,
    LongevityKind,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeState,
)

TOKYO = ZoneInfo("Asia/Tokyo")


def at(year: int, month: int, day: int, hour: int = 3) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=dt.UTC)


def titles(
    session: Session,
    where: ThemeFilter = ThemeFilter(),  # noqa: B008 - frozen
    sort: Sort = "impact",
) -> list[str | None]:
    return [row.theme.title_en for row in ranked(session, where, sort=sort).rows]


def pages(session: Session, size: int, sort: Sort = "impact") -> Iterator[list[tuple[int, Theme]]]:
    cursor = None
    while True:
        page = ranked(session, ThemeFilter(), sort=sort, cursor=cursor, limit=size)
        yield [(row.rank, row.theme) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that the block sends to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


class TestRanked:
    @pytest.mark.parametrize("sort", ["impact", "generality", "longevity", "severity", "customers"])
    def test_the_highest_value_of_the_chosen_sort_comes_first(
        self, session: Session, sort: Sort
    ) -> None:
        low, high = (4, 9) if sort == "customers" else (0.2, 0.7)
        add_theme(session, "low", **{sort: low})
        add_theme(session, "high", **{sort: high})
        assert titles(session, sort=sort) == ["high", "low"]

    def test_equal_values_keep_the_older_theme_first(self, session: Session) -> None:
        for title in "abc":
            add_theme(session, title)
        assert titles(session) == ["a", "b", "c"]

    def test_only_the_newest_score_counts(self, session: Session) -> None:
        fallen = add_theme(session, "fallen", impact=0.1)
        add_score(session, fallen, day=SCORED_ON - dt.timedelta(1), impact=0.9)
        add_theme(session, "steady", impact=0.5)
        assert titles(session) == ["steady", "fallen"]

    def test_a_theme_without_a_score_is_not_ranked(self, session: Session) -> None:
        add_theme(session, scored=False)
        page = ranked(session, ThemeFilter())
        assert (page.rows, page.total, page.too_few) == ([], 0, 0)

    def test_themes_of_too_few_companies_are_counted_and_left_out(self, session: Session) -> None:
        add_theme(session, "three", customers=3)
        add_theme(session, "two", customers=2)
        add_theme(session, "also two, but filtered away", customers=2, languages={"ja": 2})
        page = ranked(session, ThemeFilter(language="en"))
        assert [row.theme.title_en for row in page.rows] == ["three"]
        assert (page.total, page.too_few) == (1, 1)
        assert titles(session, ThemeFilter(min_customers=2, language="en")) == ["three", "two"]

    def test_archived_themes_are_shown_only_when_asked_for(self, session: Session) -> None:
        add_theme(session, "live")
        add_theme(session, "faded", state=ThemeState.FADED)
        add_theme(session, "archived", state=ThemeState.ARCHIVED)
        assert titles(session) == ["live", "faded"]
        assert titles(session, ThemeFilter(archived=True)) == ["archived"]

    def test_it_filters_by_a_language_in_which_something_was_said(self, session: Session) -> None:
        add_theme(session, "both", languages={"ja": 2, "en": 1})
        add_theme(session, "english", languages={"en": 4, "ja": 0})
        assert titles(session, ThemeFilter(language="ja")) == ["both"]
        assert titles(session, ThemeFilter(language="ko")) == []

    @pytest.mark.parametrize("language", ['"', "", "JA", "$.ja", "ja'--", "a\0", "japanese"])
    def test_it_refuses_a_language_that_is_not_a_code(
        self, session: Session, language: str
    ) -> None:
        with pytest.raises(InvalidInputError, match="is not a language"):
            ranked(session, ThemeFilter(language=language))

    def test_it_filters_by_kind_of_longevity(self, session: Session) -> None:
        add_theme(session, "passing", longevity_kind=LongevityKind.TRANSIENT)
        add_theme(session, "lasting", longevity_kind=LongevityKind.LASTING)
        add_theme(session, "unknown")
        assert titles(session, ThemeFilter(kind=LongevityKind.LASTING)) == ["lasting"]

    @pytest.mark.parametrize(
        "text",
        [
            "SHIFT",
            "ｓｈｉｆｔ",
            "シフト",
            "ｼﾌﾄ",
            "ロスター",
            "rota",
            "manager swaps",
            "交代　シフト",
            "STRASSE",
        ],
    )
    def test_text_is_found_in_either_language_whatever_its_case_and_width(
        self, session: Session, text: str
    ) -> None:
        add_theme(
            session,
            "Shift swaps need the manager",
            title_ja="シフトの交代に店長が要る",
            keywords_ja=["ロスター"],
            keywords_en=["rota", "Straße"],
        )
        add_theme(session, "Invoices come late", title_ja="請求書が遅い")
        assert titles(session, ThemeFilter(text=text)) == ["Shift swaps need the manager"]

    @pytest.mark.parametrize("text", ["100%", "_", "shift invoice", "\0"])
    def test_text_that_no_title_holds_finds_nothing(self, session: Session, text: str) -> None:
        add_theme(session, "Shift swaps need the manager")
        assert titles(session, ThemeFilter(text=text)) == []

    def test_blank_text_does_not_filter(self, session: Session) -> None:
        add_theme(session, None, title_ja=None)
        assert titles(session, ThemeFilter(text="　 ")) == [None]

    def test_ranks_go_on_from_page_to_page(self, session: Session) -> None:
        for count in range(7):
            add_theme(session, str(count), impact=[0.1, 0.3, 1 / 3][count % 3])
        seen = [pair for page in pages(session, 2) for pair in page]
        assert [rank for rank, _ in seen] == [1, 2, 3, 4, 5, 6, 7]
        assert [theme.title_en for _, theme in seen] == ["2", "5", "1", "4", "0", "3", "6"]

    def test_pages_by_a_whole_number_hold_each_theme_once(self, session: Session) -> None:
        for count in range(5):
            add_theme(session, str(count), customers=[4, 9][count % 2])
        seen = [theme.title_en for page in pages(session, 2, "customers") for _, theme in page]
        assert seen == ["1", "3", "0", "2", "4"]

    def test_the_last_page_has_no_cursor(self, session: Session) -> None:
        for _ in range(4):
            add_theme(session)
        assert [len(page) for page in pages(session, 2)] == [2, 2]

    def test_a_theme_born_between_two_pages_neither_repeats_nor_hides_another(
        self, session: Session
    ) -> None:
        for impact in (0.9, 0.7, 0.5):
            add_theme(session, str(impact), impact=impact)
        first = ranked(session, ThemeFilter(), limit=2)
        add_theme(session, "newcomer", impact=0.95)
        second = ranked(session, ThemeFilter(), cursor=first.next_cursor, limit=2)
        assert [(row.rank, row.theme.title_en) for row in second.rows] == [(4, "0.5")]

    def test_a_cursor_of_another_sort_is_refused(self, session: Session) -> None:
        for _ in range(2):
            add_theme(session)
        page = ranked(session, ThemeFilter(), limit=1)
        with pytest.raises(InvalidInputError, match="not a cursor of this list"):
            ranked(session, ThemeFilter(), sort="severity", cursor=page.next_cursor)

    @pytest.mark.parametrize("limit", [0, -1, 201])
    def test_it_refuses_a_limit_out_of_range(self, session: Session, limit: int) -> None:
        with pytest.raises(InvalidInputError, match="outside 1 … 200"):
            ranked(session, ThemeFilter(), limit=limit)

    def test_the_number_of_queries_does_not_grow_with_the_themes(
        self, engine: Engine, session: Session
    ) -> None:
        for _ in range(30):
            add_theme(session)
        session.expire_all()
        with counted(engine) as sent:
            ranked(session, ThemeFilter(text="shift", language="en"), limit=30)
        assert len(sent) <= 3


class TestTotals:
    def test_an_empty_database_has_nothing(self, session: Session) -> None:
        found = totals(session)
        assert (found.customers, found.statements, found.themes) == (0, 0, 0)
        assert (found.unassigned, found.pending) == (0, 0)
        assert (found.first_said, found.last_said) == (None, None)

    def test_it_counts_what_stands_behind_the_ranking(self, session: Session) -> None:
        theme = add_theme(session)
        add_theme(session, state=ThemeState.ARCHIVED)
        acme, beta = add_customer(session, "Acme"), add_customer(session, "Beta")
        add_customer(session, "Silent")
        say(session, theme=theme, customer=acme, said_at=at(2026, 3, 1))
        say(session, theme=theme, customer=acme, said_at=at(2026, 1, 1))
        say(session, customer=beta, said_at=at(2026, 5, 1))
        say(session, state=FeedbackState.ENCODED)
        say(session, state=FeedbackState.RECEIVED)
        say(session, theme=theme, state=FeedbackState.ENCODED)
        found = totals(session)
        assert (found.customers, found.statements, found.themes) == (2, 6, 1)
        assert (found.unassigned, found.pending) == (1, 3)
        assert (found.first_said, found.last_said) == (at(2026, 1, 1), at(2026, 5, 1))


class TestOne:
    def test_it_says_that_there_is_no_such_theme(self, session: Session) -> None:
        missing = uuid.uuid4()
        with pytest.raises(NotFoundError, match=str(missing)):
            one(session, missing)

    def test_it_has_the_newest_score_and_the_rank_by_impact(self, session: Session) -> None:
        add_theme(session, impact=0.9)
        add_theme(session, impact=0.95, customers=2)
        add_theme(session, impact=0.99, state=ThemeState.ARCHIVED)
        theme = add_theme(session, impact=0.4)
        add_score(session, theme, day=SCORED_ON - dt.timedelta(1), impact=1.0)
        found = one(session, theme.id)
        assert found.score is not None
        assert found.score.impact == 0.4
        assert (found.rank, found.ranked) == (2, 2)

    def test_its_rank_is_the_one_that_the_list_shows(self, session: Session) -> None:
        for count in range(6):
            add_theme(session, impact=[0.2, 1 / 3][count % 2])
        for row in ranked(session, ThemeFilter()).rows:
            assert one(session, row.theme.id).rank == row.rank

    @pytest.mark.parametrize(
        "theme", [{"customers": 2}, {"scored": False}, {"state": ThemeState.ARCHIVED}]
    )
    def test_a_theme_that_the_list_leaves_out_has_no_rank(
        self, session: Session, theme: dict[str, Any]
    ) -> None:
        assert one(session, add_theme(session, **theme).id).rank is None

    def test_months_have_no_gaps_and_run_to_the_day_of_the_scores(self, session: Session) -> None:
        theme, acme = add_theme(session), add_customer(session, "Acme")
        say(session, theme=theme, customer=acme, said_at=at(2025, 12, 5))
        say(session, theme=theme, customer=acme, said_at=at(2026, 2, 1))
        say(session, theme=theme, customer=acme, said_at=at(2026, 2, 9))
        say(session, theme=theme, customer=add_customer(session, "B"), said_at=at(2026, 2, 9))
        say(session, theme=theme, said_at=at(2026, 2, 9))
        say(session, theme=theme, said_at=None)
        say(session, said_at=at(2024, 1, 1))
        months = one(session, theme.id).timeline
        assert [m.month for m in months[:3]] == [
            dt.date(2025, 12, 1),
            dt.date(2026, 1, 1),
            dt.date(2026, 2, 1),
        ]
        assert [(m.customers, m.statements) for m in months[:4]] == [(1, 1), (0, 0), (2, 4), (0, 0)]
        assert months[-1].month == SCORED_ON.replace(day=1)

    def test_a_month_begins_where_the_reader_is(self, session: Session) -> None:
        theme = add_theme(session, scored=False)
        say(session, theme=theme, said_at=dt.datetime(2026, 5, 1, tzinfo=TOKYO))
        assert one(session, theme.id).timeline[0].month == dt.date(2026, 4, 1)
        assert one(session, theme.id, timezone=TOKYO).timeline[0].month == dt.date(2026, 5, 1)

    def test_a_theme_without_dates_has_no_months(self, session: Session) -> None:
        theme = add_theme(session)
        say(session, theme=theme)
        assert one(session, theme.id).timeline == []

    def test_events_come_newest_first(self, session: Session) -> None:
        theme = add_theme(session)
        for kind, day in ((ThemeEventKind.BORN, 1), (ThemeEventKind.GREW, 3)):
            keep(session, ThemeEvent(theme_id=theme.id, kind=kind, at=at(2026, 1, day)))
        keep(
            session,
            ThemeEvent(theme_id=theme.id, kind=ThemeEventKind.CONTINUED, at=at(2026, 1, 2)),
        )
        kinds = [event.kind for event in one(session, theme.id).events]
        assert kinds == [ThemeEventKind.GREW, ThemeEventKind.CONTINUED, ThemeEventKind.BORN]


class TestQuotes:
    def test_it_says_that_there_is_no_such_theme(self, session: Session) -> None:
        missing = uuid.uuid4()
        with pytest.raises(NotFoundError, match=str(missing)):
            quotes(session, missing)

    def test_a_theme_without_statements_has_no_quotes(self, session: Session) -> None:
        page = quotes(session, add_theme(session).id)
        assert (page.rows, page.total, page.next_cursor) == ([], 0, None)

    def test_central_ones_come_first_then_the_surest_on_every_page(self, session: Session) -> None:
        theme = add_theme(session)
        for text, confidence, central in (
            ("d", 0.99, False),
            ("b", 0.5, True),
            ("c", 0.4, True),
            ("a", 0.8, True),
            ("e", 0.3, False),
            ("f", 0.3, False),
        ):
            say(session, text, theme=theme, confidence=confidence, central=central)
        seen, cursor = [], None
        while True:
            page = quotes(session, theme.id, cursor=cursor, limit=1)
            assert page.total == 6
            seen += [quote.text for quote in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ["a", "b", "c", "d", "e", "f"]

    def test_a_quote_says_who_when_and_how(self, session: Session) -> None:
        theme, acme = add_theme(session), add_customer(session, "株式会社ミナモ")
        said = say(session, "困る", theme=theme, customer=acme, said_at=at(2026, 4, 2))
        nameless = say(session, "hm", theme=theme, confidence=0.1)
        first, second = quotes(session, theme.id).rows
        assert (first.statement_id, first.feedback_id) == (said.id, said.feedback_id)
        assert (first.customer_id, first.customer_name) == (acme.id, "株式会社ミナモ")
        assert (first.said_at, first.channel, first.confidence) == (at(2026, 4, 2), "other", 0.9)
        assert (second.statement_id, second.customer_name) == (nameless.id, None)

    def test_it_filters_by_the_language_of_the_statement(self, session: Session) -> None:
        theme = add_theme(session)
        say(session, "困る", theme=theme, language="ja")
        say(session, "Annoying", theme=theme)
        page = quotes(session, theme.id, language="ja")
        assert ([quote.text for quote in page.rows], page.total) == (["困る"], 1)


class TestCursor:
    @given(
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.uuids(),
    )
    def test_what_is_written_is_read_back_exactly(
        self, number: float, truth: bool, row: uuid.UUID
    ) -> None:
        token = cursors.write("list", number, truth, row)
        assert cursors.read(token, "list", float, bool, uuid.UUID) == [number, truth, row]

    @given(st.text())
    def test_any_other_text_is_refused_with_a_reason(self, token: str) -> None:
        with pytest.raises(InvalidInputError, match="start again without one"):
            cursors.read(token, "list", float, uuid.UUID)

    @pytest.mark.parametrize(
        "packed",
        [
            '["list", NaN, "00000000000000000000000000000000"]',
            '["list", 1e999, "00000000000000000000000000000000"]',
            '["list", true, "00000000000000000000000000000000"]',
            '["list", 1, 2]',
            '["list", 1, "x"]',
            '["other", 1, "00000000000000000000000000000000"]',
            '["list", 1]',
            "{}",
            "[" * 100,
        ],
    )
    def test_forged_contents_are_refused(self, packed: str) -> None:
        token = base64.urlsafe_b64encode(packed.encode()).decode()
        with pytest.raises(InvalidInputError, match="start again without one"):
            cursors.read(token, "list", float, uuid.UUID)

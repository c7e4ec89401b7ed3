"""Scores of the day are made from what the database holds, and kept one row a theme and day."""

from __future__ import annotations

import datetime as dt
import random
import uuid

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from vocloop.score.explain import explain, score_on
from vocloop.score.history import moved
from vocloop.score.snapshot import score_themes
from vocloop_models import (
    AssignedBy,
    BacklogItem,
    Contact,
    Customer,
    Feedback,
    ItemTheme,
    LongevityKind,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
    ThemeState,
)

START = dt.datetime(2023, 1, 10, 9, tzinfo=dt.UTC)
LAST_DAY = 30 * 17


class Loop:
    """A small company whose customers talk; rows are added in a shuffled order."""

    def __init__(self, session: Session, seed: int = 1) -> None:
        self.session = session
        self.random = random.Random(seed)  # noqa: S311 - a reproducible order
        self.customers = [
            Customer(name=f"C{i:02}", industry="maker" if i < 10 else "shop", region=None)
            for i in range(30)
        ]
        self.contacts = [
            Contact(customer_id=c.id, external_id="p", department="it" if i % 2 else None)
            for i, c in enumerate(self.customers)
        ]
        session.add_all(self.customers)
        session.flush()
        session.add_all(self.contacts)
        self.themes = 0

    def theme(self, state: ThemeState = ThemeState.ACTIVE) -> Theme:
        self.themes += 1
        theme = Theme(number=self.themes, title_en=f"theme {self.themes}", state=state)
        self.session.add(theme)
        self.session.flush()
        return theme

    def say(
        self,
        theme: Theme | None,
        customer: int | None,
        day: int | None,
        text: str = "the list is slow",
        language: str = "en",
    ) -> Feedback:
        contact = None if customer is None else self.contacts[customer]
        feedback = Feedback(
            source="test",
            external_id=str(self.random.random()),
            customer_id=contact and contact.customer_id,
            contact_id=contact and contact.id,
            said_at=None if day is None else START + dt.timedelta(days=day),
            text=text,
            language=language,
            id=uuid.UUID(int=self.random.getrandbits(128), version=4),
        )
        statement = Statement(
            feedback_id=feedback.id,
            position=0,
            text=text,
            language=language,
            id=uuid.UUID(int=self.random.getrandbits(128), version=4),
        )
        self.session.add(feedback)
        self.session.flush()
        self.session.add(statement)
        self.session.flush()
        if theme is not None:
            self.session.add(
                ThemeMembership(
                    statement_id=statement.id,
                    theme_id=theme.id,
                    confidence=0.9,
                    assigned_by=AssignedBy.RUN,
                )
            )
            self.session.flush()
        return feedback


@pytest.fixture
def loop(session: Session) -> Loop:
    """Everyone is heard once on the last day; makers say the first theme all along."""
    loop = Loop(session)
    lasting = loop.theme()
    for customer in range(30):
        loop.say(None, customer, LAST_DAY)
    for month in range(18):
        loop.say(lasting, month % 9, month * 30, "毎回エラーで業務が止まります", "ja")
    return loop


@pytest.mark.parametrize("shared", ["product", "area"])
def test_themes_of_one_product_or_area_tell_of_one_another(
    session: Session, loop: Loop, shared: str
) -> None:
    areas = {"lasting": uuid.uuid4(), "rare": uuid.uuid4()}

    def theme(sort: str, months: range) -> Theme:
        made = loop.theme()
        if shared == "area":
            made.area_id = areas[sort]
        for month in months:
            feedback = loop.say(made, 20, month * 30)
            feedback.product = sort if shared == "product" else None
        return made

    for n in range(5):
        theme("lasting", range(18))
        theme("rare", range(n, 18, 9))
    new = {sort: theme(sort, range(15, 16)) for sort in areas}
    score_themes(session)
    found = {
        sort: session.exec(select(ThemeScore).where(ThemeScore.theme_id == made.id)).one()
        for sort, made in new.items()
    }
    prior = {sort: score.evidence["longevity"]["prior"] for sort, score in found.items()}
    assert prior["lasting"] > 2 * prior["rare"]
    assert f"about {shared}" in found["lasting"].evidence["longevity"]["kin"]
    assert found["lasting"].longevity > found["rare"].longevity


def score_of(session: Session, theme: Theme) -> ThemeScore:
    rows = session.exec(select(ThemeScore).where(ThemeScore.theme_id == theme.id)).all()
    assert len(rows) == 1
    return rows[0]


def first(session: Session) -> Theme:
    return session.exec(select(Theme).where(Theme.number == 1)).one()


def test_it_writes_the_scores_of_the_newest_day_in_the_data(session: Session, loop: Loop) -> None:
    assert score_themes(session) == 1
    score = score_of(session, first(session))
    assert score.day == (START + dt.timedelta(days=LAST_DAY)).date()
    assert first(session).scored_on == score.day
    assert score.longevity_kind is LongevityKind.LASTING
    assert (score.statements, score.customers, score.languages) == (18, 9, {"ja": 18})
    for name in ("generality", "longevity", "severity", "impact"):
        low, value, high = (getattr(score, name + end) for end in ("_low", "", "_high"))
        assert 0 <= low <= value <= high <= 1


def test_evidence_holds_the_ids_and_the_segment(session: Session, loop: Loop) -> None:
    score_themes(session)
    evidence = score_of(session, first(session)).evidence
    assert evidence["generality"]["customers"] == {
        "count": 9,
        "ids": sorted(str(c.id) for c in loop.customers[:9]),
    }
    assert evidence["generality"]["heard"]["companies"] == 30
    best = evidence["generality"]["best"]
    assert (best["attribute"], best["value"], best["said"], best["heard"]) == (
        "industry", "maker", 9, 10,
    )  # fmt: skip
    assert {s["attribute"] for s in evidence["generality"]["segments"]} == {"industry"}
    assert evidence["longevity"]["returning"]["count"] == 9
    statements = {str(i) for i in session.exec(select(Statement.id)).all()}
    assert {w["statement"] for w in evidence["severity"]["worst"]} <= statements
    assert evidence["severity"]["signals"]["blocked"] == 18
    assert evidence["statements"]["count"] == 18


def test_weeks_are_distinct_customers_oldest_first(session: Session, loop: Loop) -> None:
    theme = loop.theme()
    for day in (LAST_DAY, LAST_DAY, LAST_DAY - 1, LAST_DAY - 7 * 25):
        loop.say(theme, 3, day)
    loop.say(theme, 4, LAST_DAY)
    score_themes(session)
    assert score_of(session, theme).weeks == [1, *[0] * 24, 2]


def test_scoring_again_overwrites_the_day(session: Session, loop: Loop) -> None:
    score_themes(session)
    before = score_of(session, first(session)).impact
    for customer in range(9, 20):
        loop.say(first(session), customer, LAST_DAY)
    session.expire_all()
    score_themes(session)
    assert score_of(session, first(session)).impact > before


def test_an_earlier_day_knows_nothing_of_what_came_later(session: Session, loop: Loop) -> None:
    score_themes(session)
    newest = first(session).scored_on
    score_themes(session, as_of=START + dt.timedelta(days=40))
    rows = session.exec(select(ThemeScore).order_by(ThemeScore.day)).all()  # type: ignore[arg-type]
    assert [row.statements for row in rows] == [2, 18]
    assert first(session).scored_on == newest


def test_what_was_shipped_for_a_theme_is_known_from_then_on(session: Session, loop: Loop) -> None:
    """By a theme that was merged into it too."""
    part, whole = loop.theme(ThemeState.MERGED), first(session)
    part.merged_into = whole.id
    on = START + dt.timedelta(days=LAST_DAY - 5)
    item = BacklogItem(number=1, title="No more errors", shipped_at=on)
    session.add(item)
    session.flush()
    session.add(ItemTheme(item_id=item.id, theme_id=part.id, share=0.8))
    # What is shipped after the day that scores are of does not hide what was before.
    later = BacklogItem(number=2, title="Later", shipped_at=on + dt.timedelta(days=90))
    session.add(later)
    session.flush()
    session.add(ItemTheme(item_id=later.id, theme_id=whole.id, share=0.5))
    score_themes(session, as_of=on - dt.timedelta(days=1))
    unknown = score_of(session, whole)
    assert unknown.evidence["longevity"]["fix"] is None
    score_themes(session)
    scored = score_on(session, whole.id)
    known = scored.evidence["longevity"]["fix"]
    assert (known["on"], known["share"]) == (on.date().isoformat(), 0.8)
    assert scored.longevity < unknown.longevity
    moved_by = moved(session, whole.id, since=unknown.day)
    assert moved_by is not None
    assert any(cause.facts.get("fix") == [None, known["on"]] for cause in moved_by.causes)
    longevity = next(p for p in explain(session, whole.id).parts if p.name == "longevity")
    assert f"{scored.longevity:.3f}" in longevity.filled
    assert any(f"{on.year}年{on.month}月{on.day}日" in each["ja"] for each in longevity.sentences)
    assert any(f"{on.day} {on:%b %Y}" in each["en"] for each in longevity.sentences)


def test_archived_themes_are_left_alone(session: Session, loop: Loop) -> None:
    archived = loop.theme(ThemeState.ARCHIVED)
    loop.say(archived, 1, 3)
    assert score_themes(session) == 1
    assert session.get(ThemeScore, (archived.id, first(session).scored_on)) is None
    assert archived.scored_on is None


def test_a_customer_who_left_is_not_asked(session: Session, loop: Loop) -> None:
    for customer in loop.customers[:5]:
        customer.until = dt.date(2023, 6, 1)
    session.flush()
    score_themes(session)
    general = score_of(session, first(session)).evidence["generality"]
    assert general["heard"]["companies"] == 25
    assert general["said"]["companies"] == 4


def test_a_theme_of_which_nothing_is_said_has_wide_intervals(session: Session, loop: Loop) -> None:
    empty = loop.theme()
    score_themes(session)
    score = score_of(session, empty)
    assert score.longevity_kind is None
    assert score.longevity > 0
    assert score.longevity_high - score.longevity_low > 0.5
    assert score.severity_high - score.severity_low > 0.5


def test_undated_feedback_counts_for_generality_only(session: Session, loop: Loop) -> None:
    theme = loop.theme()
    loop.say(theme, 1, None)
    score_themes(session)
    score = score_of(session, theme)
    assert score.customers == 1
    assert score.longevity_kind is None
    assert score.evidence["longevity"]["undated"] == 1


def test_feedback_dated_in_the_future_does_not_move_the_day(session: Session, loop: Loop) -> None:
    loop.say(first(session), 1, 366 * 200)
    score_themes(session)
    assert score_of(session, first(session)).day.year == 2024


def test_nothing_at_all_is_no_error(session: Session) -> None:
    assert score_themes(session) == 0


def test_the_number_of_queries_does_not_grow_with_the_themes(session: Session, loop: Loop) -> None:
    for _ in range(20):
        loop.say(loop.theme(), 1, 5)
    session.flush()
    seen: list[str] = []

    def count(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", count)
    score_themes(session)
    event.remove(connection, "before_cursor_execute", count)
    assert len(seen) <= 14


def test_what_a_person_says_twice_within_days_counts_once(session: Session, loop: Loop) -> None:
    theme = loop.theme()
    once = loop.say(theme, 1, LAST_DAY - 3, "the same words, sent twice")
    again = loop.say(theme, 1, LAST_DAY - 2, "the same words, sent twice")
    score_themes(session)
    assert score_of(session, theme).statements == 2
    again.repeats_id = once.id
    session.flush()
    score_themes(session)
    session.expire_all()
    assert score_of(session, theme).statements == 1

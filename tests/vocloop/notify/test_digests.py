"""A week for a department, a month for executives; each period once, at eight in the morning of the
workspace."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlmodel import col, select

from tests.api.records import add_score, add_theme, keep
from tests.receivers import Mailbox
from tests.vocloop.notify.story import approve, review, ship, tell
from vocloop.notify import digests, telling
from vocloop.notify.digests import latest, month, week
from vocloop.notify.people import put_colleague
from vocloop.worker.postman import Postman
from vocloop_models import (
    BacklogItem,
    Customer,
    DecidedBy,
    Department,
    ItemDepartment,
    Message,
    Recipient,
    RecipientKind,
    Routing,
    RoutingState,
    Statement,
    Theme,
    Topic,
    new_id,
    now,
)
from vocloop_models.database import reading, transaction

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = dt.datetime(2026, 11, 23, 8, 0, tzinfo=TOKYO)


@pytest.fixture
def readers(engine: Engine) -> None:
    with transaction(engine) as session:
        keep(session, Department(key="support", name_ja="サポート部", name_en="Support"))
        head = put_colleague(session, "部長", address="head@vendor.example", department="support")
        chief = put_colleague(
            session, "CCO", address="cco@vendor.example", executive=True, language="en"
        )
        for each in (head, chief):
            each.created_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def scheduled(engine: Engine, moment: dt.datetime) -> set[str]:
    with transaction(engine) as session:
        digests.schedule(session, moment)
        names = {each.id: each.name for each in session.exec(select(Recipient))}
        return {
            f"{message.topic} {message.detail['period']} {names[message.recipient_id]}"
            for message in session.exec(select(Message))
            if message.topic and message.recipient_id
        }


def test_each_period_is_told_once_from_eight_on(
    engine: Engine, mailbox: Mailbox, readers: None
) -> None:
    early = MONDAY - dt.timedelta(minutes=1)
    assert "weekly 2026-W47 部長" not in scheduled(engine, early)
    for moment in (MONDAY, MONDAY + dt.timedelta(days=3), MONDAY + dt.timedelta(days=6)):
        found = scheduled(engine, moment)
        assert {each for each in found if each.startswith("weekly")} == {"weekly 2026-W47 部長"}
    assert "monthly 2026-10 CCO" in found
    assert "weekly 2026-W48 部長" in scheduled(engine, MONDAY + dt.timedelta(days=7))


def test_a_reader_who_came_after_the_period_waits_for_the_next(
    engine: Engine, mailbox: Mailbox, readers: None
) -> None:
    with transaction(engine) as session:
        for each in session.exec(select(Recipient)):
            each.created_at = MONDAY
    assert scheduled(engine, MONDAY + dt.timedelta(hours=1)) == set()


def test_periods_end_in_the_workspaces_zone() -> None:
    # 23:30 UTC on Sunday is Monday in Tokyo.
    moment = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)
    assert latest(Topic.WEEKLY, moment, TOKYO).name == "2026-W47"
    assert latest(Topic.WEEKLY, moment, ZoneInfo("UTC")).name == "2026-W46"
    assert latest(Topic.MONTHLY, dt.datetime(2026, 1, 1, tzinfo=TOKYO), TOKYO).name == "2025-12"


@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)))  # noqa: DTZ001
def test_periods_are_over_leave_no_gap_and_come_back_by_name(naive: dt.datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")  # with a clock that is changed twice a year
    moment = naive.replace(tzinfo=dt.UTC)
    for topic, named in ((Topic.WEEKLY, week), (Topic.MONTHLY, month)):
        period = latest(topic, moment, zone)
        assert named(period.name, zone) == period
        assert period.start < period.end <= moment < period.due + dt.timedelta(days=32)
        assert latest(topic, period.end, zone) == period
        assert latest(topic, period.end - dt.timedelta(seconds=1), zone).end == period.start


@pytest.mark.parametrize(
    ("language", "called"), [("ja", "書き出し・月次"), ("en", "export, report, page")]
)
def test_a_theme_without_a_title_is_called_by_its_first_keywords(
    engine: Engine, readers: None, language: str, called: str
) -> None:
    period = month("2026-10", TOKYO)
    with transaction(engine) as session:
        words = {
            "keywords_ja": ["書き出し", "月次"],
            "keywords_en": ["export", "report", "page", "x"],
        }
        theme = add_theme(session, None, **words, scored=False)
        add_score(session, theme, day=period.last, impact=0.6)
        [reader] = session.exec(select(Recipient).where(Recipient.name == "CCO"))
        reader.language = language
        found = digests.contents(session, Topic.MONTHLY, period.name, reader)
    assert found is not None
    [line] = found["rose"]
    assert line.startswith(f"T-{theme.number:04d} {called}")


def test_it_tells_what_rose_was_decided_and_worked(
    engine: Engine, mailbox: Mailbox, readers: None
) -> None:
    story = tell(engine)
    approve(engine, story)
    ship(engine, story)
    review(engine, story)
    today = now().astimezone(TOKYO).date()
    with transaction(engine) as session:
        [support] = session.exec(select(Department)).all()
        keep(session, ItemDepartment(item_id=story.item, department_id=support.id))
        keep(
            session,
            Routing(
                theme_id=story.theme,
                department_id=support.id,
                confidence=1,
                decided_by=DecidedBy.PERSON,
                state=RoutingState.ACCEPTED,
            ),
        )
        theme = session.get_one(Theme, story.theme)
        for day, impact in ((today - dt.timedelta(days=40), 0.2), (today, 0.6)):
            values = {"impact": impact, "impact_low": impact - 0.1, "impact_high": impact + 0.1}
            add_score(session, theme, day=day, **values)
        iso = today.isocalendar()
        periods = {
            "部長": (Topic.WEEKLY, f"{iso.year}-W{iso.week:02d}"),
            "CCO": (Topic.MONTHLY, f"{today:%Y-%m}"),
        }
        told = {}
        for reader in session.exec(select(Recipient)):
            if reader.name in periods:
                topic, name = periods[reader.name]
                message = Message(key=name, transport="mail", topic=topic, detail={"period": name})
                made = telling.mail(session, message, reader)
                assert made is not None
                told[reader.name] = made[0]
    weekly, monthly = told["部長"], told["CCO"]
    assert weekly.subject.startswith("サポート部 の週間ダイジェスト")
    assert "書き出しが止まる — インパクト 60 [50–70](前回 20 [10–30])" in weekly.text
    assert "「書き出しが止まります」(JA)" in weekly.text
    assert "進めることになりました。理由: 三社が月末に困っている" in weekly.text
    assert "B-0001 途中から再開できる書き出し — 結果も実行も良好です" in weekly.text
    assert monthly.subject.startswith("Monthly digest")
    assert "Exports stop — impact 60 [50–70] (before: 20 [10–30])" in monthly.text
    # A customer's words are never translated.
    assert "“書き出しが止まります” (JA)" in monthly.text


def test_a_digest_with_nothing_to_tell_is_not_sent(
    engine: Engine, mailbox: Mailbox, readers: None
) -> None:
    scheduled(engine, MONDAY)
    while Postman(engine).deliver():
        pass
    assert mailbox.mails == []
    with reading(engine) as session:
        assert {m.error for m in session.exec(select(Message))} == {"there is nothing to tell"}


def test_a_department_without_an_english_name_is_called_by_the_other(
    engine: Engine, mailbox: Mailbox, readers: None
) -> None:
    approve(engine, tell(engine))
    today = now().astimezone(TOKYO)
    with transaction(engine) as session:
        [support] = session.exec(select(Department)).all()
        support.name_en = ""
        [item] = session.exec(select(BacklogItem.id)).all()
        keep(session, ItemDepartment(item_id=item, department_id=support.id))
        head = session.exec(select(Recipient).where(Recipient.name == "部長")).one()
        head.language = "en"
        found = digests.contents(session, Topic.WEEKLY, f"{today:%G-W%V}", head)
    assert found is not None
    assert found["department"] == "サポート部"


def test_another_departments_matters_are_left_out(
    engine: Engine, mailbox: Mailbox, readers: None
) -> None:
    story = tell(engine)
    approve(engine, story)
    iso = now().astimezone(TOKYO).isocalendar()
    with reading(engine) as session:
        head = session.exec(select(Recipient).where(Recipient.name == "部長")).one()
        found = digests.contents(session, Topic.WEEKLY, f"{iso.year}-W{iso.week:02d}", head)
    assert found is None


def test_months_of_scores_are_read_without_their_evidence(engine: Engine, readers: None) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *heard: asked.append(str(heard[2])))
    with reading(engine) as session:
        chief = session.exec(select(Recipient).where(Recipient.name == "CCO")).one()
        digests.contents(session, Topic.MONTHLY, "2026-10", chief)
    scores = [statement for statement in asked if "FROM themescore" in statement]
    assert scores
    assert [statement for statement in scores if "evidence" in statement] == []


def test_a_customer_that_only_named_people_see_is_not_quoted(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    with transaction(engine) as session:
        for each in story.customers.values():
            session.get_one(Customer, each).restricted = True
        session.flush()
        assert digests._quotes(session, [story.theme], "ja") == []
        session.get_one(Customer, story.customers["low"]).restricted = False
        session.flush()
        assert len(digests._quotes(session, [story.theme], "ja")) == 1


def test_who_reads_it_no_more_gets_none_of_those_that_wait(
    engine: Engine, mailbox: Mailbox, readers: None
) -> None:
    story = tell(engine)
    approve(engine, story)
    today = now().astimezone(TOKYO)
    with transaction(engine) as session:
        for each in session.exec(select(Recipient)):
            each.department_id, each.executive = None, False
            for topic, name in (
                (Topic.WEEKLY, f"{today:%G-W%V}"),
                (Topic.MONTHLY, f"{today:%Y-%m}"),
            ):
                assert digests.contents(session, topic, name, each) is None


def test_long_quotes_are_cut(engine: Engine, mailbox: Mailbox) -> None:
    story = tell(engine)
    with transaction(engine) as session:
        for each in session.exec(select(Statement)):
            each.text = "長い" * 500
        session.flush()
        [quote] = digests._quotes(session, [story.theme], "ja")
    assert len(quote) < digests.LONGEST_QUOTE + 20


def test_digests_are_put_into_the_outbox_in_one_order(engine: Engine, mailbox: Mailbox) -> None:
    ids = [new_id() for _ in range(5)]
    with transaction(engine) as session:
        support = keep(session, Department(key="support", name_ja="サポート部", name_en="Support"))
        for number in (3, 0, 4, 2, 1):
            reader = Recipient(
                id=ids[number],
                kind=RecipientKind.COLLEAGUE,
                name=str(number),
                address=b"x",
                department_id=support.id,
                created_at=MONDAY - dt.timedelta(days=90),
            )
            keep(session, reader)
    with transaction(engine) as session:
        digests.schedule(session, MONDAY)
        made = session.exec(select(Message).order_by(col(Message.id))).all()
    assert [each.recipient_id for each in made] == ids, "else two postmen could wait for each other"

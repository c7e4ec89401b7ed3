"""Whoever handed in a voice hears back; so does the customer, as its touch tier says."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from tests.receivers import Mailbox
from tests.vocloop.notify.story import (
    SOMEONE,
    Story,
    ago,
    approve,
    hand_in,
    mail_of,
    review,
    ship,
    tell,
)
from vocloop.config import settings
from vocloop.intake import merges
from vocloop.intake.erasure import forget_contact, known_of
from vocloop.notify import hearing, notes, people
from vocloop.notify.people import Wish
from vocloop.roadmap import backlog
from vocloop.roadmap.decisions import decide
from vocloop.worker.postman import Postman
from vocloop_models import (
    Contact,
    Customer,
    ItemState,
    LoopEvent,
    Message,
    MessageState,
    Note,
    Recipient,
    RecipientKind,
    Theme,
    Topic,
    TouchTier,
    Verdict,
    now,
)
from vocloop_models.database import reading, transaction

# A customer is none any more on the day on which it left.
TODAY = now().astimezone(settings().zone).date()


def deliver(engine: Engine) -> None:
    postman = Postman(engine)
    postman.notice()
    while postman.deliver():
        pass


def words(engine: Engine, story: Story, topic: Topic = Topic.DECIDED, **texts: str) -> None:
    with transaction(engine) as session:
        hearing.write_words(session, story.item, topic, texts, "CCO")


def decided(mailbox: Mailbox, name: str) -> list[EmailMessage]:
    return [
        m for m in mailbox.to(mail_of(name)) if m["Subject"] == "いただいたお声についてのお知らせ"
    ]


def noted(engine: Engine, recipient: Any, topic: Topic, **only: bool) -> list[dict[str, Any]]:
    with reading(engine) as session:
        found = notes.listed(session, recipient, **only)
        return [told for note, told in found if note.topic is topic]


def test_the_whole_loop_comes_back_to_the_colleague_who_handed_the_voice_in(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    for happen in (lambda *_: None, approve, ship, review):
        happen(engine, story)
        deliver(engine)
    subjects = [str(mail["Subject"]) for mail in mailbox.to("sato@vendor.example")]
    assert len(subjects) == 3
    assert subjects[0].startswith("決定: 途中から再開できる書き出し")
    assert subjects[1].startswith("リリースされました")
    assert subjects[2].startswith("結果レビュー")
    for topic in (Topic.HEARD, Topic.DECIDED, Topic.SHIPPED, Topic.REVIEWED):
        assert len(noted(engine, story.agent, topic)) == 1
    [decided] = noted(engine, story.agent, Topic.DECIDED)
    assert "三社が月末に困っている" in decided["text"]
    assert "届けた声は3件です" in decided["text"]
    deliver(engine)
    assert len(mailbox.to("sato@vendor.example")) == 3


def test_a_mail_is_plain_and_html_in_the_readers_language(engine: Engine, mailbox: Mailbox) -> None:
    approve(engine, tell(engine))
    deliver(engine)
    [mail] = mailbox.to("abe@vendor.example")
    assert mail["Subject"].startswith("Decided: 途中から再開できる書き出し")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Customers of yours behind it: 3." in plain.get_content()
    assert '<html lang="en">' in html.get_content()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"].startswith("<https://voc.example/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_high_touch_is_a_task_for_the_owner_and_no_mail_to_the_customer(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    words(engine, story, ja="再開できるようにします。")
    approve(engine, story)
    deliver(engine)
    [task] = noted(engine, story.owner, Topic.DECIDED, tasks=True)
    assert task["subject"].startswith("Tell 株式会社high in person")
    assert "再開できるようにします。" in task["text"]
    assert mailbox.to(mail_of("high")) == []
    with transaction(engine) as session:
        [(note, _)] = notes.listed(session, story.owner, tasks=True)
        notes.mark_done(session, note.id)
        assert notes.listed(session, story.owner, tasks=True) == []


def test_low_and_tech_touch_get_a_mail_each_and_see_nobody_else(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    words(engine, story, ja="再開できるようにします。")
    approve(engine, story)
    deliver(engine)
    for name in ("low", "tech"):
        [mail] = decided(mailbox, name)
        assert mail["To"] == mail_of(name)
        assert mail["Cc"] is None
        body = mail.get_body(("plain",))
        assert body is not None
        said = body.get_content()
        assert "再開できるようにします。" in said
        # Nothing of ours and nothing of others: neither titles nor the reason for colleagues.
        for secret in ("書き出しが止まる", "三社", "株式会社", "B-0001"):
            assert secret not in mail.as_string() + said


def test_no_customer_is_written_to_before_a_person_wrote_words(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    approve(engine, story)
    deliver(engine)
    assert len(mailbox.to(mail_of("low"))) == 1  # heard
    words(engine, story, ja="再開できるようにします。")
    deliver(engine)
    assert len(mailbox.to(mail_of("low"))) == 2
    words(engine, story, ja="もう一度。")
    deliver(engine)
    assert len(mailbox.to(mail_of("low"))) == 2


def test_words_of_another_language_are_sent_as_they_are_and_say_so(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    words(engine, story, en="You can resume an export.")
    approve(engine, story)
    deliver(engine)
    [mail] = decided(mailbox, "tech")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "以下は英語でお伝えします。" in body.get_content()
    assert "You can resume an export." in body.get_content()


def test_words_count_for_their_own_occasion_only(engine: Engine, mailbox: Mailbox) -> None:
    story = tell(engine)
    words(engine, story, Topic.SHIPPED, ja="できました。")
    approve(engine, story)
    ship(engine, story)
    deliver(engine)
    before = len(mailbox.to(mail_of("low")))
    with transaction(engine) as session:
        for state in (ItemState.REOPENED, ItemState.IN_PROGRESS, ItemState.SHIPPED):
            backlog.move(session, story.item, state)
    deliver(engine)
    assert len(mailbox.to(mail_of("low"))) == before


def test_words_told_of_a_decision_are_not_told_of_the_next_one(
    engine: Engine, mailbox: Mailbox
) -> None:
    def told(name: str) -> list[str]:
        bodies = [mail.get_body(("plain",)) for mail in decided(mailbox, name)]
        return [body.get_content() for body in bodies if body is not None]

    def decide_on(verdict: Verdict) -> None:
        with transaction(engine) as session:
            decide(session, story.item, verdict, "…", SOMEONE, agree_as_customer=True)
        deliver(engine)

    story = tell(engine)
    decide_on(Verdict.APPROVE)
    words(engine, story, ja="再開できるようにします。")
    deliver(engine)
    decide_on(Verdict.DEFER)
    assert len(told("low")) == 1
    with transaction(engine) as session:
        backlog.move(session, story.item, ItemState.PROPOSED)
    words(engine, story, ja="来年にします。")
    deliver(engine)
    assert len(told("low")) == 1
    decide_on(Verdict.APPROVE)
    assert ["来年にします。" in each for each in told("low")] == [False, True]
    texts = [note["text"] for note in noted(engine, story.agent, Topic.DECIDED)]
    assert ["再開できるようにします。" in text for text in texts] == [False, False, True]
    assert ["来年にします。" in text for text in texts] == [True, False, False]


def test_who_left_yesterday_where_the_workspace_is_is_not_written_to(
    engine: Engine, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell(engine)
    with transaction(engine) as session:
        for customer in session.exec(select(Customer)):
            customer.until = dt.date(2026, 11, 20)
    night = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)
    monkeypatch.setattr(hearing, "now", lambda: night)
    words(engine, story, ja="再開できるようにします。")
    approve(engine, story)
    deliver(engine)
    assert decided(mailbox, "low") == []


@pytest.mark.parametrize(
    "change", [{"touch_tier": None}, {"until": ago(days=3).date()}, {"until": TODAY}]
)
def test_who_has_no_tier_or_left_is_not_written_to(
    engine: Engine, mailbox: Mailbox, change: dict[str, Any]
) -> None:
    story = tell(engine)
    with transaction(engine) as session:
        customer = session.get_one(Customer, story.customers["tech"])
        for name, value in change.items():
            setattr(customer, name, value)
    words(engine, story, ja="再開できるようにします。")
    approve(engine, story)
    deliver(engine)
    assert mailbox.to(mail_of("tech")) == []
    assert mailbox.to(mail_of("low")) != []


def test_preferences_are_obeyed(engine: Engine, mailbox: Mailbox) -> None:
    story = tell(engine)
    with transaction(engine) as session:
        people.set_wish(session, story.agent, Topic.DECIDED, Wish(note=False, mail=False))
        people.set_wish(session, story.agent, Topic.HEARD, Wish(note=False, mail=True))
    approve(engine, story)
    deliver(engine)
    [mail] = mailbox.to("sato@vendor.example")
    assert "書き出しが止まる" in mail["Subject"]
    assert noted(engine, story.agent, Topic.DECIDED) == []


def test_a_mail_that_waits_when_someone_stops_is_not_sent(engine: Engine, mailbox: Mailbox) -> None:
    story = tell(engine)
    approve(engine, story)
    Postman(engine).notice()
    with transaction(engine) as session:
        people.stop_all(session, story.agent)
    deliver(engine)
    assert mailbox.to("sato@vendor.example") == []


def test_a_colleague_hears_of_a_theme_once_however_many_voices(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    deliver(engine)
    with transaction(engine) as session:
        theme = session.get_one(Theme, story.theme)
        hand_in(session, theme, "tech", "また書き出しが止まりました")
    deliver(engine)
    assert len(noted(engine, story.agent, Topic.HEARD)) == 1
    assert len(mailbox.to(mail_of("tech"))) == 1


def test_what_was_handed_in_before_anyone_listened_is_no_news(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    with transaction(engine) as session:
        for each in session.exec(select(Recipient)):
            each.created_at = ago(days=-1)
    deliver(engine)
    assert noted(engine, story.agent, Topic.HEARD) == []


def test_without_a_mail_server_notes_are_made_all_the_same(
    engine: Engine, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell(engine)
    monkeypatch.setenv("VOCLOOP_SMTP_HOST", "")
    approve(engine, story)
    deliver(engine)
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Message)).one() == 0
    assert len(noted(engine, story.agent, Topic.DECIDED)) == 1


def test_a_forgotten_contact_leaves_neither_address_nor_message(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    words(engine, story, ja="再開できるようにします。")
    approve(engine, story)
    Postman(engine).notice()
    contact = story.contacts["low"]
    with transaction(engine) as session:
        assert known_of(session, contact)["notified_at"] == [
            {"address": mail_of("low"), "language": "ja"}
        ]
        forget_contact(session, contact)
        assert session.get(Contact, contact) is None
        assert session.exec(select(Recipient).where(Recipient.contact_id == contact)).all() == []
    deliver(engine)
    assert mailbox.to(mail_of("low")) == []
    assert mailbox.to(mail_of("tech")) != []


def test_a_person_whose_two_addresses_became_one_contact_is_written_to_once(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    words(engine, story, ja="再開できるようにします。")
    words(engine, story, Topic.SHIPPED, ja="再開できるようになりました。")
    with transaction(engine) as session:
        for name in ("low", "tech"):
            session.get_one(Contact, story.contacts[name]).external_id = "taro-7"
        pair = [story.customers[name] for name in ("low", "tech")]
        merge = merges.suggest_pair(session, *pair).id
        merges.accept(session, merge)
    approve(engine, story)
    deliver(engine)
    before = [mailbox.to(mail_of(name)) for name in ("low", "tech")]
    assert len(decided(mailbox, "low")) == 1
    assert before[1] == []
    with transaction(engine) as session:
        merges.undo(session, merge)
    ship(engine, story)
    deliver(engine)
    after = [mailbox.to(mail_of(name)) for name in ("low", "tech")]
    assert all(len(now) > len(then) for now, then in zip(after, before, strict=True))


def test_who_wants_no_mail_at_one_of_two_addresses_gets_none_at_the_other(
    session: Session,
) -> None:
    contact = Contact(external_id="taro-7")
    first, second = (Recipient(kind=RecipientKind.CONTACT, contact_id=contact.id) for _ in range(2))
    session.add_all((contact, first, second))
    session.flush()
    assert people.of_contacts(session, [contact.id]) == {contact.id: first}
    people.stop_all(session, second.id)
    assert people.of_contacts(session, [contact.id]) == {contact.id: second}


def test_addresses_are_kept_encrypted_only(engine: Engine, mailbox: Mailbox) -> None:
    tell(engine)
    with reading(engine) as session:
        kept = [each.address or b"" for each in session.exec(select(Recipient))]
    assert len(kept) == 5
    assert not any(b"example" in each for each in kept)


def test_two_postmen_tell_everything_once(engine: Engine, mailbox: Mailbox) -> None:
    story = tell(engine)
    approve(engine, story)
    one, other = Postman(engine), Postman(engine)
    for postman in (one, other):
        postman.notice()
    while one.deliver() + other.deliver():
        pass
    assert set(mailbox.ids().values()) == {1}
    with reading(engine) as session:
        assert len(session.exec(select(LoopEvent)).all()) == 1
        assert {m.state for m in session.exec(select(Message))} == {MessageState.SENT}
        assert session.exec(select(func.count()).select_from(Note)).one() == 4


def test_what_comes_from_a_rolled_back_transaction_is_never_told(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    with reading(engine) as session:
        # Never committed.
        decide(session, story.item, Verdict.APPROVE, "x", SOMEONE, agree_as_customer=True)
    deliver(engine)
    with reading(engine) as session:
        assert session.exec(select(LoopEvent)).all() == []


def test_tiers_are_the_three_of_the_method() -> None:
    assert set(hearing.MAIL_TIERS) == set(TouchTier) - {TouchTier.HIGH}

"""A theme with voices of three customers, one of each tier, and an item that solves it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_theme, keep
from vocloop.intake.records import FeedbackIn, checked
from vocloop.intake.store import store
from vocloop.notify.people import put_colleague, put_contact, set_owners
from vocloop.roadmap import backlog, outcomes
from vocloop.roadmap.audit import Author
from vocloop.roadmap.decisions import decide
from vocloop_models import (
    AssignedBy,
    Customer,
    Feedback,
    ItemState,
    Statement,
    Theme,
    ThemeMembership,
    TouchTier,
    Verdict,
    now,
)
from vocloop_models.database import transaction

TIERS = {"high": TouchTier.HIGH, "low": TouchTier.LOW, "tech": TouchTier.TECH}
SOMEONE = Author("CCO")
WORDS = "書き出しが止まります"


@dataclass
class Story:
    theme: uuid.UUID
    item: uuid.UUID
    agent: uuid.UUID  # handed in all voices
    owner: uuid.UUID  # of all customers
    contacts: dict[str, uuid.UUID]
    customers: dict[str, uuid.UUID]


def tell(engine: Engine) -> Story:
    with transaction(engine) as session:
        theme = add_theme(session, "Exports stop", title_ja="書き出しが止まる")
        agent = put_colleague(
            session, "佐藤", address="sato@vendor.example", known_as=["agent-7"], language="ja"
        )
        owner = put_colleague(session, "Abe", address="abe@vendor.example", language="en")
        contacts, customers = {}, {}
        for name, tier in TIERS.items():
            voice = hand_in(session, theme, name)
            assert voice.contact_id is not None
            customer = session.get_one(Customer, voice.customer_id)
            customer.touch_tier = tier
            contacts[name], customers[name] = voice.contact_id, customer.id
            put_contact(session, voice.contact_id, mail_of(name), language="ja")
            set_owners(session, customer.id, [owner.id])
        item = backlog.create(session, "途中から再開できる書き出し", {theme.id: 1.0}, SOMEONE)
        outcomes.agree(
            session, item.id, [{"name": "件数", "unit": "", "baseline": 10, "target": 2}], SOMEONE
        )
        return Story(theme.id, item.id, agent.id, owner.id, contacts, customers)


def mail_of(name: str) -> str:
    return f"taro@{name}.example"


def hand_in(session: Session, theme: Theme, name: str, words: str = WORDS) -> Feedback:
    row = checked(
        FeedbackIn,
        {
            "text": words,
            "source": "desk",
            "customer": f"株式会社{name}",
            "email": mail_of(name),
            "submitted_by": "佐藤",
        },
    )
    voice = session.get_one(Feedback, store(session, row).feedback_id)
    for statement in session.exec(select(Statement).where(Statement.feedback_id == voice.id)):
        keep(
            session,
            ThemeMembership(
                statement_id=statement.id,
                theme_id=theme.id,
                confidence=0.9,
                central=True,
                assigned_by=AssignedBy.RUN,
                assigned_at=now(),
            ),
        )
    return voice


def approve(engine: Engine, story: Story) -> None:
    with transaction(engine) as session:
        decide(
            session,
            story.item,
            Verdict.APPROVE,
            "三社が月末に困っている",
            SOMEONE,
            agree_as_customer=True,
        )


def ship(engine: Engine, story: Story) -> None:
    with transaction(engine) as session:
        for state in (ItemState.IN_PROGRESS, ItemState.SHIPPED):
            backlog.move(session, story.item, state, SOMEONE)


def review(engine: Engine, story: Story) -> None:
    with transaction(engine) as session:
        outcomes.review(
            session, story.item, {"件数": 1}, SOMEONE, quantity_enough=True, quality_good=True
        )


def ago(**span: float) -> dt.datetime:
    return now() - dt.timedelta(**span)

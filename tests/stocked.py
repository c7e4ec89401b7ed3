"""One of each: a database with a row for whatever an address may name, and words that nobody sees.

Rows are put in as they are; how they come about is not what is tested with them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tests.api.records import add_customer, keep
from tests.ui.planned import plan
from vocloop.accounts import restricted, tokens, users
from vocloop.intake import connections, importing, imports
from vocloop.intake.reader import Options
from vocloop.intake.records import FeedbackIn
from vocloop.intake.store import store_many
from vocloop.notify import people
from vocloop.roadmap import decisions
from vocloop.roadmap.audit import Author
from vocloop.roadmap.trackers import store as trackers
from vocloop.route import inbox
from vocloop.success import goals, measures
from vocloop_models import (
    Alert,
    AlertKind,
    BacklogItem,
    Connector,
    ConnectorKind,
    Contact,
    Customer,
    CustomerMerge,
    DecidedBy,
    Decision,
    Department,
    Endpoint,
    EventKind,
    Feedback,
    GoalMetric,
    Hypothesis,
    ImportJob,
    Job,
    JobKind,
    LoopEvent,
    MeasureLevel,
    MergeReason,
    Message,
    MessageState,
    Note,
    Recipient,
    Record,
    Role,
    Round,
    Routing,
    RoutingRule,
    RoutingState,
    RuleField,
    SavedView,
    Scenario,
    ScenarioState,
    Scope,
    SpotCheck,
    Statement,
    SuccessMeasure,
    SuccessPattern,
    Theme,
    Topic,
    Tracker,
    TrackerKind,
    TrackerLink,
    Transport,
    User,
    Verdict,
    now,
)
from vocloop_models.database import open_database, reading, transaction, upgrade

# In the name, the words and the number of a customer that only the keeper may see.
SECRET = "極秘商事"  # noqa: S105 - a company
KEEPER = "keeper"
DAY = dt.date(2026, 9, 11)
SILENT = {"last_said": "2026-06-01", "silent_days": 90, "days_a_month": 4.5}

# What the parameter of an address names; the value is in the column.
NAMED: Mapping[str, Any] = {
    "alert_id": col(Alert.id),
    "check_id": col(SpotCheck.id),
    "contact_id": col(Contact.id),
    "customer_id": col(Customer.id),
    "decision_id": col(Decision.id),
    "feedback_id": col(Feedback.id),
    "goal_id": col(goals.CompanyGoal.id),
    "hypothesis_id": col(Hypothesis.id),
    "import_id": col(ImportJob.id),
    "item_id": col(BacklogItem.id),
    "job_id": col(Job.id),
    "key": col(Department.key),
    "link_id": col(TrackerLink.id),
    "measure_id": col(SuccessMeasure.id),
    "merge_id": col(CustomerMerge.id),
    "message_id": col(Message.id),
    "note_id": col(Note.id),
    "other_id": col(Theme.id),
    "pattern_id": col(SuccessPattern.id),
    "person_id": col(Recipient.id),
    "round_id": col(Round.id),
    "routing_id": col(Routing.id),
    "rule_id": col(RoutingRule.id),
    "scenario_id": col(Scenario.id),
    "source": col(Connector.source),
    "statement_id": col(Statement.id),
    "subscription_id": col(Endpoint.id),
    "theme_id": col(Theme.id),
    "token_id": col(tokens.ApiToken.id),
    "tracker_id": col(Tracker.id),
    "user_id": col(User.id),
    "view_id": col(SavedView.id),
}


@dataclass(frozen=True)
class Stock:
    """Ids of the restricted customer and its parts."""

    secret: uuid.UUID
    contact: uuid.UUID
    feedback: uuid.UUID


def known(engine: Any) -> dict[str, list[str]]:
    """By parameter, the first values that there are now."""
    with reading(engine) as session:
        return {
            name: [str(each) for each in session.exec(select(column).limit(12))]
            for name, column in NAMED.items()
        }


@contextmanager
def workspace(folder: Path) -> Iterator[tuple[Engine, dict[str, str]]]:
    """A database in ``folder`` with one of each, and a value for every parameter of an address."""
    engine = open_database(f"sqlite:///{folder / 'vocloop.db'}")
    upgrade(engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
        with transaction(engine) as session:
            stock(session)
        named = {name: found[0] for name, found in known(engine).items() if found}
        importing.work(engine, uuid.UUID(named["import_id"]))
        yield engine, named
    engine.dispose()


def stock(session: Session) -> Stock:
    """Needs VOCLOOP_ENCRYPTION_KEY."""
    made = plan(session)
    by = Author("Sato")
    customer = session.exec(select(Customer)).first()
    assert customer is not None
    statement = session.exec(select(Statement)).first()
    assert statement is not None
    contact = keep(session, Contact(customer_id=customer.id, external_id="P-1", role="店長"))
    twin = add_customer(session, "Swap fails company zero")
    _numbers(session, customer)
    _told(session, made.item, customer, contact)
    connections.create(session, ConnectorKind.FRESHDESK, address="https://minamo.freshdesk.com")
    connections.create(session, ConnectorKind.TYPEFORM)
    imports.upload(session, "voices.csv", [b"text,id\r\nbroken,1\r\n"], Options("sheet"))
    tracker = trackers.add(session, "web", TrackerKind.GITHUB, "minamo/shift", None, by)
    keep(session, TrackerLink(tracker_id=tracker.id, item_id=made.item))
    decisions.decide(
        session, made.second, Verdict.DEFER, "Not this quarter.", by, agree_as_customer=False
    )
    rows: list[Record] = [
        Alert(kind=AlertKind.SILENCE, customer_id=customer.id, episode="1", evidence=SILENT),
        CustomerMerge(kept_id=customer.id, other_id=twin.id, reason=MergeReason.SAME_NAME),
        Job(kind=JobKind.REFRESH_THEMES),
        SpotCheck(month=DAY.replace(day=1), statement_id=statement.id, theme_id=made.theme),
        SavedView(page="/themes", name="Lasting", query="kind=lasting"),
        Scenario(round_id=made.round, name="Twice the people", state=ScenarioState.SOLVING),
        Routing(
            theme_id=made.theme,
            department_id=inbox.department(session, "dev").id,
            confidence=0.8,
            decided_by=DecidedBy.CLASSIFIER,
            state=RoutingState.WAITING,
        ),
    ]
    for row in rows:
        keep(session, row)
    inbox.add_rule(session, RuleField.TAG, "shift", "dev", "Sato")
    return _hidden(session)


def account(session: Session, name: str, roles: frozenset[Role], *scopes: Scope) -> str:
    """The token of a new user."""
    user = users.add(session, name, name, roles)
    return tokens.create(session, user, "tests", scopes or tuple(Scope))[1]


def _numbers(session: Session, customer: Customer) -> None:
    goals.add(session, "NPS over 40", GoalMetric.NPS, 40)
    goals.enter(session, goals.add(session, "Churn", GoalMetric.OWN, 2).id, DAY, 3.1, "Sato")
    measures.add_pattern(session, "Quick start", "", [{"name": "Swaps a week", "level": "kpi"}])
    kept = measures.keep(
        session, customer.id, "Hours saved", level=MeasureLevel.KGI, unit="h", target=9.0
    )
    measures.enter(session, kept.id, DAY, 3.0, "Sato")


def _told(session: Session, item: uuid.UUID, customer: Customer, contact: Contact) -> None:
    person = people.put_colleague(session, "Sato", address="sato@minamo.example")
    people.set_owners(session, customer.id, [person.id])
    people.put_contact(session, contact.id, "manager@customer.example", language="en")
    event = keep(
        session, LoopEvent(key="1", kind=EventKind.ITEM_SHIPPED, subject_id=item, at=now())
    )
    about: Any = {"recipient_id": person.id, "topic": Topic.SHIPPED, "event_id": event.id}
    about["item_id"] = item
    keep(session, Note(key="1", customer_id=customer.id, task=True, **about))
    failed = {"transport": Transport.MAIL, "state": MessageState.FAILED, "error": "refused"}
    keep(session, Message(key="1", **failed, **about))


def _hidden(session: Session) -> Stock:
    row = {
        "text": f"{SECRET}の台帳が開けません。",
        "source": "desk",
        "external_id": "secret-1",
        "customer": {"external_id": f"C-{SECRET}", "name": SECRET},
        "contact": f"P-{SECRET}",
        "language": "ja",
        "tags": [SECRET],
    }
    store_many(session, [FeedbackIn.model_validate(row)])
    users.add(session, KEEPER, KEEPER, [Role.AGENT])
    customer = session.exec(select(Customer).where(Customer.name == SECRET)).one()
    feedback = session.exec(select(Feedback).where(Feedback.customer_id == customer.id)).one()
    contact = session.exec(select(Contact).where(Contact.customer_id == customer.id)).one()
    contact.department = SECRET
    kept = measures.keep(session, customer.id, SECRET, level=MeasureLevel.KGI, unit=SECRET)
    measures.enter(session, kept.id, DAY, 3.0, SECRET)
    keep(
        session,
        Alert(kind=AlertKind.SILENCE, customer_id=customer.id, episode=SECRET, evidence=SILENT),
    )
    restricted.restrict(session, customer.id, [KEEPER])
    return Stock(customer.id, contact.id, feedback.id)

"""However many rows a page has, it asks the database as often as with a few."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event
from sqlmodel import Session, func, select

from tests import applications, stocked
from tests.api.records import keep
from tests.multiplied import multiply
from tests.ui.conftest import at_this_machine
from vocloop import said
from vocloop.accounts.permissions import RULES
from vocloop.accounts.visitor import Visitor
from vocloop.roadmap import backlog, decisions, outcomes, rounds
from vocloop.roadmap.audit import Author
from vocloop.route import inbox
from vocloop_api.doors import Openness
from vocloop_models import (
    BacklogItem,
    Department,
    ItemState,
    LoopEvent,
    Note,
    Recipient,
    Role,
    Routing,
    Theme,
    ThemeMembership,
    Topic,
    Verdict,
    Vote,
    VoteChoice,
)
from vocloop_models.database import transaction

SHAPES = sorted(
    line.removeprefix("GET ")
    for line in RULES
    if re.match(r"GET /(?!api/|sign-in|setup|unsubscribe)", line)
)
READER = Visitor("Sato", frozenset(Role))


class Asked:
    """Statements of SQL since the last look."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[str] = []
        event.listen(engine, "before_cursor_execute", self._hear)

    def _hear(self, *heard: object) -> None:
        self.statements.append(str(heard[2]))


def _told(session: Session) -> None:
    """What the stocked workspace lacks and pages list: notes, an inbox with its history, an
    approval that shipped and was reviewed, words of departments."""
    by = Author("Sato")
    first = session.exec(select(BacklogItem).order_by(BacklogItem.number)).first()
    assert first is not None
    decisions.decide(session, first.id, Verdict.APPROVE, "Many ask.", by, agree_as_customer=True)
    metric = {"name": "Tickets", "unit": "", "baseline": 9.0, "target": 3.0}
    outcomes.agree(session, first.id, [metric], by)
    for state in (ItemState.IN_PROGRESS, ItemState.SHIPPED):
        backlog.move(session, first.id, state, by)
    good = {"quantity_enough": True, "quality_good": True}
    outcomes.review(session, first.id, {"Tickets": 2.0}, by, **good)
    person = session.exec(select(Recipient).where(Recipient.name == "Sato")).one()
    theme = session.exec(select(Theme)).first()
    happened = session.exec(select(LoopEvent)).first()
    assert theme is not None
    assert happened is not None
    keep(session, Note(key="t", recipient_id=person.id, topic=Topic.HEARD, theme_id=theme.id))
    keep(
        session,
        Note(
            key="i",
            recipient_id=person.id,
            topic=Topic.SHIPPED,
            item_id=first.id,
            event_id=happened.id,
        ),
    )
    routing = session.exec(select(Routing)).first()
    assert routing is not None
    inbox.hand_over(session, routing.id, "care", "Theirs.", "Sato")
    sitting = rounds.listed(session)[0]
    second = rounds.considered(session, sitting.id)[0].parts.item
    rounds.comment(session, sitting.id, "Not before summer.", by, item_id=second.id)
    department = session.exec(select(Department)).first()
    assert department is not None
    keep(
        session,
        Vote(
            round_id=sitting.id,
            item_id=second.id,
            department_id=department.id,
            choice=VoteChoice.SUPPORT,
        ),
    )


def counted(client: TestClient, asked: Asked, named: dict[str, str]) -> dict[str, list[str]]:
    """By page, the statements that its second answer takes; the first one fills what is kept."""
    found = {}
    for shape in SHAPES:
        path = shape.format_map(named)
        client.get(path)
        asked.statements.clear()
        answer = client.get(path)
        assert answer.status_code in (200, 303, 404), (path, answer.status_code)
        if answer.status_code == 200:
            found[shape] = list(asked.statements)
    return found


@pytest.fixture
def stock(tmp_path: Path) -> Iterator[tuple[Engine, dict[str, str]]]:
    with stocked.workspace(tmp_path) as (engine, named):
        with transaction(engine) as session:
            _told(session)
        yield engine, named | {"token": "x", "key": "care"}


def test_no_page_asks_more_often_the_more_rows_it_has(
    stock: tuple[Engine, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else all statements are counted when some seconds are over, in one answer of many.
    monkeypatch.setattr(said, "COUNTED_SECONDS", 0.0)
    engine, named = stock
    app = applications.whole(engine, openness=Openness(READER))
    client, asked = at_this_machine(app, "en"), Asked(engine)
    before = counted(client, asked, named)
    assert len(before) > 50
    multiply(engine, 2)
    after = counted(client, asked, named)
    grown = {
        shape: sorted({s for s in after[shape] if after[shape].count(s) > before[shape].count(s)})
        for shape in before
        if len(after[shape]) > len(before[shape])
    }
    assert grown == {}


def test_there_are_more_parents_and_more_rows_of_the_first_ones(
    stock: tuple[Engine, dict[str, str]],
) -> None:
    engine, named = stock
    said = select(func.count()).where(ThemeMembership.theme_id == uuid.UUID(named["theme_id"]))
    with Session(engine) as session:
        themes, before = len(session.exec(select(Theme)).all()), session.exec(said).one()
    assert multiply(engine, 2)["theme"] == 5 * themes
    with Session(engine) as session:
        assert session.exec(said).one() == 3 * before

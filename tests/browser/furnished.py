"""The invented company with something on every page: what the sample company plans and decided
(examples/minamo), inboxes, alerts, notes, an import, and one user of each role."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from seed import seed
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tests.api.records import keep, say
from tests.story import SAMPLE, table
from vocloop.accounts import users
from vocloop.accounts.personas import PERSONAS
from vocloop.cli.sample_roadmap import Held, make_roadmap
from vocloop.intake import connections, imports, merges
from vocloop.intake.importing import work
from vocloop.intake.privacy import privacy
from vocloop.intake.reader import Options
from vocloop.notify import people, unsubscribe
from vocloop.roadmap import rounds, scenarios
from vocloop.roadmap.trackers import store as trackers
from vocloop.route import inbox
from vocloop.route.setup import put_department
from vocloop.success import alerts, goals, measures
from vocloop.themes.areas import write_areas
from vocloop.themes.minority_voices import write_groups
from vocloop.themes.saved_views import save_view
from vocloop.themes.spot_checks import draw
from vocloop.worker.postman import Postman
from vocloop_models import (
    BacklogItem,
    ClusterRun,
    ConnectorKind,
    Contact,
    Customer,
    DecidedBy,
    Decision,
    Feedback,
    GoalMetric,
    Hypothesis,
    ItemState,
    LinkState,
    MeasureLevel,
    Message,
    MessageState,
    Note,
    ProposalKind,
    RatingScale,
    Role,
    Routing,
    RoutingState,
    RunState,
    Statement,
    ThemeMembership,
    ThemePlace,
    ThemeProposal,
    Topic,
    TrackerKind,
    TrackerLink,
    Transport,
    now,
)
from vocloop_models.database import reading, transaction

PASSWORD = "correct horse battery"  # noqa: S105 - invented
AREAS = 6
FILE = (
    "date,customer,text\n"
    "2026-09-01,三ツ峰精機,検索が遅いです。毎日困っています。\n"
    "someday,蒼波建設,The export stops halfway.\n"
)


@dataclass(frozen=True)
class Furnished:
    """``ids``: by the parameter's name in an address."""

    engine: Engine
    themes: dict[str, uuid.UUID]
    ids: dict[str, str]
    address: str = ""  # once it is served


def furnish(engine: Engine) -> Furnished:
    """Fill an empty, migrated database. Links in mails need VOCLOOP_PUBLIC_URL."""
    themes = seed(engine)
    with transaction(engine) as session:
        for role in Role:
            name = PERSONAS[role].name
            users.add(session, role.value, name, [role], password=PASSWORD)
        for row in table("departments.csv"):
            put_department(session, row.pop("key"), row)
        _customers(session)
        roadmap = yaml.safe_load((SAMPLE / "roadmap.yaml").read_text("utf-8"))
        make_roadmap(session, roadmap, _held(session, themes))
        for part in (_discerned, _routed, _told, _measured):
            part(session, list(themes.values()))
    with reading(engine) as session:
        asked = [s.id for r in rounds.listed(session) for s in scenarios.listed(session, r.id)]
    for scenario in asked:
        scenarios.work(engine, scenario)
    Postman(engine).notice()
    with transaction(engine) as session:
        brought = imports.upload(session, "voices.csv", [FILE.encode()], Options(source="desk")).id
    work(engine, brought)
    with transaction(engine) as session:
        return Furnished(engine, themes, _ids(session, themes, brought))


def _held(session: Session, themes: Mapping[str, uuid.UUID]) -> dict[str, Held]:
    said: dict[uuid.UUID, list[uuid.UUID]] = {}
    for theme, statement in session.exec(
        select(ThemeMembership.theme_id, ThemeMembership.statement_id).order_by(
            col(ThemeMembership.central).desc(), col(ThemeMembership.statement_id)
        )
    ):
        said.setdefault(theme, []).append(statement)
    return {key: Held([theme], said[theme]) for key, theme in themes.items()}


def _customers(session: Session) -> None:
    every = session.exec(select(Customer).order_by(col(Customer.external_id))).all()
    for number, customer in enumerate(every):
        customer.arr, customer.currency = 600_000.0 * (1 + number % 20), "JPY"
        customer.since = dt.date(2019 + number % 7, 4, 1)
        customer.renewal_on = now().date() + dt.timedelta(days=25 + 30 * (number % 12))
        customer.region = ("Kanto", "Kansai", "Overseas")[number % 3]
        keep(session, Contact(customer_id=customer.id, external_id="boss", champion=number % 2 > 0))
    merges.suggest_pair(session, every[0].id, every[1].id)


def _discerned(session: Session, themes: Sequence[uuid.UUID]) -> None:
    """A run, its doubts, areas, a map, and what belongs to no theme."""
    write_areas(session, dict(enumerate(themes)), {n: n % AREAS for n in range(len(themes))})
    for number, theme in enumerate(themes):
        around = 2 * math.pi * (number % AREAS) / AREAS
        far = 1 + 0.15 * (number // AREAS)
        session.add(ThemePlace(theme_id=theme, x=far * math.cos(around), y=far * math.sin(around)))
    companies = session.exec(select(Customer).limit(3)).all()
    alike = [say(session, f"Dark mode, please ({c.name})", customer=c).id for c in companies]
    write_groups(session, [(alike, 0.82)])
    draw(session)
    one, other, third = map(str, themes[:3])
    session.add(
        ClusterRun(
            encoder="none",
            state=RunState.DONE,
            statements=2_000,
            themes=len(themes),
            unassigned=3,
            quality={
                "stability": 0.81,
                "separation": 0.66,
                "mixed": 0.7,
                "languages": {"ja": 1_300, "en": 700},
                "usual_nearness": 0.5,
                "dial": {"asked": None, "found": 0.2, "reached": 0.2, "curve": [[0.2, 0.7]]},
                "themes": {one: {"stability": 0.37, "separation": 0.5}},
                "near_duplicates": [[one, other, 0.91]],
            },
            finished_at=now(),
        )
    )
    few = session.exec(
        select(ThemeMembership.statement_id).where(ThemeMembership.theme_id == themes[0]).limit(5)
    ).all()
    proposal: Callable[..., ThemeProposal] = ThemeProposal
    session.add_all(
        [
            proposal(
                kind=ProposalKind.MERGE,
                theme_id=uuid.UUID(third),
                other_id=uuid.UUID(other),
                strength=0.9,
            ),
            proposal(
                kind=ProposalKind.SPLIT,
                theme_id=uuid.UUID(one),
                statements=[str(each) for each in few],
                strength=0.7,
            ),
        ]
    )
    save_view(session, "themes", "製造業 / Manufacturing", "sort=severity", by="鈴木 健")


def _routed(session: Session, themes: Sequence[uuid.UUID]) -> None:
    departments = inbox.departments(session)
    for number, theme in enumerate(themes[:14]):
        waits = number % 5 != 4
        session.add(
            Routing(
                theme_id=theme,
                department_id=departments[number % len(departments)].id if waits else None,
                touched={departments[-1].key: 0.3} if number % 2 else {},
                confidence=0.62 if waits else 0.2,
                decided_by=DecidedBy.CLASSIFIER,
                state=RoutingState.WAITING if waits else RoutingState.TRIAGE,
                due_at=now() + dt.timedelta(days=number - 4) if waits else None,
            )
        )
    inbox.add_rule(session, "keyword", "監査", departments[0].key, by="田中 誠")
    session.flush()
    inbox.raise_overdue(session)


def _told(session: Session, themes: Sequence[uuid.UUID]) -> None:
    """What an agent handed in and is told; a message and an item that were not taken."""
    agent = PERSONAS[Role.AGENT].name
    sato = people.put_colleague(session, agent, address="sato@vendor.example", language="ja")
    submitted = privacy(session).person(agent)
    for theme in themes[:6]:
        voice = session.exec(
            select(Feedback)
            .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
            .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
            .where(ThemeMembership.theme_id == theme)
        ).first()
        assert voice is not None
        voice.source, voice.submitted_by = "hand-in", submitted
        session.add(
            Note(
                key=f"n-{theme}",
                recipient_id=sato.id,
                topic=Topic.HEARD,
                theme_id=theme,
                customer_id=voice.customer_id,
                task=True,
            )
        )
    session.add(
        Message(
            key="m",
            transport=Transport.MAIL,
            recipient_id=sato.id,
            topic=Topic.DECIDED,
            state=MessageState.FAILED,
            error="550 unknown mailbox",
        )
    )
    item = session.exec(select(BacklogItem)).first()
    assert item is not None
    tracker = trackers.add(session, "web", TrackerKind.GITHUB, "minamo/web")
    session.add(
        TrackerLink(tracker_id=tracker.id, item_id=item.id, state=LinkState.FAILED, error="gone")
    )
    connections.create(
        session, ConnectorKind.FRESHDESK, source="desk", address="https://minamo.freshdesk.com"
    )


def _measured(session: Session, _themes: Sequence[uuid.UUID]) -> None:
    """Answers of surveys, goals, measures of success, and the alerts that follow."""
    voices = session.exec(
        select(Feedback).where(col(Feedback.customer_id).is_not(None)).limit(300)
    ).all()
    for number, voice in enumerate(voices):
        voice.rating_scale = tuple(RatingScale)[number % len(RatingScale)]
        voice.rating = float(1 + number * 7 % 5)
    goals.add(session, "推奨度 / Recommendation", GoalMetric.NPS, 40, baseline=21)
    for customer in session.exec(select(Customer).limit(4)):
        measures.keep(
            session, customer.id, "離職率 / Attrition", level=MeasureLevel.KGI, target=21.0
        )
    alerts.sweep(session)


def _ids(session: Session, themes: dict[str, uuid.UUID], brought: uuid.UUID) -> dict[str, str]:
    def first(query: Any) -> str:
        return str(session.exec(query.limit(1)).one())

    (sato,) = (each for each in people.colleagues(session) if each.name == PERSONAS["agent"].name)
    keys = list(themes.values())
    return {
        "theme_id": str(keys[0]),
        "other_id": str(keys[1]),
        "customer_id": first(select(Customer.id).where(Customer.external_id == "C-001")),
        "feedback_id": first(select(Feedback.id).where(Feedback.source == "hand-in")),
        "import_id": str(brought),
        "key": "product",
        "item_id": first(select(BacklogItem.id).order_by(col(BacklogItem.number))),
        "shipped_id": first(select(BacklogItem.id).where(BacklogItem.state == ItemState.REVIEWED)),
        "hypothesis_id": first(select(Hypothesis.id)),
        "round_id": str(rounds.listed(session)[0].id),
        "decision_id": first(select(Decision.id)),
        "token": unsubscribe.address(session, sato, Topic.DECIDED).rpartition("/")[2],
    }

"""What ``vocloop demo`` shows of the sample company, found by the real model."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from fastapi import FastAPI, Request
from sqlalchemy import Engine
from sqlmodel import col, func, select

from vocloop.accounts.personas import PERSONAS
from vocloop.cli.demo import load_sample, plan, sample_folder
from vocloop.cli.themes import catch_up
from vocloop.encode import Encoder
from vocloop.intake.privacy import privacy
from vocloop.roadmap import backlog, fates, hypotheses
from vocloop.route import inbox
from vocloop.worker.routing import Router
from vocloop.worker.suggest import Nearest
from vocloop.worker.worker import Worker
from vocloop_models import (
    BacklogItem,
    Department,
    Feedback,
    Hypothesis,
    HypothesisEvidence,
    Role,
    Routing,
    Statement,
    Theme,
    ThemeMembership,
)
from vocloop_models.database import open_database, reading, transaction, upgrade
from vocloop_models.pairs import language_of
from vocloop_ui.nearest import quotes_of

pytestmark = [pytest.mark.model, pytest.mark.slow]
# So many of an item's quotes are looked at; so many of the sample's problems may be found by no
# theme.
QUOTES, MOST_UNFOUND = 6, 4
TOLD = yaml.safe_load((sample_folder() / "roadmap.yaml").read_text("utf-8"))
PLANTED = json.loads((sample_folder() / "planted.json").read_text("utf-8"))["themes"]


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (sample_folder() / name).read_text("utf-8").splitlines()]


TRUTH: dict[str | None, list[str]] = {row["id"]: row["themes"] for row in read("truth.jsonl")}


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Iterator[Worker]:
    """Of the sample company as the demo shows it, its themes routed."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'vocloop.db'}")
    upgrade(engine)
    worker = Worker(engine, lambda: default_encoder)

    def show(_what: str, _done: int, _total: int) -> None: ...

    load_sample(engine, show)
    catch_up(worker, show)
    worker.refresh_themes(show)
    plan(engine)
    router = Router()
    while router.some(engine, lambda: default_encoder):
        pass
    yield worker
    engine.dispose()


@pytest.fixture
def engine(worker: Worker) -> Engine:
    return worker.engine


def test_items_quote_voices_on_their_problem(worker: Worker) -> None:
    app = FastAPI()
    app.state.nearest = Nearest(worker)
    page = Request({"type": "http", "app": app})
    problems = {row["title"]: set(row["themes"]) for row in TOLD["items"]}
    hits = {}
    with reading(worker.engine) as session:
        for item in session.exec(select(BacklogItem)).all():
            shown = quotes_of(page, session, backlog.one(session, item.id), QUOTES, "ja")
            voices = session.exec(
                select(Feedback.external_id)
                .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
                .where(col(Statement.id).in_([quote.statement_id for quote in shown]))
            )
            hits[item.title] = sum(bool(problems[item.title] & {*TRUTH[v]}) for v in voices)
    assert len(hits) >= len(problems) - MOST_UNFOUND
    assert {title: hit for title, hit in hits.items() if hit < QUOTES / 2} == {}
    assert sum(hits.values()) >= 0.75 * QUOTES * len(hits)


def test_hypotheses_rest_on_voices_on_their_problem(engine: Engine) -> None:
    problems = {row["theme"] for row in TOLD["hypotheses"]}
    with reading(engine) as session:
        voices = session.exec(
            select(Feedback.external_id)
            .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
            .join(HypothesisEvidence, col(HypothesisEvidence.statement_id) == col(Statement.id))
        ).all()
    assert voices
    assert all(problems & {*TRUTH[voice]} for voice in voices)


def test_hypotheses_are_found_in_both_languages(engine: Engine) -> None:
    with reading(engine) as session:
        today = Counter(
            language_of(hypotheses.one(session, known).versions[0].segment)
            for known in session.exec(select(Hypothesis.id))
        )
    assert today.keys() == {"ja", "en"}
    assert min(today.values()) >= 2


def test_an_agent_has_voices_at_every_step(engine: Engine) -> None:
    agent = PERSONAS[Role.AGENT].name
    with reading(engine) as session:
        known = privacy(session).person(agent)
        steps = Counter(fate.step for fate in fates.handed_in(session, by=known).rows)
    assert steps.total() >= len(TOLD["handed_in"]["problems"]) - MOST_UNFOUND
    assert {fates.Step.KNOWN, fates.Step.REVIEWED} <= {*steps}


def routed(engine: Engine) -> dict[str, bool]:
    """Of the themes in an inbox, by id, whether the sample names that department."""
    with reading(engine) as session:
        held: dict[uuid.UUID, Counter[str]] = {}
        for theme, voice in session.exec(
            select(ThemeMembership.theme_id, Feedback.external_id)
            .join(Statement, col(Statement.id) == ThemeMembership.statement_id)
            .join(Feedback, col(Feedback.id) == Statement.feedback_id)
        ):
            held.setdefault(theme, Counter()).update(TRUTH[voice] or ["noise"])
        to = session.exec(
            select(Routing.theme_id, Department.key)
            .join(Department, col(Department.id) == col(Routing.department_id))
            .where(col(Routing.theme_id).is_not(None))
        ).all()
    own = {theme: counted.most_common(1)[0][0] for theme, counted in held.items()}
    return {str(theme): key in PLANTED[own[theme]]["departments"] for theme, key in to if theme}


def share(found: Mapping[str, bool]) -> float:
    return sum(found.values()) / len(found)


def test_a_third_of_the_themes_find_their_department_by_what_departments_say(
    engine: Engine,
) -> None:
    found = routed(engine)
    with reading(engine) as session:
        themes = session.exec(select(func.count()).select_from(Theme)).one()
    assert len(found) >= themes / 3
    assert share(found) >= 0.8


def test_a_department_that_accepts_a_theme_draws_no_others_to_it(
    worker: Worker, engine: Engine
) -> None:
    """However many statements the theme has."""
    with transaction(engine) as session:
        largest = session.exec(
            select(Routing)
            .join(ThemeMembership, col(ThemeMembership.theme_id) == col(Routing.theme_id))
            .where(col(Routing.department_id).is_not(None))
            .group_by(col(Routing.id))
            .order_by(func.count().desc())
        ).first()
        assert largest is not None
        accepted = inbox.accept(session, largest.id).department_id
    while Router().some(engine, lambda: worker.encoder):
        pass
    found = routed(engine)
    with reading(engine) as session:
        drawn = session.exec(
            select(func.count())
            .select_from(Routing)
            .where(col(Routing.theme_id).is_not(None), Routing.department_id == accepted)
        ).one()
    assert drawn < len(found) / 2
    assert share(found) >= 0.8

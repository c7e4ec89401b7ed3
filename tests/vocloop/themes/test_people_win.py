"""Random edits by people, then full runs while new data arrives: no edit is lost."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tests.api.records import say
from vocloop.errors import VocloopError
from vocloop.themes import facts
from vocloop.themes.overrule import conflicts
from vocloop.themes.placing import resolve
from vocloop.themes.proposals import accept, dismiss, listed
from vocloop.themes.record import Author
from vocloop.themes.refresh import refresh
from vocloop.themes.undo import undo
from vocloop_models import (
    FactKind,
    FactStatement,
    StatementVector,
    Theme,
    ThemeEvent,
    ThemeFact,
    ThemeMembership,
    ThemeProposal,
    ThemeState,
    ValueLayer,
)
from vocloop_models.database import reading, transaction

pytestmark = pytest.mark.slow

ENCODER = "synthetic"
TOPICS = 12
DIMENSIONS = 24
WORDS = ["export", "login", "invoice", "roster", "printer", "calendar"]
WORDS += ["search", "upload", "password", "badge", "mobile", "audit"]


class Company:
    """Statements of TOPICS topics as unit vectors; some topics lie near another."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test that can be repeated
        self._noise = np.random.default_rng(seed)
        self._middle = self._noise.standard_normal((TOPICS, DIMENSIONS))
        self._middle[1::4] = self._middle[::4] + 0.55 * self._middle[1::4]

    def speak(self, session: Session, count: int) -> None:
        for _ in range(count):
            topic = self.random.randrange(TOPICS)
            japanese = self.random.random() < 0.3
            text = f"{WORDS[topic]} が止まる" if japanese else f"the {WORDS[topic]} stops again"
            vector = self._middle[topic] + 0.5 * self._noise.standard_normal(DIMENSIONS)
            said = say(session, text, language="ja" if japanese else "en")
            packed = (vector / np.linalg.norm(vector)).astype("<f2").tobytes()
            session.add(StatementVector(statement_id=said.id, encoder=ENCODER, vector=packed))

    def edit(self, session: Session) -> None:
        """One edit that is possible, whatever it is."""
        while True:
            try:
                return self._try(session)
            except VocloopError:
                continue

    def _try(self, session: Session) -> None:
        draw = self.random
        author = Author(by=draw.choice(["sato", "abe"]))
        every = list(session.exec(select(Theme.id).order_by(col(Theme.number))))
        one, other = draw.sample(every, 2)
        own = list(
            session.exec(
                select(ThemeMembership.statement_id)
                .where(ThemeMembership.theme_id == one)
                .order_by(col(ThemeMembership.statement_id))
            )
        )
        some = draw.sample(own, min(len(own), draw.randint(1, 6)))
        given = list(session.exec(select(ThemeFact.id).order_by(col(ThemeFact.id))))
        verbs: dict[Callable[[], Any], int] = {
            lambda: facts.rename(session, one, {draw.choice(["ja", "en"]): f"{draw.random()}"}): 4,
            lambda: facts.move(session, some, draw.choice([other, None]), author): 5,
            lambda: facts.split(session, one, some, author=author): 2,
            lambda: facts.merge(session, one, other, author): 2,
            lambda: facts.different(session, one, other, author): 2,
            lambda: facts.pin(session, one, author): 1,
            lambda: facts.layer(session, one, draw.choice([None, *ValueLayer]), author): 1,
            lambda: facts.archive(session, one, author): 1,
            lambda: facts.not_a_theme(session, one, author): 1,
            lambda: undo(session, draw.choice(given or [uuid.uuid4()])): 2,
        }
        draw.choices(list(verbs), list(verbs.values()))[0]()


def expected(session: Session) -> dict[uuid.UUID, uuid.UUID | None]:
    """Where people say that statements are, told anew from their facts alone."""
    said: dict[uuid.UUID, uuid.UUID | None] = {}
    for fact in session.exec(select(ThemeFact).order_by(col(ThemeFact.id))):
        if fact.undone_at is not None or fact.overruled_by is not None:
            continue
        goal = {FactKind.MOVE: fact.theme_id, FactKind.NOT_A_THEME: None}
        for link in session.exec(select(FactStatement).where(FactStatement.fact_id == fact.id)):
            said[link.statement_id] = goal.get(fact.kind, fact.other_id)
            if fact.automatic:
                del said[link.statement_id]
    return {s: today(session, theme) for s, theme in said.items()}


def today(session: Session, theme_id: uuid.UUID | None) -> uuid.UUID | None:
    theme = session.get_one(Theme, theme_id) if theme_id else None
    while theme is not None and theme.merged_into is not None:
        theme = session.get_one(Theme, theme.merged_into)
    return None if theme is None or theme.state is ThemeState.DISMISSED else theme.id


def broken(session: Session) -> list[str]:
    """Every promise of a fact in force that does not hold."""
    found: list[str] = []
    placed = dict(
        session.exec(select(ThemeMembership.statement_id, ThemeMembership.theme_id)).all()
    )
    found += [
        f"statement {s} is in {placed.get(s)}, a person said {theme}"
        for s, theme in expected(session).items()
        if placed.get(s) != theme
    ]
    for fact in session.exec(select(ThemeFact)):
        if fact.undone_at is not None or fact.overruled_by is not None or fact.theme_id is None:
            continue
        theme = session.get_one(Theme, fact.theme_id)
        one, other = today(session, fact.theme_id), today(session, fact.other_id)
        holds = {
            FactKind.RENAME: getattr(theme, f"title_{fact.language}", "") == fact.title,
            FactKind.MERGE: theme.state is ThemeState.MERGED and one == other,
            FactKind.SPLIT: one != other or one is None,
            FactKind.DIFFERENT: one != other or one is None,
            FactKind.PIN: theme.pinned and theme.state in (ThemeState.ACTIVE, ThemeState.ARCHIVED),
            FactKind.LAYER: theme.layer is fact.layer,
            FactKind.ARCHIVE: theme.state is ThemeState.ARCHIVED,
            FactKind.NOT_A_THEME: theme.state is ThemeState.DISMISSED,
            FactKind.MOVE: True,
        }
        if not holds[fact.kind]:
            found.append(f"{fact.kind} of T-{theme.number:04d} ({theme.state}) does not hold")
    apart = {
        frozenset((f.theme_id, f.other_id))
        for f in session.exec(select(ThemeFact).where(ThemeFact.kind == FactKind.DIFFERENT))
        if f.undone_at is None and f.overruled_by is None
    }
    found += [
        f"a merge of different themes is proposed: {p.id}"
        for p in listed(session)
        if p.other_id and frozenset((p.theme_id, p.other_id)) in apart
    ]
    return found


def everything(session: Session) -> dict[str, list[dict[str, Any]]]:
    kinds = (Theme, ThemeEvent, ThemeMembership, ThemeFact, FactStatement, ThemeProposal)
    return {
        kind.__name__: sorted((row.model_dump() for row in session.exec(select(kind))), key=str)
        for kind in kinds
    }


def begin(engine: Engine, seed: int) -> Company:
    company = Company(seed)
    with transaction(engine) as session:
        company.speak(session, 200)
    refresh(engine, ENCODER)
    with reading(engine) as session:
        assert len(session.exec(select(Theme)).all()) >= TOPICS // 2
    return company


def edit_and_run(engine: Engine, company: Company, edits: int, runs: int) -> None:
    for _ in range(edits):
        with transaction(engine) as session:
            company.edit(session)
    with reading(engine) as session:
        assert broken(session) == []
        facts_before = everything(session)["ThemeFact"]
        ids = {theme.id for theme in session.exec(select(Theme))}
    for _ in range(runs):
        with transaction(engine) as session:
            company.speak(session, 30)
        refresh(engine, ENCODER)
        with reading(engine) as session:
            assert broken(session) == []
            assert everything(session)["ThemeFact"] == facts_before
            themes = session.exec(select(Theme)).all()
            assert ids <= {theme.id for theme in themes}
            assert len({theme.number for theme in themes}) == len(themes)
            for theme in themes:
                resolve(session, theme.id)
            overruled = [f for f in facts_before if f["overruled_by"] and not f["undone_at"]]
            assert len(conflicts(session)) <= len(overruled)


def test_100_random_edits_survive_five_runs_with_new_data(tmp_engine: Engine) -> None:
    company = begin(tmp_engine, seed=1)
    edit_and_run(tmp_engine, company, edits=100, runs=5)
    with reading(tmp_engine) as session:
        before = everything(session)
    refresh(tmp_engine, ENCODER)
    with reading(tmp_engine) as session:
        assert everything(session) == before


def test_edits_between_runs_survive_on_each_database(engine: Engine) -> None:
    company = begin(engine, seed=2)
    for _ in range(2):
        edit_and_run(engine, company, edits=12, runs=1)


def test_proposals_decided_at_random_are_kept_like_edits(engine: Engine) -> None:
    company = begin(engine, seed=3)
    for _ in range(2):
        with transaction(engine) as session:
            company.speak(session, 60)
        refresh(engine, ENCODER)
        with transaction(engine) as session:
            proposals = [p.id for p in listed(session)]
            accept(session, proposals[::2])
            dismiss(session, proposals[1::2])
        with reading(engine) as session:
            assert broken(session) == []


def test_proposals_applied_at_once_break_no_edit(tmp_engine: Engine) -> None:
    company = begin(tmp_engine, seed=4)
    with transaction(tmp_engine) as session:
        for _ in range(15):
            company.edit(session)
    for _ in range(3):
        with transaction(tmp_engine) as session:
            company.speak(session, 60)
        refresh(tmp_engine, ENCODER, apply_proposals=True)
        with reading(tmp_engine) as session:
            assert broken(session) == []
            pinned = set(session.exec(select(Theme.id).where(col(Theme.pinned).is_(True))))
            assert all(p.other_id in pinned for p in listed(session))


@pytest.fixture
def tmp_engine(tmp_path: Any) -> Any:
    from vocloop_models.database import open_database, upgrade

    engine = open_database(f"sqlite:///{tmp_path / 'people.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()

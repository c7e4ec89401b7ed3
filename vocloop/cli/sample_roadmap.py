"""What the sample company plans and decided, made through the domain as people would make it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session, col, select

from vocloop.roadmap import (
    backlog,
    decisions,
    hypotheses,
    outcomes,
    rounds,
    scenarios,
    selection,
)
from vocloop.roadmap.audit import Author
from vocloop.roadmap.priority import Ratings
from vocloop.route.setup import put_department
from vocloop.success import goals
from vocloop_models import (
    BacklogItem,
    Feedback,
    GoalMetric,
    Horizon,
    ItemState,
    RoundRule,
    Side,
    Stage,
    Statement,
    ThemeMembership,
    Verdict,
    VoteChoice,
)

Row = Mapping[str, Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
RATED = ("expertise", "relationship", "alternatives", "difficulty")
COSTS = ("initial_cost", "operating_cost")


def load_roadmap(session: Session, folder: Path) -> None:
    """Make the roadmap of ``folder`` unless there is one; themes have to be found before."""
    if session.exec(select(BacklogItem.id).limit(1)).first() is None:
        told = yaml.safe_load((folder / "roadmap.yaml").read_text("utf-8"))
        make_roadmap(session, told, planted_themes(session, folder))


def planted_themes(session: Session, folder: Path) -> dict[str, uuid.UUID]:
    """For each planted theme the one that is most like it today: F1 of the statements in both.

    Most of its statements alone would name a large theme that several have fallen into."""
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    truth = {row["id"]: row["themes"] for row in map(json.loads, lines)}
    held: dict[str, Counter[uuid.UUID]] = {}
    rows = session.exec(
        select(Feedback.external_id, ThemeMembership.theme_id)
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .where(Feedback.source == "minamo")
    )
    size: Counter[uuid.UUID] = Counter()
    for voice, theme in rows:
        size[theme] += 1
        for key in truth.get(voice or "", ()):
            held.setdefault(key, Counter())[theme] += 1
    return {key: _likest(counted, size) for key, counted in held.items()}


def _likest(held: Counter[uuid.UUID], size: Counter[uuid.UUID]) -> uuid.UUID:
    return max(held, key=lambda theme: held[theme] / (held.total() + size[theme]))


def make_roadmap(session: Session, told: Row, themes: Mapping[str, uuid.UUID]) -> None:
    """``told`` as in examples/minamo/roadmap.yaml; what names a theme that is not among
    ``themes`` is left out."""
    for key, row in told["departments"].items():
        values = {name: value for name, value in row.items() if name != "weekdays"}
        hours = dict.fromkeys(WEEKDAYS, row["weekdays"])
        put_department(session, key, {**values, "working_hours": hours})
    for row in told["goals"]:
        _goal(session, row)
    supposed = {
        row["key"]: _hypothesis(session, row, themes[row["theme"]])
        for row in told["hypotheses"]
        if row["theme"] in themes
    }
    items: dict[str, uuid.UUID] = {}
    for row in told["items"]:
        known = {themes[key]: share for key, share in row["themes"].items() if key in themes}
        if known:
            items[row["key"]] = _item(session, row, known, items, supposed)
    for row in told["shipped"]:
        if row["item"] in items:
            _ship(session, row, items[row["item"]])
    for row in told["decided"]:
        if row["item"] in items:
            _decide(session, row, items[row["item"]])
    for row in told["rounds"]:
        _round(session, row, items)


def _goal(session: Session, row: Row) -> None:
    fields = {name: row[name] for name in ("unit", "baseline", "due_on") if name in row}
    made = goals.add(session, row["name"], GoalMetric(row["metric"]), row["target"], **fields)
    for day, value in row.get("values", {}).items():
        goals.enter(session, made.id, day, value)


def _hypothesis(session: Session, row: Row, theme: uuid.UUID) -> uuid.UUID:
    author = Author(row["by"])
    first, *further = [hypotheses.Words(**version) for version in row["versions"]]
    made = hypotheses.propose(session, theme, first, author)
    for words in further:
        hypotheses.rewrite(session, made.id, words, author)
    said = session.exec(
        select(ThemeMembership.statement_id)
        .where(ThemeMembership.theme_id == theme)
        .order_by(col(ThemeMembership.central).desc(), col(ThemeMembership.confidence).desc())
    ).all()
    for side, how_many in row["evidence"]:
        for statement in said[:how_many]:
            hypotheses.link(session, made.id, statement, Side(side), author)
    return made.id


def _item(
    session: Session,
    row: Row,
    themes: Mapping[uuid.UUID, float],
    items: Mapping[str, uuid.UUID],
    supposed: Mapping[str, uuid.UUID],
) -> uuid.UUID:
    author = Author(row["ratings"][0]["by"])
    made = backlog.create(
        session,
        row["title"],
        themes,
        author,
        problem=row["problem"],
        horizon=Horizon(row["horizon"]),
        quarter=row.get("quarter"),
        cost=row.get("cost", 0),
        goals=row.get("goals", []),
        departments={key: backlog.Work(*work) for key, work in row["departments"].items()},
        needs=[items[key] for key in row.get("needs", ()) if key in items],
        hypothesis_id=supposed.get(row.get("hypothesis", "")),
    )
    for stage in list(Stage)[1 : list(Stage).index(Stage(row.get("stage", "trust"))) + 1]:
        backlog.advance(session, made.id, stage, author)
    for form in row["ratings"]:
        ratings = Ratings(**{name: form[name] for name in (*RATED, *COSTS)})
        selection.rate(session, made.id, ratings, Author(form["by"], form.get("note")))
    return made.id


def _decide(session: Session, row: Row, item_id: uuid.UUID) -> None:
    decisions.decide(
        session,
        item_id,
        Verdict(row["verdict"]),
        row["why"],
        Author(row["by"]),
        agree_as_customer=row["agree"],
        agree_reason=row["agree_reason"],
        quarter=row.get("quarter"),
    )
    if row["verdict"] == Verdict.APPROVE:
        backlog.move(session, item_id, ItemState.IN_PROGRESS, Author(row["by"]))


def _ship(session: Session, row: Row, item_id: uuid.UUID) -> None:
    """Decided, done and shipped some time ago, recorded today."""
    author = Author(row["by"])
    outcomes.agree(session, item_id, row["metrics"], author)
    _decide(session, {**row, "verdict": Verdict.APPROVE}, item_id)
    item = backlog.move(session, item_id, ItemState.SHIPPED, author)
    item.shipped_at = dt.datetime.combine(row["on"], dt.time(3), tzinfo=dt.UTC)
    session.flush()
    outcomes.examine(session, item_id, author)
    if "review" in row and item.state is ItemState.SHIPPED:
        found = {name: value for name, value in row["review"].items() if name != "by"}
        outcomes.review(
            session, item_id, found.pop("actuals"), Author(row["review"]["by"]), **found
        )


def _round(session: Session, row: Row, items: Mapping[str, uuid.UUID]) -> None:
    author = Author(row["by"])
    made = rounds.open_round(
        session,
        row["name"],
        row["periods"],
        row["capacity"],
        author,
        department_weights=row["department_weights"],
        goal_weights=row["goal_weights"],
        budget=row["budget"],
    )
    taken = {
        items[key]: rounds.Taken(RoundRule.MUST if key in row["must"] else RoundRule.FREE)
        for key in row["items"]
        if key in items
    }
    rounds.consider(session, made.id, taken, author)
    for key, department, choice, by, said in row["votes"]:
        item = items.get(key)
        if item is None:
            continue
        rounds.vote(session, made.id, item, department, VoteChoice(choice), Author(by))
        if said is not None:
            rounds.comment(session, made.id, said, Author(by), item_id=item, department=department)
    for scenario in row["scenarios"]:
        scenarios.ask(session, made.id, scenario["name"], scenario["changes"], author)

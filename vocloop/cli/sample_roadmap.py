"""What the sample company plans and decided, made through the domain as people would make it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session, col, select

from vocloop.intake.privacy import privacy
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
    CompanyGoal,
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
# As the page of handing in and the API call what came by them.
HANDED_IN = "hand-in"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
RATED = ("expertise", "relationship", "alternatives", "difficulty")
COSTS = ("initial_cost", "operating_cost")
# From this F0.5 on, what is quoted of the themes, nearest to the problem first, is about it: 22 of
# the 28 problems of the sample reach it, one of them (.26) by 5 of the 8 statements of a theme.
HELD = 0.25


@dataclass(frozen=True)
class Held:
    """What was found of a planted problem. themes: those that hold it, best first; said: its
    statements there, the central ones first."""

    themes: Sequence[uuid.UUID]
    said: Sequence[uuid.UUID]


def load_roadmap(session: Session, folder: Path) -> None:
    """Make the roadmap of ``folder`` unless there is one; themes have to be found before."""
    # Goals rest on no theme: they are there when the roadmap was made, whatever was found.
    if not any(
        session.exec(select(of).limit(1)).first() for of in (BacklogItem.id, CompanyGoal.id)
    ):
        told = yaml.safe_load((folder / "roadmap.yaml").read_text("utf-8"))
        held = planted_problems(session, folder)
        make_roadmap(session, told, held)
        _hand_in(session, told["handed_in"], held)


def planted_problems(session: Session, folder: Path) -> dict[str, Held]:
    """By its key each planted problem that the themes of today hold.

    A theme may speak for the problem that most of its statements are about, for no other. Of those
    themes the best is taken, and what makes all of them together better (F0.5 of statements:
    what else they hold weighs more than what they miss)."""
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    truth = {row["id"]: row["themes"] for row in map(json.loads, lines)}
    rows = session.exec(
        select(Feedback.external_id, Statement.id, ThemeMembership.theme_id)
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .outerjoin(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .where(Feedback.source == "minamo")
        .order_by(
            col(ThemeMembership.central).desc(),
            col(ThemeMembership.confidence).desc(),
            col(Feedback.external_id),
        )
    )
    size: Counter[uuid.UUID] = Counter()
    said: dict[str, list[tuple[uuid.UUID, uuid.UUID | None]]] = {}
    for voice, statement, theme in rows:
        if theme is not None:
            size[theme] += 1
        for key in truth.get(voice or "", ()):
            said.setdefault(key, []).append((statement, theme))
    held = {key: Counter(theme for _, theme in each if theme) for key, each in said.items()}
    most = {theme: max(held, key=lambda key: held[key][theme]) for theme in size if said}
    found = {}
    for key, each in said.items():
        own = {theme: count for theme, count in held[key].items() if most[theme] == key}
        if themes := _holding(own, size, len(each)):
            found[key] = Held(themes, [statement for statement, theme in each if theme in themes])
    return found


def _holding(
    own: Mapping[uuid.UUID, int], size: Mapping[uuid.UUID, int], said: int
) -> list[uuid.UUID]:
    """Which of the themes with ``own`` statements of a problem hold it, which is ``said`` in so
    many; none when they hold less than HELD."""

    def fit(themes: Sequence[uuid.UUID]) -> float:
        """F0.5: (1 + b²) · hits / (b² · said + held), with b² = 1/4 (van Rijsbergen 1979)."""
        hits, every = sum(own[t] for t in themes), sum(size[t] for t in themes)
        return 1.25 * hits / (0.25 * said + every)

    chosen: list[uuid.UUID] = []
    for theme in sorted(own, key=lambda theme: fit([theme]), reverse=True):
        if not chosen or fit([*chosen, theme]) > fit(chosen):
            chosen.append(theme)
    return chosen if chosen and fit(chosen) >= HELD else []


def make_roadmap(session: Session, told: Row, held: Mapping[str, Held]) -> None:
    """``told`` as in examples/minamo/roadmap.yaml; what rests on a problem that is not among
    ``held`` is left out."""
    for key, row in told["departments"].items():
        values = {name: value for name, value in row.items() if name != "weekdays"}
        hours = dict.fromkeys(WEEKDAYS, row["weekdays"])
        put_department(session, key, {**values, "working_hours": hours})
    for row in told["goals"]:
        _goal(session, row)
    supposed = {
        row["key"]: _hypothesis(session, row, held[row["theme"]])
        for row in told["hypotheses"]
        if row["theme"] in held
    }
    items: dict[str, uuid.UUID] = {}
    for row in told["items"]:
        known = {
            theme: share
            for key, share in row["themes"].items()
            if key in held
            for theme in held[key].themes
        }
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


def _hand_in(session: Session, row: Row, held: Mapping[str, Held]) -> None:
    """The newest voices on some problems are an agent's, who sees what became of them."""
    agent = privacy(session).person(row["by"])
    for key in row["problems"]:
        if key not in held:
            continue
        newest = session.exec(
            select(Feedback)
            .where(
                col(Feedback.id).in_(
                    select(Statement.feedback_id).where(col(Statement.id).in_(held[key].said))
                ),
                col(Feedback.submitted_by).is_(None),
            )
            .order_by(col(Feedback.id).desc())
        ).first()
        if newest is not None:
            newest.source, newest.submitted_by = HANDED_IN, agent


def _goal(session: Session, row: Row) -> None:
    fields = {name: row[name] for name in ("unit", "baseline", "due_on") if name in row}
    made = goals.add(session, row["name"], GoalMetric(row["metric"]), row["target"], **fields)
    for day, value in row.get("values", {}).items():
        goals.enter(session, made.id, day, value)


def _hypothesis(session: Session, row: Row, held: Held) -> uuid.UUID:
    author = Author(row["by"])
    first, *further = [hypotheses.Words(**version) for version in row["versions"]]
    made = hypotheses.propose(session, held.themes[0], first, author)
    for words in further:
        hypotheses.rewrite(session, made.id, words, author)
    for side, how_many in row["evidence"]:
        for statement in held.said[:how_many]:
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

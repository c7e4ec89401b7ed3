"""Backlog items: made of themes, worked on by departments, walked through their states."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.roadmap.audit import SOMEONE, Author, get, held, next_number, note
from vocloop_models import (
    BacklogItem,
    Department,
    Horizon,
    Hypothesis,
    ItemDepartment,
    ItemDependency,
    ItemState,
    ItemTheme,
    Stage,
    Theme,
    item_themes,
    merged_themes,
    now,
)

S = ItemState
# What work itself may do. Approving, deferring, declining and splitting are decisions.
MOVES: Mapping[ItemState, tuple[ItemState, ...]] = {
    S.APPROVED: (S.IN_PROGRESS,),
    S.IN_PROGRESS: (S.SHIPPED, S.APPROVED),
    S.SHIPPED: (S.REOPENED,),
    S.REVIEWED: (S.REOPENED,),
    S.REOPENED: (S.IN_PROGRESS, S.PROPOSED),
    S.DEFERRED: (S.PROPOSED,),
    S.DECLINED: (S.PROPOSED,),
}
QUARTER = re.compile(r"\d{4}Q[1-4]")
STAGES = list(Stage)


@dataclass(frozen=True)
class Work:
    """What an item asks of a department: person-weeks, and whether it is helped (above 0 to 1) or
    burdened (below 0)."""

    effort: float = 0.0
    effect: float = 0.0


@dataclass(frozen=True)
class ItemParts:
    item: BacklogItem
    themes: dict[uuid.UUID, float]  # share of each that it solves
    departments: dict[str, Work]  # by key
    needs: list[uuid.UUID]


def shown(item: BacklogItem) -> str:
    return f"B-{item.number:04d}"


def create(
    session: Session,
    title: str,
    themes: Mapping[uuid.UUID, float],
    author: Author = SOMEONE,
    **fields: Any,
) -> BacklogItem:
    """A new item of one or more themes; ``fields`` as in change().

    Raises NotFoundError for unknown themes, departments or items, InvalidInputError."""
    if not themes:
        raise InvalidInputError("an item needs a theme; give one", [("themes", "give one")])
    item = BacklogItem(number=next_number(session, BacklogItem.number), title=title)
    session.add(item)
    session.flush()
    _set_themes(session, item, themes)
    note(session, item.id, "created", author, title=title, themes=list(themes))
    if fields:
        change(session, item.id, author, **fields)
    return item


def change(
    session: Session, item_id: uuid.UUID, author: Author = SOMEONE, **fields: Any
) -> BacklogItem:
    """Change an item: title, problem, horizon, quarter, cost, goals, hypothesis_id, tracker_url,
    themes {id: share}, departments {key: Work}, needs [id]."""
    item = held(session, BacklogItem, item_id, "backlog item")
    if fields.get("quarter") is not None and not QUARTER.fullmatch(fields["quarter"]):
        reason = f"{fields['quarter']!r} is not a quarter; write it as 2026Q4"
        raise InvalidInputError(f"quarter: {reason}", [("quarter", reason)])
    if fields.get("hypothesis_id") is not None:
        get(session, Hypothesis, fields["hypothesis_id"], "hypothesis")
    told: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "themes":
            _set_themes(session, item, value)
        elif name == "departments":
            _set_departments(session, item, value)
            value = {key: [work.effort, work.effect] for key, work in value.items()}  # noqa: PLW2901
        elif name == "needs":
            _set_needs(session, item, value)
        else:
            setattr(item, name, value)
        told[name] = value.value if isinstance(value, Horizon) else value
    item.updated_at = now()
    note(session, item.id, "changed", author, **told)
    return item


def move(
    session: Session, item_id: uuid.UUID, state: ItemState, author: Author = SOMEONE
) -> BacklogItem:
    """The next state of work. Raises ConflictError for a step that does not lead from here, and
    for one that only a decision makes."""
    item = held(session, BacklogItem, item_id, "backlog item")
    allowed = MOVES.get(item.state, ())
    if state not in allowed:
        ways = allowed or says("nothing but a decision")
        raise ConflictError(
            says(
                "%(item)s is %(state)s: it can't become %(to)s; from here leads %(ways)s",
                item=shown(item),
                state=item.state,
                to=state,
                ways=ways,
            )
        )
    put(session, item, state, author)
    return item


def put(session: Session, item: BacklogItem, state: ItemState, author: Author) -> None:
    """Set the state, with its line of audit, unasked."""
    before, item.state, item.updated_at = item.state, state, now()
    if state is ItemState.SHIPPED:
        item.shipped_at = item.updated_at
    note(session, item.id, "moved", author, before=before.value, after=state.value)


def advance(
    session: Session, item_id: uuid.UUID, stage: Stage, author: Author = SOMEONE
) -> BacklogItem:
    """To the next of the five stages, or back to any. Raises ConflictError for a leap ahead."""
    item = held(session, BacklogItem, item_id, "backlog item")
    if STAGES.index(stage) > STAGES.index(item.stage) + 1:
        following = STAGES[STAGES.index(item.stage) + 1]
        raise ConflictError(
            says(
                "%(item)s is at %(stage)s: %(first)s comes before %(to)s",
                item=shown(item),
                stage=item.stage,
                first=following,
                to=stage,
            )
        )
    before, item.stage, item.updated_at = item.stage, stage, now()
    note(session, item.id, "stage", author, before=before.value, after=stage.value)
    return item


def one(session: Session, item_id: uuid.UUID) -> ItemParts:
    """Raises NotFoundError."""
    return parts(session, [get(session, BacklogItem, item_id, "backlog item")])[0]


def listed(
    session: Session, *, state: ItemState | None = None, theme_id: uuid.UUID | None = None
) -> list[BacklogItem]:
    """The newest first; ``theme_id``: those of that theme, or of one that is part of it."""
    query = select(BacklogItem).order_by(col(BacklogItem.number).desc())
    if state is not None:
        query = query.where(BacklogItem.state == state)
    if theme_id is not None:
        own = select(ItemTheme.item_id).where(ItemTheme.theme_id == theme_id)
        today = item_themes()
        of = select(today.c.item_id).where(today.c.theme_id == theme_id)
        query = query.where(col(BacklogItem.id).in_(own) | col(BacklogItem.id).in_(of))
    return list(session.exec(query))


def parts(session: Session, items: Sequence[BacklogItem]) -> list[ItemParts]:
    """Items with what belongs to them, in three queries however many they are."""
    found = {item.id: ItemParts(item, {}, {}, []) for item in items}
    # Whole tables are read: a backlog has hundreds of rows, and ids in SQL are limited.
    for item, theme, share in session.execute(rows_of(item_themes())):
        if item in found:
            found[item].themes[theme] = share
    rows = select(
        ItemDepartment.item_id, Department.key, ItemDepartment.effort, ItemDepartment.effect
    ).join(Department, col(Department.id) == col(ItemDepartment.department_id))
    for item, key, effort, effect in session.exec(rows.order_by(Department.key)):
        if item in found:
            found[item].departments[key] = Work(effort, effect)
    for item, need in session.exec(select(ItemDependency.item_id, ItemDependency.needs_id)):
        if item in found:
            found[item].needs.append(need)
    return list(found.values())


def departments(session: Session, keys: Sequence[str]) -> dict[str, uuid.UUID]:
    """Ids of departments by key. Raises InvalidInputError that names the unknown ones."""
    known = {each.key: each.id for each in session.exec(select(Department))}
    strange = [key for key in keys if key not in known]
    if strange:
        reason = f"{strange[0]} does not exist; there are {', '.join(sorted(known)) or 'none'}"
        raise InvalidInputError(f"department {reason}", [("departments", reason)])
    return {key: known[key] for key in keys}


def _set_themes(session: Session, item: BacklogItem, themes: Mapping[uuid.UUID, float]) -> None:
    for theme_id, share in themes.items():
        get(session, Theme, theme_id, "theme")
        if not 0 < share <= 1:
            reason = f"share {share} is outside 0 … 1"
            raise InvalidInputError(f"themes: {reason}", [("themes", reason)])
    links, merged, own = item_themes(), merged_themes(), col(ItemTheme.theme_id)
    present = rows_of(links.c.theme_id, links.c.share).where(links.c.item_id == item.id)
    kept = {theme for theme, share in session.execute(present) if themes.get(theme) == share}
    # What is kept may be kept through a merge: its rows must still be there when that is undone.
    parts_of = rows_of(merged.c.gone).where(merged.c.today.in_(kept))
    stays = own.in_(kept) | (own.in_(parts_of) & own.not_in(list(themes)))
    session.exec(delete(ItemTheme).where(col(ItemTheme.item_id) == item.id, ~stays))
    session.add_all(
        ItemTheme(item_id=item.id, theme_id=theme, share=share)
        for theme, share in themes.items()
        if theme not in kept
    )
    session.flush()


def _set_departments(session: Session, item: BacklogItem, work: Mapping[str, Work]) -> None:
    ids = departments(session, list(work))
    session.exec(delete(ItemDepartment).where(col(ItemDepartment.item_id) == item.id))
    session.add_all(
        ItemDepartment(item_id=item.id, department_id=ids[k], effort=w.effort, effect=w.effect)
        for k, w in work.items()
    )
    session.flush()


def _set_needs(session: Session, item: BacklogItem, needs: Sequence[uuid.UUID]) -> None:
    for needed in needs:
        get(session, BacklogItem, needed, "backlog item")
    edges: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row in session.exec(select(ItemDependency).where(ItemDependency.item_id != item.id)):
        edges.setdefault(row.item_id, []).append(row.needs_id)
    reached, open_ = set(needs), list(needs)
    while open_:
        for further in edges.get(open_.pop(), []):
            if further not in reached:
                reached.add(further)
                open_.append(further)
    if item.id in reached:
        reason = f"{shown(item)} would need itself in the end; leave one of them out"
        raise InvalidInputError(f"needs: {reason}", [("needs", reason)])
    session.exec(delete(ItemDependency).where(col(ItemDependency.item_id) == item.id))
    session.add_all(ItemDependency(item_id=item.id, needs_id=n) for n in dict.fromkeys(needs))
    session.flush()

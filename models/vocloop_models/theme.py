from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Subquery, select
from sqlalchemy.orm import aliased
from sqlmodel import Field, col

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class ThemeState(StrEnum):
    """The first three are the runs' to give, the others are people's."""

    ACTIVE = "active"
    FADED = "faded"  # the last run did not find it; it keeps the statements no other theme took
    RETIRED = "retired"  # not found for several runs, or without any statement left
    ARCHIVED = "archived"  # put away, still known: its statements do not come back as a new theme
    MERGED = "merged"  # one with the theme that Theme.merged_into names
    DISMISSED = "dismissed"  # "not a theme": its statements make no theme again


# What is ranked and scored; an archived theme is listed on demand.
SHOWN_STATES = (ThemeState.ACTIVE, ThemeState.FADED)
# Themes that a run may find again and that people may put statements into.
KNOWN_STATES = (*SHOWN_STATES, ThemeState.ARCHIVED)


class ValueLayer(StrEnum):
    """Layers of customer value that a theme may hurt, in the order in which they are thought of."""

    CONNECTED = "connected"
    EXPERIENCE = "experience"
    FUNCTIONAL = "functional"


class ThemeEventKind(StrEnum):
    """What a run, or a person, did to a theme."""

    BORN = "born"
    CONTINUED = "continued"  # the same theme, though a good part of its statements changed
    GREW = "grew"
    SPLIT = "split"  # detail: "into", or "from" which theme
    MERGED = "merged"  # detail: "into", or "from" which theme
    FADED = "faded"
    REVIVED = "revived"
    RETIRED = "retired"
    RENAMED = "renamed"
    MOVED = "moved"  # statements put in or taken out by a person
    PINNED = "pinned"
    ARCHIVED = "archived"
    DISMISSED = "dismissed"
    DIFFERENT = "different"
    LAYERED = "layered"
    UNDONE = "undone"  # detail: "kind" of the fact


class Theme(Record, table=True):
    """A problem, wish or praise that many customers share. Its id outlives every run."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True, description="Counted up from 1; shown as T-0147")
    title_ja: str | None = Field(default=None, max_length=300)
    title_en: str | None = Field(default=None, max_length=300)
    fixed_ja: bool = Field(default=False, description="A person gave this title")
    fixed_en: bool = Field(default=False, description="A person gave this title")
    suggested_title_ja: str | None = Field(default=None, max_length=300)
    suggested_title_en: str | None = Field(default=None, max_length=300)
    keywords_ja: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    keywords_en: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    titled_for_ja: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False),
        description="The keywords when the title was given: what drift is measured from",
    )
    titled_for_en: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    summary_ja: str | None = Field(default=None, description="Only a language model writes one")
    summary_en: str | None = Field(default=None, description="Only a language model writes one")
    written_ja: bool = Field(default=False, description="A language model wrote title_ja")
    written_en: bool = Field(default=False, description="A language model wrote title_en")
    wording: str | None = Field(
        default=None, max_length=64, description="Digest of the Wording that it has"
    )
    state: ThemeState = Field(default=ThemeState.ACTIVE, sa_type=words(ThemeState), index=True)
    # No foreign key: SQLite can't add one to a table that has rows. Themes are never deleted.
    merged_into: uuid.UUID | None = Field(default=None, description="When state is merged")
    # No foreign key, like merged_into.
    area_id: uuid.UUID | None = Field(
        default=None, index=True, description="Its Area; None until a run has seen it"
    )
    pinned: bool = False
    layer: ValueLayer | None = Field(default=None, sa_type=words(ValueLayer))
    missed_runs: int = Field(default=0, description="Runs in succession that did not find it")
    scored_on: dt.date | None = Field(default=None, description="Day of the newest ThemeScore")
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ThemeEvent(Record, table=True):
    """One line of a theme's history of identity. Themes in ``detail`` are ids as text."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    theme_id: uuid.UUID = Field(foreign_key="theme.id", index=True)
    run_id: uuid.UUID | None = Field(default=None, foreign_key="clusterrun.id", index=True)
    kind: ThemeEventKind = Field(sa_type=words(ThemeEventKind))
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


def merged_themes() -> Subquery:
    """Columns ``gone`` and ``today``: of each theme that was merged the one that it is part of,
    through however many merges."""
    further = aliased(Theme)
    steps = (
        select(col(Theme.id).label("gone"), col(Theme.merged_into).label("today"))
        .where(col(Theme.state) == ThemeState.MERGED)
        .cte("steps", recursive=True)
    )
    steps = steps.union_all(
        select(steps.c.gone, col(further.merged_into))
        .join(further, col(further.id) == steps.c.today)
        .where(col(further.state) == ThemeState.MERGED)
    )
    return (
        select(steps.c.gone, steps.c.today)
        .join(Theme, col(Theme.id) == steps.c.today)
        .where(col(Theme.state) != ThemeState.MERGED)
        .subquery("merged")
    )

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class ThemeState(StrEnum):
    ACTIVE = "active"
    FADED = "faded"
    ARCHIVED = "archived"


class ThemeEventKind(StrEnum):
    """What a run, or a person, did to a theme."""

    BORN = "born"
    CONTINUED = "continued"
    GREW = "grew"
    FADED = "faded"
    REVIVED = "revived"


class Theme(Record, table=True):
    """A problem, wish or praise that many customers share. Its id outlives every run."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True, description="Counted up from 1; shown as T-0147")
    title_ja: str | None = Field(default=None, max_length=300)
    title_en: str | None = Field(default=None, max_length=300)
    keywords_ja: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    keywords_en: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: ThemeState = Field(default=ThemeState.ACTIVE, sa_type=words(ThemeState), index=True)
    scored_on: dt.date | None = Field(default=None, description="Day of the newest ThemeScore")
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ThemeEvent(Record, table=True):
    """One line of a theme's history of identity."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    theme_id: uuid.UUID = Field(foreign_key="theme.id", index=True)
    run_id: uuid.UUID | None = Field(default=None, foreign_key="clusterrun.id", index=True)
    kind: ThemeEventKind = Field(sa_type=words(ThemeEventKind))
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)

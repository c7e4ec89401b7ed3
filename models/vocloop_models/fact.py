from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words
from vocloop_models.theme import ValueLayer


class FactKind(StrEnum):
    """What people say of themes. ``theme_id`` and ``other_id`` of a ThemeFact mean:"""

    RENAME = "rename"  # theme, –; with language and title
    MERGE = "merge"  # theme that goes, theme that stays
    SPLIT = "split"  # theme they leave, new theme of the statements
    MOVE = "move"  # theme the statement joins (None: unassigned), –
    PIN = "pin"  # theme, –
    ARCHIVE = "archive"  # theme, –
    NOT_A_THEME = "not_a_theme"  # theme, –
    DIFFERENT = "different"  # the two themes
    LAYER = "layer"  # theme, –; with layer


class ThemeFact(Record, table=True):
    """An edit of themes by a person. It holds for every later run, until it is undone.

    A newer fact that says otherwise overrules it for as long as that one stands."""

    __tablename__ = "themefact"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: FactKind = Field(sa_type=words(FactKind))
    theme_id: uuid.UUID | None = Field(default=None, foreign_key="theme.id", index=True)
    other_id: uuid.UUID | None = Field(default=None, foreign_key="theme.id", index=True)
    language: str | None = Field(default=None, max_length=8)
    title: str | None = Field(default=None, max_length=300)
    layer: ValueLayer | None = Field(default=None, sa_type=words(ValueLayer))
    note: str | None = Field(default=None, max_length=2000)
    by: str | None = Field(default=None, max_length=200)
    automatic: bool = Field(
        default=False, description="What vocloop did by itself or by undoing: it binds no run"
    )
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    overruled_by: uuid.UUID | None = Field(default=None, foreign_key="themefact.id", index=True)
    undone_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by: str | None = Field(default=None, max_length=200)


class FactStatement(Record, table=True):
    """A statement whose theme a fact decides, and the theme it had before."""

    __tablename__ = "factstatement"

    fact_id: uuid.UUID = Field(foreign_key="themefact.id", primary_key=True)
    # A statement that is erased takes its part in facts with it.
    statement_id: uuid.UUID = Field(
        foreign_key="statement.id", primary_key=True, index=True, ondelete="CASCADE"
    )
    before_id: uuid.UUID | None = Field(default=None, foreign_key="theme.id")

"""What people send and read of edits to themes: facts, conflicts, proposals."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.themes.facts import MOST_TITLE
from vocloop.themes.record import MOST_NOTE, Author
from vocloop_api.schemas import NEXT_CURSOR, WITHOUT_NUL, Answer
from vocloop_api.signed_by import By
from vocloop_models import FactKind, ProposalKind, ProposalState, ValueLayer

# One transaction each; more rows would keep other writers of SQLite waiting.
MOST_AT_ONCE = 1_000

Title = Annotated[str, StringConstraints(max_length=MOST_TITLE, pattern=WITHOUT_NUL)]
Statements = Annotated[
    list[uuid.UUID],
    Field(min_length=1, max_length=MOST_AT_ONCE, description="`statement_id` of its quotes"),
]
Ids = Annotated[list[uuid.UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Edit(BaseModel):
    """Who says so and why, kept with the fact."""

    model_config = ConfigDict(extra="forbid")

    by: By = None
    note: Annotated[str, StringConstraints(max_length=MOST_NOTE, pattern=WITHOUT_NUL)] | None = None

    def author(self) -> Author:
        return Author(self.by, self.note)


class Titles(Edit):
    title_ja: Title | None = Field(default=None, examples=["シフトの交代に店長の承認が要る"])
    title_en: Title | None = Field(
        default=None, examples=["Shift swaps need the manager's approval"]
    )

    def given(self) -> dict[str, str]:
        both = {"ja": self.title_ja, "en": self.title_en}
        return {language: title for language, title in both.items() if title is not None}


class MergeEdit(Edit):
    into: uuid.UUID = Field(description="The theme that stays")


class SplitEdit(Titles):
    statements: Statements


class MoveEdit(Edit):
    statements: Statements
    theme_id: uuid.UUID | None = Field(description="null: of no theme")


class DifferentEdit(Edit):
    other: uuid.UUID


class LayerEdit(Edit):
    layer: ValueLayer | None = Field(description="null: none of them")


class SuggestedEdit(Edit):
    languages: list[Annotated[str, StringConstraints(pattern="^(ja|en)$")]] = Field(
        default=["ja", "en"], min_length=1, description="Those without a suggestion are refused"
    )


class UndoEdit(Edit):
    facts: Ids


class ProposalsEdit(Edit):
    proposals: Ids


class FactRow(Answer):
    id: uuid.UUID
    kind: FactKind
    theme_id: uuid.UUID | None = Field(description="Of a move to no theme: null")
    other_id: uuid.UUID | None = Field(
        description="Of a merge the theme that stays, of a split the new one"
    )
    language: str | None
    title: str | None
    layer: ValueLayer | None
    note: str | None
    by: str | None
    automatic: bool = Field(description="What vocloop did by itself or by undoing: it binds no run")
    at: dt.datetime
    overruled_by: uuid.UUID | None = Field(description="A newer fact that says otherwise")
    undone_at: dt.datetime | None
    undone_by: str | None


class FactRows(Answer):
    rows: list[FactRow] = Field(description="Newest first")
    next_cursor: str | None = Field(description=NEXT_CURSOR)


class UndoneRow(Answer):
    fact: FactRow
    remarks: list[str] = Field(description="What did not go back to what it was, and why")


class ConflictRow(Answer):
    """Two facts that can't both hold. The newer one wins while it stands."""

    older: FactRow
    newer: FactRow
    reason: str


class ProposalRow(Answer):
    id: uuid.UUID
    kind: ProposalKind
    theme_id: uuid.UUID = Field(description="Of a merge the theme that would stay")
    other_id: uuid.UUID | None = Field(description="Of a merge the theme that would go")
    statements: list[uuid.UUID] = Field(description="Of a split: those that would leave")
    strength: float
    state: ProposalState
    fact_id: uuid.UUID | None = Field(description="The edit that accepting it made")
    created_at: dt.datetime
    updated_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None


class OutcomeRow(Answer):
    proposal_id: uuid.UUID
    fact: FactRow | None
    refused: str | None = Field(description="Why nothing was done; null when it was")

"""What people send and read of hypotheses."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field, StringConstraints

from vocloop.roadmap.hypotheses import HypothesisParts, Words
from vocloop_api.roadmap_schemas import Line, Word
from vocloop_api.schemas import WITHOUT_NUL, Answer
from vocloop_models import HypothesisState, Side


class HypothesisEdit(Word):
    segment: Annotated[str, StringConstraints(max_length=500, pattern=WITHOUT_NUL)]
    job: Line
    cause: Line

    def words(self) -> Words:
        return Words(self.segment, self.job, self.cause)


class HypothesisIn(HypothesisEdit):
    theme_id: uuid.UUID


class EvidenceIn(Word):
    statement_id: uuid.UUID
    side: Side | None = Field(description="null: it says nothing of it any more")


class SettleIn(Word):
    state: HypothesisState


class VersionRow(Answer):
    version: int
    segment: str
    job: str
    cause: str
    by: str | None
    at: dt.datetime


class EvidenceRow(Answer):
    statement_id: uuid.UUID
    side: Side
    version: int
    by: str | None
    at: dt.datetime


class HypothesisRow(Answer):
    id: uuid.UUID
    theme_id: uuid.UUID
    state: HypothesisState
    evidence_for: int
    evidence_against: int
    versions: list[VersionRow] = Field(description="Newest first")
    evidence: list[EvidenceRow]

    @classmethod
    def of(cls, parts: HypothesisParts) -> HypothesisRow:
        return cls(
            id=parts.hypothesis.id,
            theme_id=parts.hypothesis.theme_id,
            state=parts.hypothesis.state,
            evidence_for=parts.count(Side.FOR),
            evidence_against=parts.count(Side.AGAINST),
            versions=[VersionRow.model_validate(each) for each in parts.versions],
            evidence=[EvidenceRow.model_validate(each) for each in parts.evidence],
        )

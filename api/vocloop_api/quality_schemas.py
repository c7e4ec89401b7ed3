"""What the API answers with on the tree of themes, minority voices and quality."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import BaseModel, ConfigDict, Field

from vocloop.themes.areas import AreaBranch
from vocloop.themes.spot_checks import Accuracy, OpenCheck
from vocloop.themes.standing import Standing
from vocloop_api.schemas import NEXT_CURSOR, Answer, AreaName, QuoteRow, ThemeName
from vocloop_api.signed_by import By


class AreaTheme(ThemeName):
    statements: int


class AreaRow(AreaName):
    statements: int
    themes: list[AreaTheme] = Field(description="Largest first")

    @classmethod
    def of(cls, branch: AreaBranch) -> AreaRow:
        name = AreaName.model_validate(branch.area)
        themes = [
            AreaTheme(**ThemeName.model_validate(theme).model_dump(), statements=n)
            for theme, n in branch.themes
        ]
        return cls(**name.model_dump(), statements=branch.statements, themes=themes)


class AreaRows(Answer):
    rows: list[AreaRow] = Field(description="The one with most statements first")


class MinorityRow(Answer):
    """Statements of no theme that say the same, or a single one."""

    group_id: uuid.UUID | None = Field(description="null for a single statement")
    customers: int = Field(description="Distinct companies, known ones only")
    voices: list[QuoteRow]


class MinorityRows(Answer):
    rows: list[MinorityRow]
    groups: int = Field(description="That pass the filter, on all pages")
    next_cursor: str | None = Field(description=NEXT_CURSOR)


class RunFigures(Answer):
    """Shares in 0 … 1; null where the run could not tell."""

    run_id: uuid.UUID
    finished_at: dt.datetime | None
    statements: int
    themes: int
    unassigned: float
    stability: float | None = Field(
        description="Mean share of resampled partitions that keep neighbours of a theme together"
    )
    separation: float | None = Field(
        description="Mean share of statements' neighbours that are of their theme"
    )
    mixed: float | None = Field(description="Share of themes that hold both main languages")
    languages: dict[str, int] = Field(description="Statements in each language")


class ThemeFigures(ThemeName):
    statements: int
    stability: float | None
    separation: float | None


class NearThemes(Answer):
    theme: ThemeName
    other: ThemeName
    nearness: float = Field(description="Cosine of their middles")


class DialPoint(Answer):
    unassigned: float
    confidence: float = Field(description="Mean confidence of what stays in its theme")


class DialFigures(Answer):
    asked: float | None = Field(description="VOCLOOP_UNASSIGNED_SHARE; null: as found")
    found: float
    reached: float
    curve: list[DialPoint]


class AccuracyRow(Answer):
    month: dt.date
    drawn: int
    checked: int
    right: int
    value: float | None = Field(description="right ÷ checked; null before the first check")
    low: float = Field(description="Of the 90 % interval (Wilson 1927)")
    high: float


class QualityAnswer(Answer):
    runs: list[RunFigures] = Field(description="Newest first")
    themes: list[ThemeFigures] = Field(description="The least stable first")
    near_duplicates: list[NearThemes] = Field(description="Pairs that are perhaps one")
    dial: DialFigures | None
    accuracy: list[AccuracyRow] = Field(description="Of spot checks by month, newest first")

    @classmethod
    def of(cls, standing: Standing, accuracy: list[Accuracy]) -> QualityAnswer:
        dial = standing.dial
        return cls(
            runs=[RunFigures.model_validate(run) for run in standing.runs],
            themes=[
                ThemeFigures(
                    **ThemeName.model_validate(row.theme).model_dump(),
                    statements=row.statements,
                    stability=row.stability,
                    separation=row.separation,
                )
                for row in standing.themes
            ],
            near_duplicates=[NearThemes.model_validate(pair) for pair in standing.near_duplicates],
            dial=DialFigures(
                asked=dial.asked,
                found=dial.found,
                reached=dial.reached,
                curve=[DialPoint(unassigned=s, confidence=c) for s, c in dial.curve],
            )
            if dial
            else None,
            accuracy=[AccuracyRow.model_validate(row) for row in accuracy],
        )


class CheckRow(Answer):
    id: uuid.UUID
    statement_id: uuid.UUID
    text: str
    language: str
    theme: ThemeName

    @classmethod
    def of(cls, check: OpenCheck) -> CheckRow:
        return cls.model_validate(check)


class CheckRows(Answer):
    rows: list[CheckRow] = Field(description="Memberships of this month that nobody has checked")


class MarkIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    right: bool | None = Field(description="Does the statement belong to that theme? null: unsaid")
    by: By = None


class MarkAnswer(Answer):
    id: uuid.UUID
    statement_id: uuid.UUID
    theme_id: uuid.UUID
    right: bool | None
    by: str | None
    at: dt.datetime | None

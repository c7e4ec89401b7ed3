"""What the API answers with. Times are UTC, ids UUIDs; nothing is left out, unknown is null."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vocloop.themes.query import RankedTheme, ThemeDetail
from vocloop_api.errors import ProblemReason
from vocloop_models import (
    Channel,
    FeedbackState,
    JobKind,
    JobState,
    LongevityKind,
    Priority,
    RatingScale,
    Theme,
    ThemeEventKind,
    ThemeScore,
    ThemeState,
    ValueLayer,
)

# Of text that is given: PostgreSQL takes no NUL, not even to compare with.
WITHOUT_NUL = r"^[^\x00]*$"
NEXT_CURSOR = "Give it back as `cursor` for the next page; null on the last one"


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class Interval(Answer):
    """A number in 0 … 1 with its 90 % interval."""

    value: float
    low: float
    high: float


class LongevityInterval(Interval):
    kind: LongevityKind | None


class Scores(Answer):
    """A theme's scores on one day (METHOD.md 4.1)."""

    day: dt.date
    impact: Interval
    generality: Interval
    longevity: LongevityInterval
    severity: Interval
    statements: int
    customers: int
    languages: dict[str, int] = Field(description="Statements in each language")
    weeks: list[int] = Field(
        description="Distinct customers in each of the last 26 weeks, oldest first"
    )

    @classmethod
    def of(cls, score: ThemeScore) -> Scores:
        return cls(
            day=score.day,
            impact=_interval(score, "impact"),
            generality=_interval(score, "generality"),
            longevity=LongevityInterval(
                **_interval(score, "longevity").model_dump(), kind=score.longevity_kind
            ),
            severity=_interval(score, "severity"),
            statements=score.statements,
            customers=score.customers,
            languages=score.languages,
            weeks=score.weeks,
        )


class ThemeName(Answer):
    id: uuid.UUID
    number: int = Field(description="Shown to people as T-0147", examples=[147])
    title_ja: str | None = Field(examples=["シフトの交代に店長の承認が要る"])
    title_en: str | None = Field(examples=["Shift swaps need the manager's approval"])


class ThemeSummary(ThemeName):
    keywords_ja: list[str] = Field(examples=[["シフト", "交代", "承認"]])
    keywords_en: list[str] = Field(examples=[["shift", "swap", "approval"]])
    state: ThemeState
    area_id: uuid.UUID | None = Field(description="Null until a run has seen it")
    pinned: bool = Field(description="A person said that no run may let it fade or merge")
    layer: ValueLayer | None = Field(description="Of customer value, that a person says it hurts")
    fixed_ja: bool = Field(description="A person gave title_ja; no run changes it")
    fixed_en: bool = Field(description="A person gave title_en; no run changes it")
    suggested_title_ja: str | None = Field(description="What its words speak of by now")
    suggested_title_en: str | None = Field(description="What its words speak of by now")
    written_ja: bool = Field(description="A language model wrote title_ja")
    written_en: bool = Field(description="A language model wrote title_en")
    summary_ja: str | None = Field(description="Always written by a language model")
    summary_en: str | None = Field(description="Always written by a language model")


class ThemeRow(ThemeSummary):
    rank: int = Field(description="1 is first; counted over all rows that the filter lets pass")
    scores: Scores

    @classmethod
    def of(cls, row: RankedTheme) -> ThemeRow:
        summary = ThemeSummary.model_validate(row.theme)
        return cls(**summary.model_dump(), rank=row.rank, scores=Scores.of(row.score))


class ThemeRows(Answer):
    rows: list[ThemeRow]
    total: int
    too_few: int = Field(description="Left out only because fewer than min_customers say them")
    next_cursor: str | None = Field(description=NEXT_CURSOR)


class TimelineMonth(Answer):
    month: dt.date = Field(description="Its first day")
    customers: int
    statements: int


class IdentityEvent(Answer):
    kind: ThemeEventKind
    at: dt.datetime
    run_id: uuid.UUID | None
    detail: dict[str, Any]


class AreaName(Answer):
    id: uuid.UUID
    title_ja: str | None = Field(examples=["シフト・承認・店長"])
    title_en: str | None = Field(examples=["shift, approval, manager"])


class SubTheme(Answer):
    statements: int
    languages: dict[str, int]
    statement_id: uuid.UUID = Field(description="The most typical one")
    text: str
    language: str


class ThemePage(ThemeSummary):
    """One theme with all that its numbers were made of."""

    part_of: ThemeName | None = Field(description="Of a merged theme: the one it is part of today")
    rank: int | None = Field(description="By impact; null while too few customers say it")
    ranked: int = Field(description="How many themes are ranked")
    scores: Scores | None
    evidence: dict[str, Any] = Field(description="What each score was made of, with ids")
    area: AreaName | None
    parts: list[SubTheme] = Field(description="Sub-themes, largest first; none if of one piece")
    timeline: list[TimelineMonth] = Field(description="Without gaps, oldest first")
    events: list[IdentityEvent] = Field(description="Newest first")
    created_at: dt.datetime
    updated_at: dt.datetime

    @classmethod
    def of(cls, detail: ThemeDetail) -> ThemePage:
        theme: Theme = detail.theme
        summary = ThemeSummary.model_validate(theme)
        return cls(
            **summary.model_dump(),
            part_of=ThemeName.model_validate(detail.part_of) if detail.part_of else None,
            rank=detail.rank,
            ranked=detail.ranked,
            scores=Scores.of(detail.score) if detail.score else None,
            evidence=detail.score.evidence if detail.score else {},
            area=AreaName.model_validate(detail.area) if detail.area else None,
            parts=[SubTheme.model_validate(part) for part in detail.parts],
            timeline=[TimelineMonth.model_validate(month) for month in detail.timeline],
            events=[IdentityEvent.model_validate(event) for event in detail.events],
            created_at=theme.created_at,
            updated_at=theme.updated_at,
        )


class QuoteRow(Answer):
    """A customer's own words."""

    statement_id: uuid.UUID
    feedback_id: uuid.UUID
    text: str = Field(examples=["シフトを代わってもらうたびに店長の承認が要り、夜は困ります。"])
    language: str = Field(examples=["ja", "en"])
    said_at: dt.datetime | None
    channel: Channel
    customer_id: uuid.UUID | None
    customer_name: str | None
    confidence: float
    central: bool = Field(description="One of the theme's representative quotes")


class QuoteRows(Answer):
    rows: list[QuoteRow]
    total: int
    next_cursor: str | None = Field(description=NEXT_CURSOR)


class TotalsAnswer(Answer):
    """What the ranking was made of."""

    customers: int
    statements: int
    themes: int
    unassigned: int = Field(description="Statements that belong to no theme")
    pending: int = Field(description="Feedback that is not themed yet")
    first_said: dt.datetime | None
    last_said: dt.datetime | None


class CustomerName(Answer):
    id: uuid.UUID
    external_id: str | None
    name: str = Field(examples=["株式会社みなも", "Minamo Inc."])


class FeedbackRow(Answer):
    id: uuid.UUID
    source: str
    external_id: str
    channel: Channel
    customer: CustomerName | None
    contact_id: uuid.UUID | None
    said_at: dt.datetime | None
    received_at: dt.datetime
    title: str | None
    text: str
    language: str
    rating: float | None
    rating_scale: RatingScale | None
    priority: Priority | None
    severity_mark: int | None
    submitted_by: str | None
    tags: list[str]
    product: str | None
    url: str | None = Field(description="Where the source shows it")
    state: FeedbackState = Field(description="received, then encoded, then themed")


class FeedbackRows(Answer):
    rows: list[FeedbackRow] = Field(description="Newest first")
    next_cursor: str | None = Field(description=NEXT_CURSOR)


class StatementTheme(ThemeName):
    confidence: float
    central: bool


class StatementRow(Answer):
    id: uuid.UUID
    position: int
    text: str
    language: str
    theme: StatementTheme | None


class FeedbackDetail(FeedbackRow):
    statements: list[StatementRow]


class StoredAnswer(Answer):
    id: uuid.UUID
    outcome: Literal["stored", "repeated"]


class BatchRow(Answer):
    index: int = Field(description="Of the row that was sent, from 0")
    outcome: Literal["stored", "repeated", "refused"]
    id: uuid.UUID | None = Field(description="null when refused")
    problems: list[ProblemReason]


class BatchAnswer(Answer):
    stored: int
    repeated: int
    refused: int
    rows: list[BatchRow]


class JobAnswer(Answer):
    id: uuid.UUID
    kind: JobKind
    state: JobState
    stage: str | None
    done: int
    total: int
    attempts: int
    error: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None


class HealthAnswer(Answer):
    database: Literal["sqlite", "postgresql"]
    revision: str = Field(description="Of the database's schema, the one this version needs")
    pending: int = Field(description="Feedback that is not themed yet")


def _interval(score: ThemeScore, name: str) -> Interval:
    return Interval(
        value=getattr(score, name),
        low=getattr(score, f"{name}_low"),
        high=getattr(score, f"{name}_high"),
    )

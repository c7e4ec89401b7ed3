"""Rows of search, of the map of themes, and of saved views."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import Field

from vocloop.themes.places import Placed
from vocloop.themes.saved_views import MOST_NAME, MOST_QUERY
from vocloop.themes.search import FoundStatement, FoundTheme
from vocloop_api.notify_schemas import Name, Sent
from vocloop_api.schemas import WITHOUT_NUL, Answer, AreaName, ThemeName
from vocloop_models import Channel

LIKENESS = "1: it has all the words; below: the share of them that is there"


class FoundThemeRow(ThemeName):
    likeness: float = Field(description=LIKENESS)

    @classmethod
    def found(cls, row: FoundTheme) -> FoundThemeRow:
        return cls(**ThemeName.model_validate(row.theme).model_dump(), likeness=row.likeness)


class FoundStatementRow(Answer):
    id: uuid.UUID
    feedback_id: uuid.UUID
    text: str
    language: str
    said_at: dt.datetime | None
    channel: Channel
    customer: str | None = Field(description="Name of the company, when it is known")
    theme: ThemeName | None
    likeness: float = Field(description=LIKENESS)

    @classmethod
    def found(cls, row: FoundStatement) -> FoundStatementRow:
        said = row.statement
        return cls(
            id=said.id,
            feedback_id=said.feedback_id,
            text=said.text,
            language=said.language,
            said_at=row.said_at,
            channel=row.channel,
            customer=row.customer,
            theme=ThemeName.model_validate(row.theme) if row.theme else None,
            likeness=row.likeness,
        )


class SearchAnswer(Answer):
    themes: list[FoundThemeRow] = Field(description="The likest first")
    statements: list[FoundStatementRow] = Field(description="The likest first, then the newest")


class PlaceRow(ThemeName):
    area: AreaName | None
    x: float = Field(description="0 … 1; distances tell of likeness, directions of nothing")
    y: float
    impact: float | None
    customers: int | None

    @classmethod
    def of(cls, row: Placed) -> PlaceRow:
        return cls(
            **ThemeName.model_validate(row.theme).model_dump(),
            area=AreaName.model_validate(row.area) if row.area else None,
            x=row.x,
            y=row.y,
            impact=row.impact,
            customers=row.customers,
        )


class MapAnswer(Answer):
    rows: list[PlaceRow] = Field(description="By number; empty until a run drew the map")


class ViewIn(Sent):
    page: str = Field(max_length=100, pattern=r"^(/[a-z-]+)+$", examples=["/themes"])
    name: str = Field(
        min_length=1, max_length=MOST_NAME, pattern=WITHOUT_NUL, examples=["医療、最近90日"]
    )
    query: str = Field(
        max_length=MOST_QUERY,
        pattern=WITHOUT_NUL,
        description="As in the address, without its question mark",
        examples=["segment=industry:医療&sort=severity"],
    )
    by: Name | None = None


class ViewRow(Answer):
    id: uuid.UUID
    page: str
    name: str
    query: str
    by: str | None
    created_at: dt.datetime

"""What everything sent about the roadmap shares: kinds of text and number, who says so and why."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.roadmap.audit import Author
from vocloop_api.schemas import WITHOUT_NUL
from vocloop_api.signed_by import By

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=WITHOUT_NUL)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=WITHOUT_NUL)]
Line = Annotated[str, StringConstraints(max_length=2_000, pattern=WITHOUT_NUL)]
Prose = Annotated[str, StringConstraints(max_length=4_000, pattern=WITHOUT_NUL)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Rating = Annotated[int, Field(ge=1, le=5)]
MOST_ITEMS = 1_000


class Word(BaseModel):
    """Who says so and why, kept in the line of audit."""

    model_config = ConfigDict(extra="forbid")

    by: By = None
    note: Line | None = None

    def author(self) -> Author:
        return Author(self.by, self.note)

    def given(self) -> dict[str, Any]:
        """What was sent besides, so that what was left out stays as it is."""
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name in self.model_fields_set and name not in Word.model_fields
        }

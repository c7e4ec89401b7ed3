"""Google Play: the Console's monthly report (UTF-16) and the reviews of its API."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vocloop.intake.formats.port import (
    Beside,
    Format,
    Objects,
    Refused,
    Tables,
    Thing,
    Values,
    listed,
)
from vocloop.intake.formats.values import (
    at,
    cell,
    first,
    mapped,
    number,
    table_voices,
    voice,
    word,
)
from vocloop.intake.rows import Refusal, Row, Table

_REVIEW_ID = re.compile(r"[?&]reviewId=([^&#]+)", re.IGNORECASE)


def _knows_table(table: Table) -> bool:
    own = {"packagename", "reviewlink", "reviewersubmitdateandtime", "reviewerlanguage"}
    return "starrating" in table.keys and bool(own & table.keys)


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    return table_voices(table, _row)


def _row(values: dict[str, list[str]]) -> Values | Refused:
    text, title = cell(values, "Review Text"), cell(values, "Review Title")
    if not (text or title):
        return Refused("has stars but no words; only written reviews are feedback")
    link = cell(values, "Review Link")
    match = _REVIEW_ID.search(link or "")
    return voice(
        text=text,
        title=title,
        external_id=match[1] if match else link if link and len(link) <= 200 else None,
        # The written time is what people see; the milliseconds stand in only where it lacks.
        said_at=cell(values, "Review Submit Date and Time,Review Submit Millis Since Epoch"),
        channel="review",
        language=cell(values, "Reviewer Language"),
        rating=number(cell(values, "Star Rating")),
        rating_scale="stars",
        product=cell(values, "Package Name"),
        url=link,
    )


def _knows(thing: Thing) -> bool:
    return "reviewId" in thing and any(
        "userComment" in each for each in listed(thing.get("comments"))
    )


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a review is whole
    comments = [
        mapped(each["userComment"]) for each in listed(thing["comments"]) if "userComment" in each
    ]
    comment = comments[-1]
    # The API puts title and text into one, a tab between.
    title, _, text = (word(comment.get("text")) or "").rpartition("\t")
    if not (text or title):
        yield Refused(f"review {thing.get('reviewId')} has stars but no words")
        return
    seconds = number(first(at(comment, "lastModified", "seconds")))
    yield voice(
        text=text,
        title=title,
        external_id=thing.get("reviewId"),
        said_at=int(seconds) if seconds else None,
        channel="review",
        names=[thing.get("authorName")],
        language=comment.get("reviewerLanguage"),
        rating=number(comment.get("starRating")),
        rating_scale="stars",
    )


FORMAT = Format(
    "google-play", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table)
)

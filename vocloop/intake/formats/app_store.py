"""App Store: App Store Connect's customer reviews (JSON) and the public feed (JSON, or Atom, which
documents.feed turns into the same objects)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vocloop.intake.formats.port import Beside, Format, Objects, Refused, Thing, Values, listed
from vocloop.intake.formats.values import at, first, mapped, number, voice, word

_APP = re.compile(r"[/=]id=?(\d+)")


def _knows(thing: Thing) -> bool:
    attributes = thing.get("attributes")
    if isinstance(attributes, dict):
        kind = thing.get("type")
        return kind == "customerReviews" or {"rating", "body"} <= attributes.keys()
    return "im:rating" in thing or "im:name" in thing


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a review is whole
    if "im:name" in thing and "im:rating" not in thing:
        return  # the feed's first entry is the app itself
    if "im:rating" in thing:
        yield _entry(thing, page)
        return
    review = mapped(thing.get("attributes"))
    if not word(review.get("body")) and not word(review.get("title")):
        yield Refused(f"review {thing.get('id')} has stars but no words")
        return
    yield voice(
        text=review.get("body"),
        title=review.get("title"),
        external_id=thing.get("id"),
        said_at=review.get("createdDate"),
        channel="review",
        names=[review.get("reviewerNickname")],
        rating=number(review.get("rating")),
        rating_scale="stars",
        tags=[review.get("territory")],
        product=_product(thing, page),
    )


def _product(thing: Thing, page: Thing) -> str | None:
    app = first(at(thing, "relationships", "app", "data", "id"), at(page, "links", "self"))
    match = re.search(r"/apps/(\d+)/", str(app))
    return match[1] if match else (word(app) if str(app).isdecimal() else None)


def _entry(entry: Thing, page: Thing) -> Values | Refused:
    identity = _label(entry.get("id"))
    content = _content(entry.get("content"))
    title = _label(entry.get("title"))
    if not (content or title):
        return Refused(f"review {identity} has stars but no words")
    feed = mapped(page.get("feed"))
    own = [each for each in listed(feed.get("entry")) if "im:rating" not in each]
    app = _label(own[0].get("im:name")) if own else None
    match = _APP.search(str(first(_label(feed.get("id")), "")))
    return voice(
        text=content,
        title=title,
        external_id=identity,
        said_at=_label(entry.get("updated")),
        channel="review",
        names=[_label(at(entry, "author", "name"))],
        rating=number(_label(entry.get("im:rating"))),
        rating_scale="stars",
        product=first(app, match[1] if match else None),
        url=first(
            at(entry, "link", "attributes", "href"), at(entry, "link", 0, "attributes", "href")
        ),
    )


def _label(value: Any) -> Any:
    """The feed wraps every value: {"label": …}."""
    return value.get("label") if isinstance(value, dict) else value


def _content(value: Any) -> Any:
    """Atom gives the content twice, as text and as HTML; the text is the review."""
    if isinstance(value, list):
        texts = [each for each in value if at(each, "attributes", "type") != "html"]
        value = first(*texts, *value)
    return _label(value)


FORMAT = Format("app-store", objects=Objects(_knows, _read))

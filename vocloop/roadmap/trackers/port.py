"""What every tracker can do for us, one adapter a file."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

# What polls and searches for our own issues go by.
LABEL = "vocloop"


@dataclass(frozen=True)
class Draft:
    """What an issue says of an item. ``body`` is our section, without its marks."""

    marker: uuid.UUID
    title: str
    body: str


@dataclass(frozen=True)
class Issue:
    """``status`` is the tracker's own word, ``group`` what it counts it as (Jira's category,
    Linear's type). ``at``: its last change."""

    external_id: str
    url: str
    status: str
    at: dt.datetime
    group: str = ""
    title: str = ""
    body: str = ""


@dataclass(frozen=True)
class Received:
    """A request that came in. ``headers`` by lower-case names."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Adapter(Protocol):
    """Every method may raise RemoteError; RefusedError where trying again would not help."""

    def find(self, marker: uuid.UUID, since: dt.datetime) -> Issue | None:
        """The issue that holds ``marker``, made at ``since`` or later."""

    def create(self, draft: Draft) -> Issue: ...

    def update(self, external_id: str, draft: Draft, before: str | None) -> Issue:
        """Put the draft into an issue; what people wrote there stays. ``before``: the title that
        was pushed last."""

    def changed(self, since: dt.datetime) -> Iterator[Issue]:
        """Issues that changed at ``since`` or later, in any order."""


class Receiver(Protocol):
    """Reads a webhook's request. Raises SignatureError for one that nobody proved to send."""

    def __call__(
        self, received: Received, secret: str, project: str, moment: dt.datetime
    ) -> Issue | None:
        """The issue of ``project`` that it tells of; None when it tells of something else."""

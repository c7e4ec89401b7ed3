"""What every connector is: how a tool is asked for what is new, and how what it sends is proved.

A connector hands on pages as the tool writes them; the format of the same tool (formats/) makes
voices of them. **One turn is one voice**: what a customer adds to a ticket later is a voice of its
own, so that it does not matter when a tool was asked, or whether it was asked or sent.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vocloop.intake.connectors.client import Client, Limit, asked_to_wait
from vocloop.intake.formats import FormatName
from vocloop.intake.formats.port import Thing
from vocloop_models import ConnectorKind

Cursor = Mapping[str, Any]
"""How far a tool was read, as its connector wrote it; at first only ``since`` (ISO 8601)."""


@dataclass(frozen=True)
class Batch:
    """Pages to store in one transaction, together with the cursor to go on from."""

    pages: Sequence[Thing]
    cursor: dict[str, Any]


Read = Callable[[Client, Cursor], Iterator[Batch]]
"""Reads everything after the cursor, oldest change first. It may be ended after any batch and
begins again from that batch's cursor."""


@dataclass(frozen=True)
class Polling:
    """``hosts`` are the tool's own (".zendesk.com" is any name below it): its key goes to no other.
    ``key`` tells a person what to put into the variable; ``default`` is the address where all
    customers of the tool share one."""

    read: Read
    headers: Callable[[str], dict[str, str]]
    hosts: tuple[str, ...]
    example: str
    key: str
    default: str | None = None
    limit: Limit = asked_to_wait


@dataclass(frozen=True)
class Received:
    """A request as it came: ``headers`` by lower-case names."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Sending:
    """How a tool proves what it sends. ``proof`` raises SignatureError, else returns the signature;
    ``meaning`` tells a person what to put into the variable."""

    proof: Callable[[Received, bytes, dt.datetime], bytes]
    pages: Callable[[Any], Iterable[Thing]]
    meaning: str


@dataclass(frozen=True)
class Tool:
    """``format`` None: told from the content of what comes."""

    kind: ConnectorKind
    title: str
    format: FormatName | None
    polling: Polling | None = None
    sending: Sending | None = None


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(key: str) -> dict[str, str]:
    """``name:password`` as HTTP's basic authentication."""
    return {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"}


def whole(page: Any) -> Iterator[Thing]:
    """A payload that its format reads as it is."""
    yield page

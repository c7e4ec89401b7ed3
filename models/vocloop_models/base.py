"""What every record shares: ids that sort by time, UTC times, enumerations kept as words."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Dialect, Enum, String, type_coerce
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): its first 48 bits are the time, so ids sort by creation."""
    return uuid7()


def first_id(moment: dt.datetime) -> uuid.UUID:
    """The least id that ``new_id`` can make at ``moment``; before 1970, the least of all."""
    since = max(0, int(moment.timestamp() * 1_000))
    return uuid.UUID(int=since << 80 | 0x7 << 76 | 0b10 << 62)


def raw(column: Any) -> ColumnElement[Any]:
    """A column of ids or moments as the driver gives them: to make an object of each of many takes
    longer than to read them."""
    return type_coerce(column, String)


def id_of(raw_id: Any) -> uuid.UUID:
    return raw_id if isinstance(raw_id, uuid.UUID) else _read(raw_id)


# The same few thousand customers and themes are told again and again.
@lru_cache(maxsize=50_000)
def _read(raw_id: str) -> uuid.UUID:
    return uuid.UUID(raw_id)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """Aware times only, kept in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - signature of SQLAlchemy
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; give it one (for example datetime.UTC)")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - signature of SQLAlchemy
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=dt.UTC)  # type: ignore[no-any-return]
        return value.astimezone(dt.UTC)  # type: ignore[no-any-return]


def words(enumeration: type[StrEnum]) -> Enum:
    """Column type for a StrEnum: its value as text, so that a new word needs no schema change."""
    return Enum(
        enumeration,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [m.value for m in members],
    )


def _no_items() -> list[Any]:
    return []


def _no_entries() -> dict[str, Any]:
    return {}


# For every row pydantic asks each factory for its signature, and those of list and dict it parses
# from words: two thirds of the time that a Feedback takes to make.
_QUICKER: dict[Any, Any] = {list: _no_items, dict: _no_entries}


class Record(SQLModel):
    """Base of all tables."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        for field in cls.model_fields.values():
            field.default_factory = _QUICKER.get(field.default_factory, field.default_factory)

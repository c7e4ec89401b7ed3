"""Alembic's entry point; the connection comes from vocloop_models.database.upgrade."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import Enum
from sqlmodel.sql.sqltypes import AutoString

import vocloop_models  # noqa: F401 - fills the metadata
from vocloop_models.base import Record, UtcDateTime


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations name plain database types only, so that an old one never imports newer code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    compare_type=True,
    render_item=_render_item,
)
with context.begin_transaction():
    context.run_migrations()

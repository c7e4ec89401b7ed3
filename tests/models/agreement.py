"""Whether a database is as the models say."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine

from vocloop_models import Record


def differences(engine: Engine) -> list[Any]:
    # Alembic can't compare an index that sorts a column downwards; that there is one is tested by
    # the queries that need it.
    passed_over = {
        index.name
        for table in Record.metadata.tables.values()
        for index in table.indexes
        if not all(isinstance(each, Column) for each in index.expressions)
    }

    def is_compared(_thing: Any, name: str | None, *_: Any) -> bool:
        return name not in passed_over

    options = {"compare_type": True, "include_object": is_compared}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Record.metadata))

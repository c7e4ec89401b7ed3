"""The database and the encoder that the settings name."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from vocloop.config import Settings, settings
from vocloop.encode import load_encoder
from vocloop.encode.port import Encoder
from vocloop.errors import DatabaseError
from vocloop_models.database import open_database, revisions, upgrade


def shown_url(configured: Settings) -> str:
    """The database's address without its password."""
    return make_url(configured.database_url).render_as_string(hide_password=True)


def connect(*, upgraded: bool = True) -> Engine:
    """The database of the settings. A new, empty one is given its tables; one of an older
    version is refused, since an upgrade is for a person to decide.

    Raises DatabaseError when it can't be reached or does not fit."""
    configured = settings()
    try:
        engine = open_database(configured.database_url)
        current, head = revisions(engine)
        if upgraded and current is None:
            upgrade(engine)
            current = head
    except (ArgumentError, OperationalError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise DatabaseError(
            f"the database {_shown(configured)} can't be opened: {reason}; "
            "check VOCLOOP_DATABASE_URL and that the server runs"
        ) from error
    if upgraded and current != head:
        raise DatabaseError(
            f"the database {shown_url(configured)} is at revision {current}, this version needs "
            f"{head}; make a backup, then run `vocloop db upgrade`"
        )
    return engine


def _shown(configured: Settings) -> str:
    try:
        return shown_url(configured)
    except ArgumentError:
        return "named by VOCLOOP_DATABASE_URL"


@cache
def encoder() -> Encoder:
    configured = settings()
    return load_encoder(configured.encoder_model, configured.cache_dir)

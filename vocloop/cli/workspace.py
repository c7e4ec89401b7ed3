"""The database and the encoder that the settings name."""

from __future__ import annotations

from functools import cache

from sqlalchemy import URL, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from vocloop.config import Settings, settings
from vocloop.encode import load_encoder
from vocloop.encode.port import Encoder
from vocloop.errors import DatabaseError
from vocloop_models.database import Pool, open_database, revisions, upgrade

# What this version speaks; other dialects may be installed, but no test has seen them.
BACKENDS = ("sqlite", "postgresql")
DATABASE = "VOCLOOP_DATABASE_URL"


def shown_url(configured: Settings) -> str:
    """The database's address without any password, for people; for an unusable one, its name."""
    return shown(configured.database_url)


def shown(address: str, named: str = DATABASE) -> str:
    try:
        url = _address(address, named)
    except DatabaseError:
        return f"named by {named}"
    # libpq takes a password from the query too.
    return url.difference_update_query(["password", "sslpassword"]).render_as_string()


def _address(address: str, named: str) -> URL:
    """Raises DatabaseError, without repeating the address: it may hold a password."""
    advice = "write sqlite:////path/vocloop.db or postgresql://user:password@host/name"
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(f"{named} is not an address; {advice}") from error
    if backend not in BACKENDS:
        raise DatabaseError(f"{named} names a {backend} database; {advice}")
    if "@" in (url.host or ""):
        raise DatabaseError(f"the password in {named} holds an @; write it as %40 (and / as %2F)")
    return url


def connect(*, upgraded: bool = True) -> Engine:
    """The database of the settings. A new, empty one is given its tables; one of an older
    version is refused, since an upgrade is for a person to decide.

    Raises DatabaseError when it can't be reached or does not fit."""
    return reach(settings().database_url, upgraded=upgraded)


def reach(url: str, named: str = DATABASE, *, upgraded: bool = False) -> Engine:
    """The database at an address that ``named`` tells; otherwise as ``connect``."""
    _address(url, named)
    try:
        wanted = settings()
        pool = Pool(wanted.database_pool, wanted.database_overflow, wanted.database_wait_seconds)
        engine = open_database(url, pool)
        current, head = revisions(engine)
        if upgraded and current is None:
            upgrade(engine)
            current = head
    except (ArgumentError, DBAPIError, OSError) as error:
        raise DatabaseError(
            f"the database {shown(url, named)} can't be opened: {reason(error)}; "
            f"check {named} and that the server runs"
        ) from error
    if upgraded and current != head:
        raise DatabaseError(
            f"the database {shown(url, named)} is at revision {current}, this version needs "
            f"{head}; make a backup, then run `vocloop db upgrade`"
        )
    return engine


def reason(error: Exception) -> str:
    """The first line of what the driver said, without SQLAlchemy's statement and parameters."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


@cache
def encoder() -> Encoder:
    configured = settings()
    return load_encoder(
        configured.encoder_model, configured.cache_dir, configured.encoder_precision
    )

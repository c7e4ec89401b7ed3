"""``vocloop backup``, ``vocloop restore`` and ``vocloop db …``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from vocloop.backup import Archive, copy_workspace, snapshot, write_archive
from vocloop.backup import restore as restored
from vocloop.backup.rows import Held
from vocloop.cli.console import progress_bar, say
from vocloop.cli.workspace import connect, reach, shown, shown_url
from vocloop.config import settings
from vocloop.errors import ConflictError
from vocloop.jsonl import refuse_unwritable
from vocloop_models.database import revisions, upgrade

db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)

Replace = Annotated[
    bool, typer.Option("--replace", help="Give up what the database holds already.")
]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Write the whole workspace into one file, while the service goes on.

    The file holds the workspace's own keys: keep it as safe as the database. Keys of the
    environment (VOCLOOP_ENCRYPTION_KEY, VOCLOOP_HASH_KEY) are not in it.

    Example: vocloop backup vocloop-$(date +%F).zip
    """
    if file.exists() and not overwrite:
        raise ConflictError(f"{file} exists; choose another name, or say --overwrite")
    refuse_unwritable(str(file))
    engine = connect(upgraded=False)
    with snapshot(engine) as source:
        held = write_archive(source, file, engine.dialect.name)
    say(f"{file}: {_told(held)} of {shown_url(settings())}, revision {source.revision}")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `vocloop backup` wrote.")],
    *,
    replace: Replace = False,
    check: Annotated[bool, typer.Option("--check", help="Only read it, and compare.")] = False,
) -> None:
    """Put a backup into the database of VOCLOOP_DATABASE_URL, SQLite or PostgreSQL.

    Checksums are compared before and after; a backup of an older version is upgraded. The database
    must be empty, unless --replace is given. Stop vocloop before.

    Example: VOCLOOP_DATABASE_URL=postgresql://… vocloop restore vocloop-2026-11-28.zip
    """
    with Archive(file) as archive:
        if check:
            archive.check()
            say(f"{file} is whole: {_told(archive.held)}, made {archive.made_at[:16]} UTC")
            return
        with progress_bar() as show:
            held = restored(connect(upgraded=False), archive, replace=replace, progress=show)
    say(f"{shown_url(settings())} holds {_told(held)}, every table as in {file}")


@db_app.command("copy")
def copy(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Address of a database.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Address of an empty one.")],
    *,
    replace: Replace = False,
) -> None:
    """Copy a workspace from one database into another, and compare every table.

    Give a password with PGPASSWORD or a password file: other users of a machine see commands.

    Example: vocloop db copy sqlite:////srv/vocloop.db postgresql://vocloop@db.example/vocloop
    """
    with progress_bar() as show:
        held = copy_workspace(
            reach(origin, "FROM"), reach(target, "TO"), replace=replace, progress=show
        )
    say(f"{shown(target, 'TO')} holds {_told(held)}, every table equal to {shown(origin, 'FROM')}")


def _told(held: Mapping[str, Held]) -> str:
    return f"{sum(each.rows for each in held.values()):,} rows in {len(held)} tables"


@db_app.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to this version's tables; safe to run again.

    Example: vocloop db upgrade
    """
    engine = connect(upgraded=False)
    before, head = revisions(engine)
    upgrade(engine)
    said = "is up to date" if before == head else f"upgraded from {before or 'empty'} to {head}"
    say(f"{shown_url(settings())} {said}")

"""All commands together, and what becomes of their errors."""

from __future__ import annotations

import typer
from sqlalchemy.exc import DBAPIError

from vocloop.cli import (
    audit,
    connect,
    database,
    demo,
    doctor,
    forget,
    imports,
    ingest,
    notify,
    route,
    score,
    serve,
    themes,
    users,
)
from vocloop.cli.console import complain
from vocloop.cli.workspace import reason, shown_url
from vocloop.config import settings
from vocloop.errors import DatabaseError, VocloopError

app = typer.Typer(
    name="vocloop",
    help="A voice-of-customer feedback loop: feedback in, ranked themes out.\n\n"
    "Settings come from the environment (VOCLOOP_DATABASE_URL, …; see docs/settings.md). "
    "Start with `vocloop demo`, or with your own data:\n\n"
    "  vocloop ingest tickets.csv\n\n"
    "  vocloop themes refresh\n\n"
    "  vocloop serve",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("ingest")(ingest.ingest_files)
app.add_typer(themes.app, name="themes")
app.command("route")(route.route)
app.add_typer(score.app, name="score")
app.add_typer(imports.app, name="import")
app.add_typer(connect.app, name="connect")
app.add_typer(forget.app, name="forget")
app.add_typer(forget.source_app, name="source")
app.command("known")(forget.known)
app.add_typer(notify.app, name="notify")
app.add_typer(audit.app, name="audit")
app.command("backup")(database.backup)
app.command("restore")(database.restore)
app.add_typer(database.db_app, name="db")
app.add_typer(users.app, name="users")
app.add_typer(users.tokens_app, name="tokens")
app.command("doctor")(doctor.doctor)


def run() -> int:
    """Run the command line; the exit code when an error came out of it (else Typer exits)."""
    try:
        app()
    except VocloopError as error:
        complain(error)
    except DBAPIError as error:
        # Half-way through: nothing of the open transaction is kept, and a repeat is safe.
        where = shown_url(settings())
        complain(DatabaseError(f"the database {where} failed: {reason(error)}; run this again"))
    except OSError as error:
        # A disk that is full, or a file that is gone or forbidden by now.
        where = f"{error.filename}: " if error.filename else ""
        complain(VocloopError(f"{where}{error.strerror or error}; mend that, and run this again"))
    return 1

"""``vocloop connect …``: tools that are asked for what is new, or that send it."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Annotated

import typer

from vocloop.cli.console import say
from vocloop.cli.workspace import connect
from vocloop.config import settings
from vocloop.errors import InvalidInputError

if TYPE_CHECKING:
    from vocloop.intake.connections import ConnectorStatus
    from vocloop_models import ConnectorKind

app = typer.Typer(help="Connect tools: ask them for what is new.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="The connector's source, as `vocloop connect list`.")]


@app.command("kinds")
def kinds() -> None:
    """Print the tools that can be connected, and what each needs.

    Example: vocloop connect kinds
    """
    from vocloop.intake.connectors import TOOLS

    for tool in TOOLS.values():
        typer.echo(f"{tool.kind}: {tool.title}")
        if tool.polling:
            typer.echo(f"  is asked at {tool.polling.example}; the key is {tool.polling.key}")
        if tool.sending:
            typer.echo(f"  sends; the secret is {tool.sending.meaning}")


@app.command("add")
def add(
    kind: Annotated[str, typer.Argument(help="The tool, as `vocloop connect kinds` names it.")],
    address: Annotated[
        str | None, typer.Option(help="Address of its API, e.g. https://acme.zendesk.com.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Name for where its feedback comes from; else the kind.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Day to begin with, YYYY-MM-DD; else 90 days ago.")
    ] = None,
    every: Annotated[int, typer.Option(help="Seconds between two polls.")] = 900,
) -> None:
    """Connect a tool. Its key comes from the environment; this says which variable.

    Example: vocloop connect add zendesk --address https://acme.zendesk.com
    """
    from vocloop.intake import connections
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        connector = connections.create(
            session, _kind(kind), source=source, address=address, since=_day(since), every=every
        )
        found = connections.status(connector)
    typer.echo(f"{found.source}: connected to {found.title}")
    _tell_needs(found)


@app.command("list")
def list_connectors() -> None:
    """Print the connectors: source, kind, state, rows stored, last success, last error.

    Example: vocloop connect list
    """
    from vocloop.intake import connections
    from vocloop_models.database import reading

    with reading(connect()) as session:
        for each in connections.statuses(session).values():
            last = each.last_success_at or each.last_event_at
            when = last.isoformat(timespec="seconds") if last else "never"
            typer.echo(
                f"{each.source}  {each.kind}  {each.state}  {each.stored:,} stored,"
                f" {each.refused:,} refused  {when}"
            )
            if each.last_error:
                typer.echo(f"  {each.last_error}")


@app.command("status")
def status(source: Source) -> None:
    """Print all about one connector.

    Example: vocloop connect status zendesk
    """
    from vocloop.intake import connections
    from vocloop_models.database import reading

    with reading(connect()) as session:
        found = connections.status(connections.get(session, source))
    typer.echo(f"{found.source}: {found.title}, {found.state}")
    if found.address:
        asked = found.next_at.isoformat(timespec="seconds") if found.next_at else "not"
        typer.echo(f"address: {found.address}, every {found.every} s, next: {asked}")
    typer.echo(
        f"rows: {found.read:,} read, {found.stored:,} stored, {found.repeated:,} repeated,"
        f" {found.refused:,} refused"
    )
    for reason in found.refusals:
        typer.echo(f"  refused: {reason}")
    if found.last_error:
        typer.echo(f"last error: {found.last_error}")
    _tell_needs(found)


@app.command("poll")
def poll(source: Source) -> None:
    """Ask a tool now, until everything new is stored. Safe to interrupt and to run again.

    Example: vocloop connect poll zendesk
    """
    from vocloop.intake.polling import poll_until_done

    told = poll_until_done(connect(), source, wait=time.sleep, say=say)
    typer.echo(
        f"{source}: {told.read:,} rows read: {told.stored:,} stored, {told.repeated:,} repeated,"
        f" {told.refused:,} refused"
    )


@app.command("pause")
def pause(source: Source) -> None:
    """Take nothing more in; the place reached is kept.

    Example: vocloop connect pause zendesk
    """
    from vocloop.intake import connections
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        connections.pause(session, source)
    typer.echo(f"{source}: paused")


@app.command("resume")
def resume(source: Source) -> None:
    """Go on where a paused connector stood.

    Example: vocloop connect resume zendesk
    """
    from vocloop.intake import connections
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        connections.resume(session, source)
    typer.echo(f"{source}: goes on with the next poll")


@app.command("remove")
def remove(source: Source) -> None:
    """Forget a connector. The feedback that came by it stays.

    Example: vocloop connect remove zendesk
    """
    from vocloop.intake import connections
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        connections.remove(session, source)
    typer.echo(f"{source}: not connected any more")


def _tell_needs(found: ConnectorStatus) -> None:
    from vocloop.intake.connectors import TOOLS

    tool = TOOLS[found.kind]
    if tool.polling and found.key:
        state = "is set" if found.key_is_set else "is not set"
        typer.echo(f"key: {found.key} {state}; it holds {tool.polling.key}")
    if tool.sending and found.secret:
        state = "is set" if found.secret_is_set else "is not set"
        typer.echo(
            f"webhook: {found.hook}; {found.secret} {state}; it holds {tool.sending.meaning}"
        )


def _kind(name: str) -> ConnectorKind:
    from vocloop_models import ConnectorKind

    try:
        return ConnectorKind(name)
    except ValueError as error:
        known = ", ".join(ConnectorKind)
        raise InvalidInputError(f"'{name[:40]}' can't be connected; use one of {known}") from error


def _day(written: str | None) -> dt.datetime | None:
    if written is None:
        return None
    try:
        day = dt.date.fromisoformat(written)
    except ValueError as error:
        raise InvalidInputError(f"since '{written[:40]}' is no day; write YYYY-MM-DD") from error
    return dt.datetime.combine(day, dt.time(), settings().zone)

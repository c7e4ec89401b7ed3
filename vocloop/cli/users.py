"""``vocloop users …`` and ``vocloop tokens …``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from vocloop.cli.console import say
from vocloop.cli.workspace import connect
from vocloop.errors import InvalidInputError
from vocloop_models import Role, Scope

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)
tokens_app = typer.Typer(help="Programs that act for a user.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="Mail address or short name.")]
Roles = Annotated[list[Role], typer.Option("--role", help="Repeatable.")]


def _password() -> str:
    """Typed twice at a terminal, else the first line of standard input: never an argument, which
    other users of the machine can read."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InvalidInputError("no password came; type it, or send it as a line of standard input")
    return line


@app.command("add")
def add(
    login: Login,
    role: Roles,
    name: Annotated[str | None, typer.Option(help="What their edits are signed by.")] = None,
    department: Annotated[str | None, typer.Option(help="Key of their department.")] = None,
    *,
    without_password: Annotated[
        bool, typer.Option("--without-password", help="They can't sign in until one is set.")
    ] = False,
) -> None:
    """Add a user; the password is asked for.

    Example: vocloop users add sato@minamo.example --name 佐藤 --role administrator
    """
    from vocloop.accounts import users
    from vocloop_models.database import transaction

    engine = connect()
    password = None if without_password else _password()
    with transaction(engine) as session:
        user = users.add(
            session, login, name or login, role, password=password, department=department
        )
    say(f"{user.login} is {', '.join(user.roles)}")


@app.command("list")
def list_users() -> None:
    """Everyone, with roles; disabled users at the end."""
    from vocloop.accounts import users
    from vocloop_models.database import reading

    with reading(connect()) as session:
        for user in users.everyone(session):
            marks = [*user.roles]
            marks += ["second factor"] if user.totp_since else []
            marks += [] if user.active else ["disabled"]
            typer.echo(f"{user.login}\t{user.name}\t{', '.join(marks)}")


@app.command("role")
def role(login: Login, roles: Annotated[list[Role], typer.Argument(help="All of them.")]) -> None:
    """Give a user these roles instead of those they have.

    Example: vocloop users role sato@minamo.example product_manager executive
    """
    from vocloop.accounts import users
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        user = users.set_roles(session, users.named(session, login), roles)
    say(f"{user.login} is {', '.join(user.roles)}")


@app.command("password")
def password(login: Login) -> None:
    """Set a user's password, and lift a lock; their sessions end."""
    from vocloop.accounts import signing, users
    from vocloop_models.database import transaction

    engine = connect()
    new = _password()
    with transaction(engine) as session:
        user = users.set_password(session, users.named(session, login), new)
        signing.unlock(session, user.login)
    say(f"the password of {user.login} is set")


@app.command("disable")
def disable(
    login: Login,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
) -> None:
    """Let a user in no more: sessions end, tokens are revoked."""
    from vocloop.accounts import users
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        user = users.set_active(session, users.named(session, login), active=undo)
    say(f"{user.login} {'may sign in again' if undo else 'is disabled'}")


@app.command("totp-off")
def totp_off(login: Login) -> None:
    """Turn off the second factor of a user who lost their device."""
    from vocloop.accounts import totp, users
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        user = users.named(session, login)
        totp.turn_off(session, user)
    say(f"{user.login} signs in without a second factor now")


@tokens_app.command("create")
def create(
    login: Login,
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="Repeatable.")],
    days: Annotated[int | None, typer.Option(min=1, help="How long it holds.")] = None,
) -> None:
    """Make a token and print it: it is shown this once.

    Example: vocloop tokens create sato@minamo.example --name nightly --scope intake --days 365
    """
    from vocloop.accounts import tokens, users
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        _, token = tokens.create(session, users.named(session, login), name, scope, days=days)
    typer.echo(token)


@tokens_app.command("list")
def list_tokens() -> None:
    """Tokens that are not revoked; the tokens themselves are not kept."""
    from vocloop.accounts import tokens
    from vocloop_models.database import reading

    with reading(connect()) as session:
        for token, user in tokens.listed(session):
            ends = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "no end"
            used = f"used {token.used_at:%Y-%m-%d}" if token.used_at else "never used"
            scopes = ", ".join(token.scopes)
            typer.echo(f"{token.prefix}…\t{user.login}\t{token.name}\t{scopes}\t{ends}\t{used}")


@tokens_app.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="Its first ten characters.")]) -> None:
    """End a token at once."""
    from vocloop.accounts import tokens
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        tokens.revoke(session, tokens.by_prefix(session, prefix.rstrip("…")).id)
    say(f"{prefix} holds no more")

"""``vocloop forget …``, ``vocloop known``, ``vocloop source …``: what people may ask for."""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from vocloop.cli.console import say
from vocloop.cli.workspace import connect
from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.jsonl import STANDARD, refuse_unwritable, write_object

if TYPE_CHECKING:
    from sqlmodel import Session

    from vocloop.intake.erasure import Forgotten

app = typer.Typer(help="Forget a contact, a customer, or what is too old.", no_args_is_help=True)
source_app = typer.Typer(help="How each source is treated.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="A mail address, telephone number, id or name.")]
Sure = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("contact")
def contact(who: Who, *, yes: Sure = False) -> None:
    """Forget a contact with all their feedback, vectors and quotes. It can't be undone.

    Example: vocloop forget contact taro@example.jp
    """
    from vocloop.intake.erasure import forget_contact, wipe
    from vocloop_models.database import reading, transaction

    engine = connect()
    with reading(engine) as session:
        found = _contacts(session, who)
    _sure(f"forget {len(found)} contact(s) with all their feedback", yes=yes)
    with transaction(engine) as session:
        done = [forget_contact(session, each) for each in found]
    wipe(engine)
    _tell(done)


@app.command("customer")
def customer(
    who: Annotated[str, typer.Argument(help="The customer's id or external id.")],
    *,
    yes: Sure = False,
) -> None:
    """Forget a customer with its contacts and all of its feedback. It can't be undone.

    Example: vocloop forget customer C-0031
    """
    from vocloop.intake.erasure import forget_customer, wipe
    from vocloop_models.database import reading, transaction

    engine = connect()
    with reading(engine) as session:
        customer_id, name = _customer(session, who)
    _sure(f"forget {name} with all of its feedback", yes=yes)
    with transaction(engine) as session:
        done = [forget_customer(session, customer_id)]
    wipe(engine)
    _tell(done)


@app.command("expired")
def expired() -> None:
    """Forget feedback whose source's retention has ended, now instead of within the hour.

    Example: vocloop forget expired
    """
    from vocloop.intake.erasure import wipe
    from vocloop.intake.sources import expire_some
    from vocloop_models.database import transaction

    engine = connect()
    total = 0
    while True:
        with transaction(engine) as session:
            removed = expire_some(session).feedback
        total += removed
        if not removed:
            break
    wipe(engine)
    typer.echo(f"{total:,} feedback removed")


def known(
    who: Who,
    out: Annotated[
        str, typer.Option("--out", "-o", help="A file, - for standard output.")
    ] = STANDARD,
) -> None:
    """Write all that is known of a contact, as JSON: the answer to a request for access.

    Example: vocloop known taro@example.jp -o taro.json
    """
    from vocloop.intake.erasure import known_of
    from vocloop_models.database import reading

    refuse_unwritable(out)
    with reading(connect()) as session:
        found = [known_of(session, each) for each in _contacts(session, who)]
    write_object(out, found)


@source_app.command("list")
def list_sources() -> None:
    """Print the sources: feedback, policy for personal data, days it is kept.

    Example: vocloop source list
    """
    from vocloop.intake.sources import sources
    from vocloop_models.database import reading

    with reading(connect()) as session:
        for row in sources(session):
            kept = f"{row.retention_days} days" if row.retention_days else "for ever"
            policy = row.personal_data or "default"
            typer.echo(f"{row.feedback:9,}  {policy:8}  {kept:10}  {row.source}")


@source_app.command("set")
def set_source(
    source: Annotated[str, typer.Argument(help="The source's name.")],
    personal_data: Annotated[
        str, typer.Option(help="redact, encrypt, drop, or default (VOCLOOP_PERSONAL_DATA).")
    ] = "default",
    retention_days: Annotated[
        int, typer.Option(min=0, help="Days that feedback is kept; 0: for ever.")
    ] = 0,
) -> None:
    """Say how a source is treated from now on.

    Example: vocloop source set zendesk --personal-data drop --retention-days 730
    """
    from vocloop.intake.sources import set_policy
    from vocloop_models import PersonalData
    from vocloop_models.database import transaction

    choices = {"default": None, **{each.value: each for each in PersonalData}}
    if personal_data not in choices:
        raise InvalidInputError(
            f"--personal-data '{personal_data}' is not known; use {', '.join(choices)}"
        )
    with transaction(connect()) as session:
        set_policy(
            session,
            source,
            personal_data=choices[personal_data],
            retention_days=retention_days or None,
        )


def _contacts(session: Session, who: str) -> list[uuid.UUID]:
    from vocloop.intake.erasure import find_contacts

    found = find_contacts(session, who)
    if not found:
        raise NotFoundError("no contact is known by that; try the mail address, or the source's id")
    return [each.id for each in found]


def _customer(session: Session, who: str) -> tuple[uuid.UUID, str]:
    from sqlmodel import col, select

    from vocloop_models import Customer

    query = select(Customer).where(col(Customer.external_id) == who)
    with contextlib.suppress(ValueError):
        query = select(Customer).where(col(Customer.id) == uuid.UUID(who))
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFoundError(f"no customer has the id '{who}'; search for it by name in the API")
    return found.id, found.name


def _sure(what: str, *, yes: bool) -> None:
    if not yes:
        typer.confirm(f"{what}? It can't be undone", abort=True)


def _tell(done: list[Forgotten]) -> None:
    typer.echo(
        f"{sum(each.feedback for each in done):,} feedback,"
        f" {sum(each.statements for each in done):,} statements and"
        f" {sum(each.contacts for each in done):,} contacts removed"
    )
    say("run `vocloop themes refresh` for titles and scores without them; mind the backups")

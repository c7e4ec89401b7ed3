"""``vocloop notify …``: who hears, what waits, what failed."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path
from typing import Annotated, Literal

import typer

from vocloop.cli.console import say
from vocloop.cli.workspace import connect
from vocloop.errors import InvalidInputError, VocloopError
from vocloop.jsonl import raw_lines

app = typer.Typer(help="Tell people what became of their voices.", no_args_is_help=True)

Language = Annotated[str, typer.Option("--language", help="ja or en.")]


@app.command("colleague")
def colleague(
    name: Annotated[str, typer.Argument(help="As shown to others.")],
    address: Annotated[str | None, typer.Option("--mail", help="Where mail goes.")] = None,
    language: Language = "ja",
    known_as: Annotated[
        list[str] | None, typer.Option("--known-as", help="How voices name them; repeatable.")
    ] = None,
    department: Annotated[
        str | None, typer.Option(help="Key of the department whose weekly digest they get.")
    ] = None,
    *,
    executive: Annotated[bool, typer.Option(help="Gets the monthly digest.")] = False,
) -> None:
    """Make a colleague known, so that they hear what becomes of voices they handed in.

    Example: vocloop notify colleague 佐藤 --mail sato@minamo.example --department support
    """
    from vocloop.notify.people import put_colleague
    from vocloop_models.database import transaction

    spoken = _spoken(language)
    with transaction(connect()) as session:
        made = put_colleague(
            session,
            name,
            address=address,
            language=spoken,
            known_as=known_as or (),
            department=department,
            executive=executive,
        )
    typer.echo(made.id)


@app.command("contacts")
def contacts(
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8 with a column 'email'.")],
    language: Language = "ja",
) -> None:
    """Keep the addresses of customers' contacts who asked to hear back, encrypted.

    Only known contacts are taken, found by the keyed hash of the address. A column 'language'
    (ja or en) is used where it is there.

    Example: vocloop notify contacts asked-to-hear.csv
    """
    from vocloop.intake.erasure import find_contacts
    from vocloop.notify.people import put_contact
    from vocloop_models.database import transaction

    engine = connect()
    kept, problems = 0, []
    try:
        text = b"".join(raw_lines(str(file))).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"not UTF-8: byte {error.start + 1}"
        raise InvalidInputError(f"{file} can't be read ({reason}); save it as UTF-8") from error
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        address = (row.get("email") or "").strip()
        try:
            spoken = _spoken((row.get("language") or "").strip() or language)
            with transaction(engine) as session:
                found = find_contacts(session, address) if address else []
                for each in found:
                    put_contact(session, each.id, address, language=spoken)
        except VocloopError as error:
            problems.append((f"line {number}", str(error)))
            continue
        kept += len(found)
        if not found:
            problems.append((f"line {number}", "no contact is known by this address"))
    typer.echo(f"{kept:,} addresses kept")
    if problems:
        raise InvalidInputError(f"{len(problems):,} rows were not taken", problems)


@app.command("deliver")
def deliver_now() -> None:
    """Note what happened and deliver what is due, once: what the worker does all the time."""
    from vocloop.worker.postman import Postman

    postman = Postman(connect())
    postman.notice()
    tried = 0
    while done := postman.deliver():
        tried += done
    say(f"{tried:,} messages tried; see `vocloop notify outbox`")


@app.command("outbox")
def outbox_list(
    state: Annotated[
        str, typer.Option(help="waiting, sending, sent, failed or cancelled.")
    ] = "failed",
) -> None:
    """Messages of a state, the newest first, with the reason of the last attempt."""
    from vocloop.notify import outbox
    from vocloop_models import MessageState
    from vocloop_models.database import reading

    if state not in list(MessageState):
        raise InvalidInputError(f"'{state}' is no state; choose from {', '.join(MessageState)}")
    with reading(connect()) as session:
        for each in outbox.listed(session, MessageState(state)):
            told = f"{each.id}  {each.transport.value:8} {each.attempts:2}  {each.error or ''}"
            typer.echo(told.rstrip())


@app.command("retry")
def retry(
    message_id: Annotated[uuid.UUID, typer.Argument(help="As `vocloop notify outbox` shows.")],
) -> None:
    """Try a message again that was given up."""
    from vocloop.notify import outbox
    from vocloop_models.database import transaction

    with transaction(connect()) as session:
        outbox.retry(session, message_id)
    say("it waits for the worker, or for `vocloop notify deliver`")


@app.command("try")
def try_mail(
    address: Annotated[str, typer.Argument(help="Who gets the trial.")], language: Language = "ja"
) -> None:
    """Send one mail at once, to see whether the settings of mail are right.

    Example: vocloop notify try me@minamo.example
    """
    from vocloop.config import settings
    from vocloop.notify.letters import letter
    from vocloop.notify.mail import Mail, send
    from vocloop_models import new_id

    configured = settings()
    if not configured.smtp_host or not configured.mail_from:
        raise InvalidInputError("mail is not set up; set VOCLOOP_SMTP_HOST and VOCLOOP_MAIL_FROM")
    spoken = _spoken(language)
    outcome = send(Mail(new_id(), address, letter(spoken, "trial", {})), configured)
    if outcome.reason is not None:
        raise InvalidInputError(f"the mail was not taken: {outcome.reason}")
    say(f"{configured.smtp_host} took it")


def _spoken(language: str) -> Literal["ja", "en"]:
    if language not in ("ja", "en"):
        raise InvalidInputError(f"'{language}' can't be written in; choose ja or en")
    return "ja" if language == "ja" else "en"

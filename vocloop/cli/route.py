"""``vocloop route``."""

from __future__ import annotations

from typing import Annotated

import typer

from vocloop.cli.console import progress_bar
from vocloop.cli.workspace import encoder


def route(
    source: Annotated[str, typer.Argument(help="A JSONL file, - for standard input.")],
    departments: Annotated[
        str, typer.Option("--departments", help="A YAML file of departments and what each does.")
    ],
    out: Annotated[str, typer.Option("--out", "-o", help="Where to write, - for standard output.")],
    train: Annotated[
        str | None, typer.Option("--train", help="Rows whose department is known, to learn from.")
    ] = None,
) -> None:
    """Send each text to a department.

    Rows {"id", "text"} become {"id", "department", "confidence", "alternatives": [...]}. Of rows
    to learn from, tags, product, source, channel, priority, customer and industry count too.

    Example: vocloop route tickets.jsonl --departments departments.yaml -o routed.jsonl
    """
    from vocloop.route.files import route_file

    with progress_bar() as show:
        route_file(
            source,
            departments,
            out,
            lambda texts: encoder().encode(
                texts, progress=lambda done, total: show("encoding", done, total)
            ),
            train=train,
        )

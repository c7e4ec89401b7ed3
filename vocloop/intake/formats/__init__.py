"""The formats of vendors' exports, told from content; ``--format`` forces one.

To add one, copy ``linear.py`` (a table and an API) and name it here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast, get_args

from vocloop.intake.formats import (
    app_store,
    freshdesk,
    front,
    github,
    google_forms,
    google_play,
    gorgias,
    hubspot,
    intercom,
    interview,
    jira,
    linear,
    qualtrics,
    salesforce,
    surveymonkey,
    typeform,
    zendesk,
)
from vocloop.intake.formats.port import Format, things
from vocloop.intake.rows import Table

FormatName = Literal[
    "zendesk",
    "intercom",
    "freshdesk",
    "hubspot",
    "salesforce",
    "gorgias",
    "front",
    "jira",
    "linear",
    "github",
    "google-play",
    "app-store",
    "surveymonkey",
    "typeform",
    "google-forms",
    "qualtrics",
    "interview",
]
# Where two could know the same rows the more particular stands first.
FORMATS: dict[str, Format] = {
    each.FORMAT.name: each.FORMAT
    for each in (
        zendesk,
        intercom,
        freshdesk,
        hubspot,
        salesforce,
        gorgias,
        front,
        jira,
        linear,
        github,
        google_play,
        app_store,
        surveymonkey,
        typeform,
        qualtrics,
        google_forms,
        interview,
    )
}
NAMES = cast("tuple[FormatName, ...]", get_args(FormatName))


def of_objects(pages: Sequence[Mapping[str, Any]]) -> Format | None:
    """The format of JSON objects: the first that finds its things in most of them."""
    best: Format | None = None
    most = len(pages) / 2
    for each in FORMATS.values():
        if each.objects is None:
            continue
        knows = each.objects.knows
        found = sum(any(True for _ in things(page, knows)) for page in pages)
        if found > most:
            best, most = each, found
    return best


def of_table(table: Table) -> Format | None:
    """The format of a table, by its header and first rows."""
    return next(
        (each for each in FORMATS.values() if each.tables and each.tables.knows(table)), None
    )

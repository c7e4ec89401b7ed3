"""What readers are told for each value of the vocabulary: one word for one thing."""

from __future__ import annotations

from sqlalchemy.orm import object_session
from sqlmodel import Session

from vocloop.themes.query import Titled
from vocloop.themes.quotes import first_quotes
from vocloop_models import (
    Area,
    Channel,
    Department,
    LongevityKind,
    StatementKind,
    Theme,
    ValueLayer,
    titles,
)
from vocloop_ui.i18n import Reader

# Of what was said, where that stands for a title that is missing.
MOST_SAID = 60


def title(reader: Reader, named: Theme | Area | Titled) -> str:
    """The title in the reader's language, else the other one, else what stands for it; empty when
    there is nothing to call it by."""
    return called(reader, named)[0]


def called(reader: Reader, named: Theme | Area | Titled) -> tuple[str, str]:
    """What a theme is called, and the language of these words: its title, else its first keywords,
    else, as a quote, its most central words. Of each the reader's language comes first."""
    own, language = titles.called(named, reader.language)
    return (own, language) if own else _central(reader, named)


def _central(reader: Reader, named: Theme | Area | Titled) -> tuple[str, str]:
    session = object_session(named) if isinstance(named, Theme) else None
    found = first_quotes(session, [named.id], 1) if isinstance(session, Session) else []
    for quote in found:
        said = quote.text if len(quote.text) <= MOST_SAID else quote.text[:MOST_SAID].rstrip() + "…"
        return reader.gettext("“%(words)s”") % {"words": said}, quote.language
    return "", reader.language


def days(reader: Reader, count: int) -> str:
    return reader.ngettext("%(num)s day", "%(num)s days", count) % {"num": reader.number(count)}


def department(reader: Reader, value: Department) -> str:
    own = value.name_ja, value.name_en
    first, second = own if reader.language == "ja" else own[::-1]
    return first or second


def kind(reader: Reader, value: LongevityKind) -> str:
    return {
        LongevityKind.TRANSIENT: reader.gettext("Transient"),
        LongevityKind.EMERGING: reader.gettext("Emerging"),
        LongevityKind.LASTING: reader.gettext("Lasting"),
        LongevityKind.RECURRING: reader.gettext("Recurring"),
        LongevityKind.FADING: reader.gettext("Fading"),
    }[value]


def layer(reader: Reader, value: ValueLayer) -> str:
    return {
        ValueLayer.CONNECTED: reader.gettext("Connected value"),
        ValueLayer.EXPERIENCE: reader.gettext("Experience value"),
        ValueLayer.FUNCTIONAL: reader.gettext("Functional value"),
    }[value]


def channel(reader: Reader, value: Channel) -> str:
    return {
        Channel.TICKET: reader.gettext("Ticket"),
        Channel.SURVEY: reader.gettext("Survey"),
        Channel.INTERVIEW: reader.gettext("Interview"),
        Channel.REVIEW: reader.gettext("Review"),
        Channel.CALL: reader.gettext("Call"),
        Channel.MEETING: reader.gettext("Visit or meeting"),
        Channel.MAIL: reader.gettext("Mail"),
        Channel.OTHER: reader.gettext("Other"),
    }[value]


def statement_kind(reader: Reader, value: StatementKind) -> str:
    return {
        StatementKind.COMPLAINT: reader.gettext("Complaint"),
        StatementKind.REQUEST: reader.gettext("Request"),
        StatementKind.QUESTION: reader.gettext("Question"),
        StatementKind.PRAISE: reader.gettext("Praise"),
        StatementKind.FACT: reader.gettext("Fact"),
    }[value]


def sort(reader: Reader, value: str) -> str:
    return {
        "impact": reader.gettext("Impact, high first"),
        "generality": reader.gettext("Generality, high first"),
        "longevity": reader.gettext("Longevity, high first"),
        "severity": reader.gettext("Severity, high first"),
        "customers": reader.gettext("Companies, most first"),
    }[value]


def signal(reader: Reader, name: str) -> str:
    """What a severity score was made of; a name that this version does not know stays as it is."""
    return {
        "churn_threat": reader.gettext("Threatens to leave"),
        "data_loss": reader.gettext("Data lost or wrong"),
        "money_or_law": reader.gettext("Money or law at stake"),
        "danger": reader.gettext("Danger to people or security"),
        "blocked": reader.gettext("Blocked"),
        "scope": reader.gettext("Hits many people at once"),
        "urgency": reader.gettext("Urgent"),
        "anger": reader.gettext("Anger"),
        "repeat_contact": reader.gettext("Said before, still there"),
        "failure": reader.gettext("Something fails"),
        "disappointment": reader.gettext("Disappointment"),
        "workaround": reader.gettext("There is a work-around"),
        "mild": reader.gettext("Mild words"),
        "praise": reader.gettext("Praise"),
        "emphasis": reader.gettext("Emphasis"),
        "main_component": reader.gettext("Hits a main component"),
        "mainstream": reader.gettext("On the mainstream"),
        "root_cause": reader.gettext("Root cause of others"),
        "bottleneck": reader.gettext("Bottleneck"),
    }.get(name, name)


def topic(reader: Reader, value: str) -> str:
    """What a mail tells of."""
    return {
        "heard": reader.gettext("Your voice has found its theme"),
        "decided": reader.gettext("It is decided what becomes of a voice"),
        "shipped": reader.gettext("What a voice asked for has shipped"),
        "reviewed": reader.gettext("The outcome was reviewed"),
        "weekly": reader.gettext("Weekly digest"),
        "monthly": reader.gettext("Monthly digest"),
    }[value]

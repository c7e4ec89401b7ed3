"""What became of a voice, and the words that tell the customer of it, in their own language."""

from __future__ import annotations

from vocloop.roadmap.backlog import shown
from vocloop.roadmap.fates import Fate, Step
from vocloop_models import Theme
from vocloop_ui.i18n import LANGUAGES, Reader

__all__ = ["language_of", "letter", "reached", "shown", "step", "stop"]

# The stops of the loop ring, in order.
STOPS = (Step.HEARD, Step.DECIDED, Step.SHIPPED, Step.REVIEWED)
_REACHED = {
    Step.HEARD: 1,
    Step.KNOWN: 1,
    Step.PROPOSED: 1,
    Step.DECLINED: 2,
    Step.DEFERRED: 2,
    Step.DECIDED: 2,
    Step.SHIPPED: 3,
    Step.REVIEWED: 4,
}


def reached(fate: Fate) -> int:
    """How many of STOPS lie behind the voice."""
    return _REACHED[fate.step]


def stop(reader: Reader, value: Step) -> str:
    return {
        Step.HEARD: reader.gettext("heard"),
        Step.DECIDED: reader.gettext("decided"),
        Step.SHIPPED: reader.gettext("shipped"),
        Step.REVIEWED: reader.gettext("reviewed"),
    }[value]


def step(reader: Reader, value: Step) -> str:
    return {
        Step.HEARD: reader.gettext("Heard. It waits for others who say the same."),
        Step.KNOWN: reader.gettext("Heard, with others who say the same."),
        Step.PROPOSED: reader.gettext("Proposed; it waits for a decision."),
        Step.DECLINED: reader.gettext("Decided: not to be done."),
        Step.DEFERRED: reader.gettext("Decided: later."),
        Step.DECIDED: reader.gettext("Decided: it will be done."),
        Step.SHIPPED: reader.gettext("Shipped."),
        Step.REVIEWED: reader.gettext("Shipped, and checked whether it worked."),
    }[value]


def language_of(fate: Fate) -> str:
    """Of the words for the customer: theirs, if the pages speak it."""
    language = fate.feedback.language
    return language if language in LANGUAGES else "en"


def letter(reader: Reader, fate: Fate) -> str:
    """What one may tell the customer, true to what is known and no promise beyond it."""
    theirs = Reader(language_of(fate), reader.timezone)
    title = _title(fate.theme, theirs.language)
    about = (
        theirs.gettext("Thank you for telling us about “%(title)s”.") % {"title": title}
        if title
        else theirs.gettext("Thank you for what you told us.")
    )
    what = {
        Step.HEARD: theirs.gettext("It has reached the people who plan our product."),
        Step.KNOWN: theirs.gettext(
            "Others tell us the same, and the people who plan our product look at it together."
        ),
        Step.PROPOSED: theirs.gettext("A remedy is proposed and will be decided on."),
        Step.DECLINED: theirs.gettext(
            "We have looked at it and will not change this for now. Let us talk about how else we "
            "can help you."
        ),
        Step.DEFERRED: theirs.gettext(
            "We want to change it, but not in the coming months. We will come back to you."
        ),
        Step.DECIDED: theirs.gettext("We have decided to change it, and work on it."),
        Step.SHIPPED: theirs.gettext("It is changed now. Please tell us whether it helps you."),
        Step.REVIEWED: theirs.gettext(
            "It is changed, and we have checked that it works. Thank you for having told us."
        ),
    }[fate.step]
    return f"{about}{theirs.gap}{what}"


def _title(theme: Theme | None, language: str) -> str:
    if theme is None:
        return ""
    own, other = theme.title_ja, theme.title_en
    return (own if language == "ja" else other) or ""

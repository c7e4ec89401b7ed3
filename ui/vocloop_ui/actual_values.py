"""The actual values in the form of an outcome review: where they stand, and of what they are."""

from __future__ import annotations

from typing import Any

from vocloop_models import OutcomeReview
from vocloop_ui.forms import Form

# Before the place of a value: what it is of, and what it was, as the form was opened.
OF, ACTUAL, WAS = "of.", "actual.", "was."
LARGEST = 1e12

# A metric; or a metric, the axis that it is broken down by, and the value on that axis.
Part = tuple[str, ...]


def places(review: OutcomeReview | None) -> dict[Part, str]:
    """Where on the page each value stands, by what it is of."""
    found: dict[Part, str] = {}
    for m, metric in enumerate(review.metrics if review else []):
        found[metric["name"],] = f"{m}"
        for a, (axis, values) in enumerate(metric["breakdowns"].items()):
            for v, value in enumerate(values):
                found[metric["name"], axis, value] = f"{m}.{a}.{v}"
    return found


def settle(form: Form, review: OutcomeReview | None) -> None:
    """Bring the values to where their metrics stand by now: these may have been agreed anew since
    the form was opened. Values of what is agreed no more are refused. The form tells what they are
    of (``of.…``); one that does not was opened just now."""
    today = places(review)
    opened = {tuple(v): n.removeprefix(OF) for n, v in form.values.items() if n.startswith(OF)}
    given = {
        (name, *part): form.values.get(f"{name}{place}", ())
        for part, place in (opened or today).items()
        for name in (ACTUAL, WAS)
    }
    gone = [part[-1] for part in opened if part not in today and any(given[ACTUAL, *part])]
    if gone:
        reader = form.reader
        form.refuse(
            "metrics",
            reader.gettext(
                "The metrics were agreed anew since you opened the form: “%(gone)s” is no longer "
                "among them. Look at them, then send it again."
            )
            % {"gone": reader.gettext(", ").join(gone)},
        )
    others = {name: v for name, v in form.values.items() if not name.startswith((ACTUAL, WAS))}
    form.values = others | {
        f"{name}{place}": given.get((name, *part), ())
        for part, place in today.items()
        for name in (ACTUAL, WAS)
    }


def read(form: Form, review: OutcomeReview | None) -> tuple[dict[str, float], dict[str, Any]]:
    """By metric: the actual value, refused on the form where it is missing; and those of its
    breakdowns, where there are any: None for one that was there and is emptied."""
    settle(form, review)
    actuals: dict[str, float] = {}
    broken: dict[str, Any] = {}
    for (metric, *below), place in places(review).items():
        value = form.number(f"{ACTUAL}{place}", -LARGEST, LARGEST)
        if below and (value is not None or form.raw(f"{WAS}{place}")):
            axis, segment = below
            broken.setdefault(metric, {}).setdefault(axis, {})[segment] = {"actual": value}
        elif value is not None:
            actuals[metric] = value
        elif not below:
            form.refuse(f"{ACTUAL}{place}", form.reader.gettext("Give the actual value."))
    return actuals, broken

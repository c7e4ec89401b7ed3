"""Ratings, measures and alerts in a reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from vocloop.success.ratings import SHOWN, Figure
from vocloop_models import AlertKind, AlertState, GoalMetric, RatingScale
from vocloop_ui import segment_words, words
from vocloop_ui.i18n import Reader


def scale(reader: Reader, value: RatingScale) -> str:
    return {
        RatingScale.NPS: reader.gettext("NPS"),
        RatingScale.CSAT: reader.gettext("CSAT"),
        RatingScale.CES: reader.gettext("CES"),
        RatingScale.STARS: reader.gettext("Stars"),
    }[value]


def meaning(reader: Reader, value: RatingScale) -> str:
    return {
        RatingScale.NPS: reader.gettext(
            "Share of promoters (9 and 10) less share of detractors (0 to 6), −100 to 100."
        ),
        RatingScale.CSAT: reader.gettext("Share of satisfied answers (4 and 5 of 5), in percent."),
        RatingScale.CES: reader.gettext("Mean of 1 to 7; 7 is easy."),
        RatingScale.STARS: reader.gettext("Mean of 1 to 5."),
    }[value]


def metric(reader: Reader, value: GoalMetric) -> str:
    if value is GoalMetric.OWN:
        return reader.gettext("Entered by people")
    return scale(reader, RatingScale(value.value))


def number(reader: Reader, value: float, of: RatingScale | None = None) -> str:
    """NPS and CSAT in whole points, means with one decimal; a minus sign that is one."""
    rounded = round(value) if of in (RatingScale.NPS, RatingScale.CSAT) else round(value, 1)
    return reader.number(rounded).replace("-", "−")


def amount(reader: Reader, value: float) -> str:
    """A measure's value, with what decimals it has."""
    return reader.number(round(value, 2)).replace("-", "−")


def signed(reader: Reader, value: float) -> str:
    return f"+{amount(reader, value)}" if value > 0 else amount(reader, value)


def day(written: str) -> dt.date:
    """A day as evidence keeps it."""
    return dt.date.fromisoformat(written)


def segment(reader: Reader, name: str, written: str) -> str:
    if name != "touch_tier":
        return segment_words.value(reader, name, written)
    return {
        "high": reader.gettext("High-touch"),
        "low": reader.gettext("Low-touch"),
        "tech": reader.gettext("Tech-touch"),
    }.get(written, written)


def along(of: RatingScale, figure: Figure) -> tuple[float, float, float]:
    """Value, low and high as shares of the scale, for the bar beside them."""
    low, high = SHOWN[of]
    value, least, most = (
        (each - low) / (high - low) for each in (figure.value, figure.low, figure.high)
    )
    return value, least, most


def period(reader: Reader, written: str) -> str:
    """2026-09 or 2026Q3."""
    year, quarter = written[:4], written[5:]
    if written[4] == "Q":
        return reader.gettext("Q%(quarter)s %(year)s") % {"quarter": quarter, "year": year}
    return reader.month(dt.date(int(year), int(quarter), 1))


def alert(reader: Reader, kind: AlertKind) -> str:
    return {
        AlertKind.RENEWAL_AT_RISK: reader.gettext("Renewal at risk"),
        AlertKind.CHAMPION_GONE: reader.gettext("No champion left"),
        AlertKind.EFFORT_FALLING: reader.gettext("It has become harder"),
        AlertKind.SILENCE: reader.gettext("Silent"),
    }[kind]


def state(reader: Reader, value: AlertState) -> str:
    return {
        AlertState.OPEN: reader.gettext("Open"),
        AlertState.ACKNOWLEDGED: reader.gettext("Taken on"),
        AlertState.CLOSED: reader.gettext("Closed"),
    }[value]


def evidence(reader: Reader, kind: AlertKind, held: Mapping[str, Any], today: dt.date) -> str:
    """What the alert rests on, in one sentence with its numbers."""
    if kind is AlertKind.RENEWAL_AT_RISK:
        day = dt.date.fromisoformat(held["renewal_on"])
        themes = len(held["themes"])
        return reader.ngettext(
            "Renews on %(day)s (%(left)s); %(num)s severe theme is still open.",
            "Renews on %(day)s (%(left)s); %(num)s severe themes are still open.",
            themes,
        ) % {
            "day": reader.date(day),
            "left": words.days(reader, (day - today).days),
            "num": reader.number(themes),
        }
    if kind is AlertKind.CHAMPION_GONE:
        return reader.ngettext(
            "The last of %(num)s champion left on %(day)s.",
            "The last of %(num)s champions left on %(day)s.",
            held["champions"],
        ) % {
            "num": reader.number(held["champions"]),
            "day": reader.date(dt.date.fromisoformat(held["gone_on"])),
        }
    if kind is AlertKind.EFFORT_FALLING:
        fall, low, high = held["fall"]
        return reader.gettext(
            "CES fell from %(before)s to %(after)s, by %(fall)s (%(low)s–%(high)s); "
            "%(first)s and %(second)s answers."
        ) % {
            "before": amount(reader, held["before"]),
            "after": amount(reader, held["after"]),
            "fall": amount(reader, fall),
            "low": amount(reader, low),
            "high": amount(reader, high),
            "first": reader.number(held["answers"][0]),
            "second": reader.number(held["answers"][1]),
        }
    return reader.gettext(
        "Last heard on %(day)s, %(days)s days of silence; before, on %(often)s days a month."
    ) % {
        "day": reader.date(dt.date.fromisoformat(held["last_said"])),
        "days": reader.number(held["silent_days"]),
        "often": reader.number(round(held["days_a_month"], 1)),
    }

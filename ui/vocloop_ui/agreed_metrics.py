"""The form that agrees what will count as success: the metrics, and for whom each is to improve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, takewhile
from typing import Any

from vocloop_models import OutcomeReview
from vocloop_ui import pairs
from vocloop_ui.forms import Form
from vocloop_ui.i18n import Reader
from vocloop_ui.meanwhile import WAS, Values, told

# Shown at least; as many as there are, and one more to break down by.
ROWS, PART_ROWS = 4, 6
LARGEST = 1e12
PARTS = ("metric", "axis", "value", "target")

Metric = dict[str, Any]


def form_of(form: Form, review: OutcomeReview | None) -> Form:
    """The form as it was sent, else as things are agreed."""
    if form.values or review is None:
        return form
    return Form(form.reader, values_of(review.metrics))


def values_of(metrics: Sequence[Metric]) -> Values:
    """What the form shows of what is agreed."""
    values: dict[str, list[str]] = {}
    parts: list[tuple[str, ...]] = []
    for row, metric in enumerate(metrics):
        values |= {f"{name}.{row}": [metric[name]] for name in ("name", "unit")}
        values |= {f"{name}.{row}": [_written(metric[name])] for name in ("baseline", "target")}
        parts += [
            (str(row), axis, value, _written(numbers["target"]))
            for axis, segments in metric["breakdowns"].items()
            for value, numbers in segments.items()
            if "target" in numbers
        ]
    for row, part in enumerate(parts):
        values |= {f"part.{name}.{row}": [value] for name, value in zip(PARTS, part, strict=True)}
    return values


def _written(value: float) -> str:
    return f"{value:.15g}"


def rows(form: Form) -> range:
    return range(max(ROWS, _count(form, "name")))


def part_rows(form: Form) -> list[dict[str, str]]:
    sent = _count(form, "part.metric")
    every = range(max(PART_ROWS, sent if form.action else sent + 1))
    return [{name: form.raw(f"part.{name}.{row}") for name in PARTS} for row in every]


def _count(form: Form, name: str) -> int:
    """How many rows of the form have this field."""
    return sum(1 for _ in takewhile(lambda row: f"{name}.{row}" in form.values, count()))


def read(form: Form) -> list[Metric]:
    """The metrics for outcomes.agree(); what can't be read is refused on the form."""
    reader, metrics = form.reader, list[Metric]()
    broken = _broken_down(form)
    for row in rows(form):
        name = form.text(f"name.{row}", 200)
        if not name:
            continue
        values = {
            part: form.number(f"{part}.{row}", -LARGEST, LARGEST) for part in ("baseline", "target")
        }
        for part, value in values.items():
            if value is None:
                missing = reader.gettext("Give the value before and the target as numbers.")
                form.refuse(f"{part}.{row}", missing)
        unit = form.text(f"unit.{row}", 40)
        below = broken.pop(str(row), {})
        metrics.append({"name": name, "unit": unit, **values, "breakdowns": below})
    for nameless in broken:
        form.refuse(
            f"name.{nameless}", reader.gettext("Name the metric that is broken down below.")
        )
    if not metrics or len({metric["name"] for metric in metrics}) < len(metrics):
        form.refuse("name.0", reader.gettext("Name at least one metric, each name once."))
    return metrics


def _broken_down(form: Form) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """By the row of a metric {axis: {value: {"target"}}}."""
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for row in range(_count(form, "part.metric")):
        axis, value = form.text(f"part.axis.{row}", 100), form.text(f"part.value.{row}", 200)
        target = form.number(f"part.target.{row}", -LARGEST, LARGEST)
        if not value:
            continue
        if target is None or not axis:
            said = form.reader.gettext("Say by what it is broken down, and its target.")
            form.refuse(f"part.target.{row}", said)
            continue
        below = found.setdefault(form.raw(f"part.metric.{row}"), {})
        below.setdefault(axis, {})[value] = {"target": target}
    return found


def stamp(review: OutcomeReview | None) -> str:
    """What a form brings along, of what was agreed when it was opened."""
    return review.agreed_at.isoformat() if review else ""


def settle(form: Form, metrics: Sequence[Metric], review: OutcomeReview | None) -> None:
    """Refuse a form that somebody else was faster than, unless they agreed the same. One that
    brings nothing along was opened just now."""
    if review is None or form.values.get(f"{WAS}agreed", [stamp(review)]) == [stamp(review)]:
        return
    if not form.errors and values_of(metrics) == values_of(review.metrics):
        return
    reader = form.reader
    value = reader.gettext(", ").join(_told(reader, each) for each in review.metrics)
    form.refuse("metrics", told(reader, value, review.agreed_by))


def _told(reader: Reader, metric: Metric) -> str:
    before, after = reader.number(metric["baseline"]), reader.number(metric["target"])
    name, unit = (pairs.own(reader, metric[part]) for part in ("name", "unit"))
    return f"{name} {before} → {after} {unit}".strip()

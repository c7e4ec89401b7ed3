"""What a score was made of, in words. The one place that reads ``ThemeScore.evidence``
(vocloop.score.scores describes it).

It reads defensively: evidence written by another version may lack keys or hold other types, and a
page must not fail for that. A sentence whose numbers are missing is left out.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vocloop_models import ThemeEvent, ThemeEventKind, ThemeScore
from vocloop_ui import segment_words
from vocloop_ui.i18n import Reader

# Wider than half the scale, an interval says next to nothing: the page says so in words.
WIDE_INTERVAL = 0.5
# As many as fit on one screen beside the formula; the others open on demand.
SHOWN_SEGMENTS = 5
SHOWN_SIGNALS = 6
NOT_WORDS = frozenset({"mark", "priority", "rating", "words", "workspace", "correction"})


@dataclass(frozen=True)
class Segment:
    """Companies with one attribute: how many say the theme, of how many heard from."""

    attribute: str
    value: str
    said: int
    all: int
    share: float
    low: float
    high: float
    lift: float | None
    significant: bool


@dataclass(frozen=True)
class Signal:
    """What speaks for harm, or against it, in so many of the statements."""

    name: str
    statements: int
    share: float


def weights(score: ThemeScore) -> list[str]:
    """Exponents of generality, longevity and severity, as written in a formula."""
    exponents = _part(_part(score.evidence, "impact"), "exponents")
    names = ("generality", "longevity", "severity")
    return [f"{_number(exponents, name, 1.0):g}" for name in names]


def best_segment(score: ThemeScore) -> Segment | None:
    """The significant segment of the highest share; None when none stands out."""
    return _segment(_part(score.evidence, "generality").get("best"))


def segments(score: ThemeScore) -> list[Segment]:
    """All that were tested, the surest first."""
    listed = _part(score.evidence, "generality").get("segments")
    read = (_segment(one) for one in listed) if isinstance(listed, list) else ()
    return [one for one in read if one is not None]


def segments_tested(score: ThemeScore) -> int:
    return int(
        _number(_part(score.evidence, "generality"), "segments_tested", len(segments(score)))
    )


def period_months(score: ThemeScore) -> int:
    """How far back the shares of companies look; 0 when the snapshot does not say."""
    return int(_number(_part(score.evidence, "generality"), "period_months", 0))


def overall(score: ThemeScore) -> Segment | None:
    """All companies heard from, as one row of the table of segments."""
    general = _part(score.evidence, "generality")
    said, heard = _part(general, "said"), _part(general, "heard")
    if not _number(heard, "companies", 0) or not _part(general, "share"):
        return None
    return _segment(
        {
            "attribute": "",
            "value": "",
            "said": said.get("companies"),
            "heard": heard.get("companies"),
            "share": general["share"],
        }
    )


def generality_lines(reader: Reader, score: ThemeScore) -> list[str]:
    general = _part(score.evidence, "generality")
    basis = _segment(general.get("basis"))
    if basis is not None:
        lines = [
            reader.gettext(
                "%(said)s of %(all)s companies in the best-fitting segment say it: "
                "%(attribute)s %(value)s."
            )
            % {
                "said": reader.number(basis.said),
                "all": reader.number(basis.all),
                "attribute": segment_words.attribute(reader, basis.attribute),
                "value": segment_words.value(reader, basis.attribute, basis.value),
            }
        ]
        if not basis.significant:
            lines.append(
                reader.gettext("The segment may stand out by chance, so its share is discounted.")
            )
        return lines
    unit = general.get("unit")
    said, heard = _part(general, "said"), _part(general, "heard")
    if not isinstance(unit, str) or unit not in said or unit not in heard:
        return []
    sentence = {
        "companies": reader.gettext("%(said)s of %(all)s companies heard from say it."),
        "contacts": reader.gettext(
            "%(said)s of %(all)s people say it; their companies are not known."
        ),
        "messages": reader.gettext(
            "%(said)s of %(all)s voices say it; nobody knows who they are from."
        ),
    }.get(unit)
    if sentence is None:
        return []
    return [
        sentence
        % {
            "said": reader.number(_number(said, unit, 0)),
            "all": reader.number(_number(heard, unit, 0)),
        }
    ]


def longevity_lines(reader: Reader, score: ThemeScore) -> list[str]:
    long = _part(score.evidence, "longevity")
    lines = []
    horizon = int(_number(long, "horizon_months", 0))
    if horizon:
        lines.append(
            reader.gettext("Expected to be heard in %(share)s of the next %(months)s months.")
            % {"share": reader.share(score.longevity), "months": horizon}
        )
    active, age = int(_number(long, "active_months", 0)), int(_number(long, "age_months", 0))
    if age:
        lines.append(
            reader.gettext("Heard in %(active)s of %(age)s months so far.")
            % {"active": active, "age": age}
        )
    silent = int(_number(long, "silent_months", 0))
    if silent:
        lines.append(
            reader.ngettext("Silent for %(num)s month.", "Silent for %(num)s months.", silent)
            % {"num": silent}
        )
    return lines


def severity_lines(reader: Reader, score: ThemeScore) -> list[str]:
    companies = int(_number(_part(score.evidence, "severity"), "companies", 0))
    if not companies:
        return []
    sentence = reader.ngettext(
        "Mean of %(num)s company, each counted once.",
        "Mean of %(num)s companies, each counted once.",
        companies,
    )
    lines = [sentence % {"num": reader.number(companies)}]
    others = int(_number(_part(score.evidence, "severity"), "others", 0))
    if others:
        told = reader.ngettext(
            "%(num)s of these is a voice of no known company, counted as one.",
            "%(num)s of these are voices of no known company, each counted as one.",
            others,
        )
        lines.append(told % {"num": reader.number(others)})
    return lines


def severity_steps(score: ThemeScore) -> list[int]:
    """Companies by mean severity in equal steps from 0 to 100; empty when not known."""
    steps = _part(score.evidence, "severity").get("histogram")
    if not isinstance(steps, list) or not all(isinstance(n, int) for n in steps) or not any(steps):
        return []
    return steps


def signals(score: ThemeScore) -> list[Signal]:
    """What was heard in the most statements, first. Marks, priorities and ratings are left out:
    that one was given tells nothing without its value."""
    counts = _part(_part(score.evidence, "severity"), "signals")
    total = max(score.statements, 1)
    read = [
        Signal(name, count, count / total if count < total else 1.0)
        for name, count in counts.items()
        if isinstance(count, int) and count > 0 and name not in NOT_WORDS
    ]
    return sorted(read, key=lambda one: (-one.statements, one.name))[:SHOWN_SIGNALS]


def event_line(reader: Reader, event: ThemeEvent) -> str:
    """One line of a theme's history."""
    n = int(_number(event.detail, "statements", 0))
    before = int(_number(event.detail, "before", 0))
    named = {
        "num": reader.number(n),
        "before": reader.number(before),
        "theme": f"T-{int(_number(event.detail, 'number', 0)):04d}",
        "title": str(event.detail.get("title", "")),
    }
    inwards = "from" in event.detail
    line: dict[ThemeEventKind, Callable[[], str]] = {
        ThemeEventKind.BORN: lambda: (
            reader.ngettext(
                "Born between two runs from %(num)s statement",
                "Born between two runs from %(num)s statements",
                n,
            )
            if event.detail.get("found") == "between runs"
            else reader.ngettext("Born from %(num)s statement", "Born from %(num)s statements", n)
        ),
        ThemeEventKind.CONTINUED: lambda: reader.ngettext(
            "Found again, with %(num)s statement", "Found again, with %(num)s statements", n
        ),
        ThemeEventKind.GREW: lambda: reader.gettext("Grew from %(before)s to %(num)s statements"),
        ThemeEventKind.FADED: lambda: reader.ngettext(
            "Faded: %(num)s statement, not found again",
            "Faded: %(num)s statements, not found again",
            n,
        ),
        ThemeEventKind.REVIVED: lambda: reader.ngettext(
            "Came back with %(num)s statement", "Came back with %(num)s statements", n
        ),
        ThemeEventKind.SPLIT: lambda: reader.gettext("A part of it became %(theme)s"),
        ThemeEventKind.MERGED: lambda: (
            reader.gettext("Took in %(theme)s") if inwards else reader.gettext("Joined %(theme)s")
        ),
        ThemeEventKind.RETIRED: lambda: reader.gettext("Retired: not found any more"),
        ThemeEventKind.RENAMED: lambda: reader.gettext("Given the title “%(title)s”"),
        ThemeEventKind.MOVED: lambda: reader.gettext("Statements moved by hand"),
        ThemeEventKind.PINNED: lambda: reader.gettext("Pinned"),
        ThemeEventKind.ARCHIVED: lambda: reader.gettext("Archived"),
        ThemeEventKind.DISMISSED: lambda: reader.gettext("Marked as not a theme"),
        ThemeEventKind.DIFFERENT: lambda: reader.gettext("Said to be different from %(theme)s"),
        ThemeEventKind.LAYERED: lambda: reader.gettext("Said to hurt a layer of value"),
        ThemeEventKind.UNDONE: lambda: reader.gettext("An edit was undone"),
    }
    sentence = line[event.kind]() % named
    overlap = _number(event.detail, "overlap", 0.0)
    if not overlap:
        return sentence
    return (
        reader.gettext("%(sentence)s (%(share)s in common)")
        % {"sentence": sentence, "share": reader.share(overlap)}
    )  # fmt: skip


def first_day(score: ThemeScore) -> dt.date | None:
    return _day(_part(score.evidence, "longevity").get("first"))


def last_day(score: ThemeScore) -> dt.date | None:
    return _day(_part(score.evidence, "longevity").get("last"))


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _part(evidence: Any, name: str) -> Mapping[str, Any]:
    part = evidence.get(name) if isinstance(evidence, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _number(part: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = part.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return otherwise
    # Nothing was ever counted that often.
    return value if abs(value) <= sys.float_info.max else otherwise


def _segment(row: Any) -> Segment | None:
    if not isinstance(row, Mapping):
        return None
    share = _part(row, "share")
    try:
        return Segment(
            attribute=str(row["attribute"]),
            value=str(row["value"]),
            said=int(row["said"]),
            all=int(row["heard"]),
            share=float(share["value"]),
            low=float(share["low"]),
            high=float(share["high"]),
            lift=float(row["lift"]) if row.get("lift") is not None else None,
            significant=bool(row.get("significant")),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None

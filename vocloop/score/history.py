"""Scores are snapshots by day: how a theme's scores moved, and why."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from vocloop.errors import NotFoundError
from vocloop.score.explain import score_on
from vocloop.score.words import KINDS, PARTS, Called, as_written
from vocloop_models import LongevityKind, ThemeScore

WEEK = dt.timedelta(days=7)
MULTIPLIED = ("generality", "longevity", "severity")
# An impact of nothing has no ratio.
LEAST = 1e-6
# Between the attribute of a segment and its value.
OF = ": "


@dataclass(frozen=True)
class Cause:
    """``part``: generality, longevity, severity or weights; impact was multiplied by ``factor``
    through it. facts: {name: [before, after]}, what changed of its evidence."""

    part: str
    factor: float
    facts: dict[str, list[Any]]


@dataclass(frozen=True)
class Move:
    """From one snapshot to another. The factors of ``causes`` multiply to after ÷ before; the
    greatest first. sentences: the same in words."""

    since: dt.date
    day: dt.date
    before: float
    after: float
    rank_before: int | None
    rank_after: int | None
    causes: list[Cause]
    sentences: list[dict[str, str]]


def days(
    session: Session, theme_id: uuid.UUID, *, since: dt.date | None = None, limit: int = 400
) -> list[ThemeScore]:
    """Snapshots of a theme, oldest first, the newest ``limit`` of them.

    Raises NotFoundError when there is no such theme or it was never scored."""
    score_on(session, theme_id)
    found = select(ThemeScore).where(ThemeScore.theme_id == theme_id)
    if since is not None:
        found = found.where(col(ThemeScore.day) >= since)
    rows = session.exec(found.order_by(col(ThemeScore.day).desc()).limit(limit)).all()
    return list(rows)[::-1]


def moved(
    session: Session,
    theme_id: uuid.UUID,
    *,
    since: dt.date | None = None,
    day: dt.date | None = None,
    called: Called = as_written,
) -> Move | None:
    """Why impact moved up to ``day`` (the newest snapshot), since the snapshot of ``since`` or the
    newest before it (a week earlier); None when there is no snapshot that old.

    Raises NotFoundError when there is no such theme or it was never scored."""
    after = score_on(session, theme_id, day)
    try:
        before = score_on(session, theme_id, since or after.day - WEEK)
    except NotFoundError:
        return None
    causes = _causes(before, after)
    return Move(
        before.day,
        after.day,
        before.impact,
        after.impact,
        _impact(before).get("rank"),
        _impact(after).get("rank"),
        causes,
        [sentence(cause, called) for cause in causes if _tells(cause)],
    )


def _causes(before: ThemeScore, after: ThemeScore) -> list[Cause]:
    """log impact is a sum of weight × log part: the old parts under the new weights, then the
    parts one by one."""
    old, new = _weights(before), _weights(after)
    logs = {name: math.log(max(getattr(before, name), LEAST)) for name in MULTIPLIED}
    weighed = math.exp(sum((new[name] - old[name]) * logs[name] for name in MULTIPLIED))
    causes = [
        Cause(
            name,
            math.exp(new[name] * (math.log(max(getattr(after, name), LEAST)) - logs[name])),
            _facts(name, before, after),
        )
        for name in MULTIPLIED
    ]
    if old != new:
        facts = {name: [old[name], new[name]] for name in MULTIPLIED if old[name] != new[name]}
        causes.append(Cause("weights", weighed, facts))
    return sorted(causes, key=lambda cause: -abs(math.log(cause.factor)))


def _facts(name: str, before: ThemeScore, after: ThemeScore) -> dict[str, list[Any]]:
    old, new = _known(name, before), _known(name, after)
    facts: dict[str, list[Any]] = {name: [getattr(before, name), getattr(after, name)]}
    return facts | {
        fact: [old[fact], new[fact]] for fact in new if fact in old and old[fact] != new[fact]
    }


def _known(name: str, score: ThemeScore) -> dict[str, Any]:
    part = score.evidence.get(name, {})
    if name == "generality":
        unit = part.get("unit", "companies")
        basis = part.get("basis") or {}
        return {
            "said": part.get("said", {}).get(unit),
            "heard": part.get("heard", {}).get(unit),
            "basis": f"{basis['attribute']}{OF}{basis['value']}" if basis else None,
            "basis_said": basis.get("said"),
            "basis_heard": basis.get("heard"),
        }
    if name == "longevity":
        names = ("kind", "active_months", "age_months", "silent_months", "last", "prior")
        fix = (part.get("fix") or {}).get("on")
        return {**{fact: part.get(fact) for fact in names}, "fix": fix}
    return {"companies": part.get("companies"), "histogram": part.get("histogram")}


def _tells(cause: Cause) -> bool:
    return abs(math.log(cause.factor)) > math.log(1.005) or len(cause.facts) > 1


NAMES = {
    **PARTS,
    "weights": ("重みの変更", "a change of weights"),
    "said": ("声を上げた数", "who said it"),
    "heard": ("声を聞いた数", "who was heard"),
    "basis": ("最も当てはまるセグメント", "best-fitting segment"),
    "basis_said": ("セグメント内で声を上げた数", "who said it in the segment"),
    "basis_heard": ("セグメント内で声を聞いた数", "who was heard in the segment"),
    "kind": ("種類", "kind"),
    "active_months": ("声が届いた月数", "months heard"),
    "age_months": ("最初の声からの月数", "months since the first report"),
    "silent_months": ("声が届いていない月数", "silent months"),
    "last": ("最後の声", "last heard"),
    "fix": ("提供した対応", "what was shipped"),
    "prior": ("同じ顧客・製品・領域の他のテーマ", "other themes of the same customers and product"),
    "companies": ("会社数", "companies"),
    "histogram": ("深刻度の分布", "distribution of severity"),
}


def sentence(cause: Cause, called: Called = as_written) -> dict[str, str]:
    """一般性により1.12倍: 声を上げた数 12→14."""
    ja, en = (
        [
            f"{NAMES[name][place]} {arrow.join(_shown(name, v, place, called) for v in values)}"
            for name, values in cause.facts.items()
        ]
        for place, arrow in enumerate(("→", " → "))
    )
    part_ja, part_en = NAMES[cause.part]
    return {
        "ja": f"{part_ja}により{cause.factor:.2f}倍: {'、'.join(ja)}",
        "en": f"× {cause.factor:.2f} by {part_en}: {', '.join(en)}",
    }


def _shown(name: str, value: Any, place: int, called: Called) -> str:
    """place: 0 in Japanese, 1 in English."""
    if name == "basis" and value is not None:
        attribute, _, written = value.partition(OF)
        return called({"attribute": attribute, "value": written})[("ja", "en")[place]]
    if name == "kind" and value is not None:
        return KINDS[LongevityKind(value)][place].split(":")[0]
    return f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)


def _weights(score: ThemeScore) -> dict[str, float]:
    kept = _impact(score).get("exponents", {})
    return {name: float(kept.get(name, 1.0)) for name in MULTIPLIED}


def _impact(score: ThemeScore) -> Mapping[str, Any]:
    part = score.evidence.get("impact")
    return part if isinstance(part, Mapping) else {}

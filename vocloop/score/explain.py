"""Every number of a theme opened up: inputs, formula, the formula with values put in, evidence."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from vocloop.errors import NotFoundError
from vocloop.score import words
from vocloop.score.generality import JEFFREYS, SEGMENT_QUANTILE
from vocloop.score.kin import LEAST_SHARE, MOST_SHARE
from vocloop.score.longevity import MEMORIES
from vocloop.score.segments import SEGMENT_PRIOR
from vocloop_models import Theme, ThemeScore

Evidence = Mapping[str, Any]
PARTS = ("generality", "longevity", "severity", "impact")
_NUMBER = re.compile(r"[Tt]-0*(\d{1,9})|0*(\d{1,9})")


@dataclass(frozen=True)
class Part:
    """One number: ``formula`` in words, ``filled`` with its values, ``inputs`` as kept in the
    evidence, ``ids`` of what it rests on: {"customers" | "statements": [id]}."""

    name: str
    value: float
    low: float
    high: float
    formula: str
    filled: str
    sentences: list[dict[str, str]]
    inputs: dict[str, Any]
    ids: dict[str, list[str]]


@dataclass(frozen=True)
class Explanation:
    """``as_of``: what was said after it does not count."""

    theme_id: uuid.UUID
    number: int
    title_ja: str | None
    title_en: str | None
    day: dt.date
    as_of: str | None
    parts: list[Part]


def theme_named(session: Session, name: str) -> Theme:
    """The theme of an id, of T-0012, or of 12. Raises NotFoundError."""
    where = None
    if found := _NUMBER.fullmatch(name.strip()):
        where = col(Theme.number) == int(found[1] or found[2])
    elif (theme_id := _uuid(name.strip())) is not None:
        where = col(Theme.id) == theme_id
    theme = None if where is None else session.exec(select(Theme).where(where)).first()
    if theme is None:
        raise NotFoundError(f"there is no theme {name}; give an id or a number such as T-0012")
    return theme


def _uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None


def score_on(session: Session, theme_id: uuid.UUID, day: dt.date | None = None) -> ThemeScore:
    """The scores of a theme of that day, or the newest before it; the newest of all without a day.

    Raises NotFoundError when there is no such theme, or it was not scored by then."""
    theme = session.get(Theme, theme_id)
    if theme is None:
        raise NotFoundError(f"there is no theme {theme_id}")
    found = select(ThemeScore).where(ThemeScore.theme_id == theme_id)
    if day is not None:
        found = found.where(col(ThemeScore.day) <= day)
    score = session.exec(found.order_by(col(ThemeScore.day).desc()).limit(1)).first()
    if score is None:
        when = "" if day is None else f" by {day.isoformat()}"
        raise NotFoundError(
            f"theme T-{theme.number:04d} was not scored{when}; run `vocloop themes refresh`"
        )
    return score


def explain(session: Session, theme_id: uuid.UUID, *, day: dt.date | None = None) -> Explanation:
    """All four numbers of a theme; raises NotFoundError as ``score_on`` does."""
    score = score_on(session, theme_id, day)
    theme = session.get_one(Theme, theme_id)
    evidence = score.evidence
    rival = _rival(session, _part(evidence, "impact").get("rival"))
    opened = {
        "generality": _generality(_part(evidence, "generality"), score.generality),
        "longevity": _longevity(_part(evidence, "longevity"), score),
        "severity": _severity(_part(evidence, "severity"), score.severity),
        "impact": _impact(_part(evidence, "impact"), score, rival),
    }
    statements = _ids(evidence.get("statements"))
    parts = []
    for name in PARTS:
        formula, filled, sentences, ids = opened[name]
        parts.append(
            Part(
                name,
                getattr(score, name),
                getattr(score, f"{name}_low"),
                getattr(score, f"{name}_high"),
                formula,
                filled,
                sentences,
                dict(_part(evidence, name)),
                ids or {"statements": statements},
            )
        )
    return Explanation(
        theme.id,
        theme.number,
        theme.title_ja,
        theme.title_en,
        score.day,
        evidence.get("as_of"),
        parts,
    )


Opened = tuple[str, str, list[dict[str, str]], dict[str, list[str]]]


def _generality(part: Evidence, value: float) -> Opened:
    ids = {"customers": _ids(part.get("customers"))}
    said, heard, unit = part.get("said", {}), part.get("heard", {}), part.get("unit", "companies")
    share, basis, best = part.get("share"), part.get("basis"), part.get("best")
    sentences = []
    if best:
        sentences.append(words.segment(best, unit))
    if share:
        sentences.append(words.overall(said.get(unit, 0), heard.get(unit, 0), share, unit))
    if part.get("reach"):
        sentences.append(words.reach(part["reach"], segmented=bool(best)))
    if basis and share:
        s, k, n = share["value"], basis["said"], basis["heard"]
        formula = (
            f"{SEGMENT_QUANTILE:.0%} quantile of Beta({SEGMENT_PRIOR:g} · share + said, "
            f"{SEGMENT_PRIOR:g} · (1 − share) + heard − said) in the best-fitting segment"
        )
        filled = (
            f"{SEGMENT_QUANTILE:.0%} quantile of Beta({SEGMENT_PRIOR:g} · {s:.3f} + {k}, "
            f"{SEGMENT_PRIOR:g} · {1 - s:.3f} + {n} − {k}) = {value:.3f} "
            f"[{basis['attribute']}: {basis['value']}]"
        )
        return formula, filled, sentences, ids
    k, n = said.get("companies", 0), heard.get("companies", 0)
    others = heard.get("contacts", 0) + heard.get("messages", 0)
    more = " + …" if others else ""
    weighed = " (voices of no known company weigh at most ½)" if others else ""
    return (
        f"({JEFFREYS:g} + said) / ({2 * JEFFREYS:g} + heard){weighed}",
        f"({JEFFREYS:g} + {k}{more}) / ({2 * JEFFREYS:g} + {n}{more}) = {value:.3f}",
        sentences,
        ids,
    )


def _longevity(part: Evidence, score: ThemeScore) -> Opened:
    sentences = words.longevity(part, score.longevity, score.longevity_low, score.longevity_high)
    filled = []
    for m in part.get("memories", []):
        a = m["months"] / MEMORIES[0]
        filled.append(
            f"{m['belief']:.2f} · ({a:g} + {m['heard']:.2f}) / "
            f"({a:g} / {part['prior']:.3f} + {m['could']:.2f})"
        )
    formula = (
        "Σ belief in a memory h · (h/24 + heard) / ((h/24) / prior + could); heard, could: "
        "Σ ½^(age/h) of the months in which it was heard, and in which it could be"
    )
    total = f"{score.longevity:.3f}"
    shown = f"{' + '.join(filled)} = {total}" if filled else total
    if part.get("kin"):
        formula += (
            "; prior: base · Π (what its kin show / what all show) ^ weight, "
            f"from {LEAST_SHARE:g} to {MOST_SHARE:g}"
        )
        factors = " · ".join(
            f"{known['ratio']:.2f} ^ {known['weight']:.2f} ({name})"
            for name, known in part["kin"].items()
        )
        shown += f"; prior {part['prior']:.3f} = {part['base']:.3f} · {factors}"
    return formula, shown, sentences, {}


def _severity(part: Evidence, value: float) -> Opened:
    worst = [str(row.get("statement")) for row in part.get("worst", [])]
    return (
        "mean over companies of the mean severity of what each said",
        f"mean of {part.get('companies', 0)} companies = {value:.3f}",
        words.severity(part),
        {"statements": worst} if worst else {},
    )


def _impact(part: Evidence, score: ThemeScore, rival: str | None) -> Opened:
    powers = part.get("exponents", {})
    filled = " × ".join(
        f"{getattr(score, name):.3f}^{powers.get(name, 1.0):g}"
        for name in ("generality", "longevity", "severity")
    )
    version = part.get("weights", 0)
    origin = f"version {version} of this workspace" if version else "the defaults"
    return (
        f"generality^a × longevity^b × severity^c, weights a, b, c: {origin}",
        f"{filled} = {score.impact:.3f}",
        words.rank(part, rival),
        {},
    )


def _rival(session: Session, named: Any) -> str | None:
    theme_id = _uuid(named) if isinstance(named, str) else None
    theme = session.get(Theme, theme_id) if theme_id else None
    return None if theme is None else f"T-{theme.number:04d}"


def _part(evidence: Evidence, name: str) -> Evidence:
    """Scores kept by an older version lack some of what is read here."""
    part = evidence.get(name)
    return part if isinstance(part, Mapping) else {}


def _ids(kept: Any) -> list[str]:
    return list(kept.get("ids", [])) if isinstance(kept, Mapping) else []

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
from vocloop.score import formulas, words
from vocloop.score.formulas import Formula
from vocloop.score.words import Called, Sentence
from vocloop_models import Theme, ThemeScore

Evidence = Mapping[str, Any]
PARTS = tuple(words.PARTS)
_NUMBER = re.compile(r"[Tt]-0*(\d{1,9})|0*(\d{1,9})")


@dataclass(frozen=True)
class Part:
    """One number: ``formula`` in words, ``filled`` with its values, both in English, and in
    Japanese with ``_ja``; ``inputs`` as kept in the evidence, ``ids`` of what it rests on:
    {"customers" | "statements": [id]}."""

    name: str
    value: float
    low: float
    high: float
    formula: str
    filled: str
    formula_ja: str
    filled_ja: str
    sentences: list[Sentence]
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


def explain(
    session: Session,
    theme_id: uuid.UUID,
    *,
    day: dt.date | None = None,
    called: Called = words.as_written,
) -> Explanation:
    """All four numbers of a theme; raises NotFoundError as ``score_on`` does."""
    score = score_on(session, theme_id, day)
    theme = session.get_one(Theme, theme_id)
    evidence = score.evidence
    rival = _rival(session, _part(evidence, "impact").get("rival"))
    opened = _opened(evidence, score, rival, called)
    statements = _ids(evidence.get("statements"))
    parts = []
    for name in PARTS:
        (formula, filled), sentences = opened[name]
        part = _part(evidence, name)
        parts.append(
            Part(
                name,
                getattr(score, name),
                getattr(score, f"{name}_low"),
                getattr(score, f"{name}_high"),
                formula["en"],
                filled["en"],
                formula["ja"],
                filled["ja"],
                sentences,
                dict(part),
                _behind(name, part) or {"statements": statements},
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


def _opened(
    evidence: Evidence, score: ThemeScore, rival: str | None, called: Called
) -> dict[str, tuple[Formula, list[Sentence]]]:
    general, long, severe, whole = (_part(evidence, name) for name in PARTS)
    values = {name: getattr(score, name) for name in PARTS if name != "impact"}
    return {
        "generality": (
            formulas.generality(general, score.generality, called),
            _reached(general, called),
        ),
        "longevity": (
            formulas.longevity(long, score.longevity),
            words.longevity(long, score.longevity, score.longevity_low, score.longevity_high),
        ),
        "severity": (formulas.severity(severe, score.severity), words.severity(severe)),
        "impact": (formulas.impact(whole, values, score.impact), words.rank(whole, rival)),
    }


def _reached(part: Evidence, called: Called) -> list[Sentence]:
    said, heard, unit = part.get("said", {}), part.get("heard", {}), part.get("unit", "companies")
    share, best = part.get("share"), part.get("best")
    sentences = []
    if best:
        sentences.append(words.segment(best, called, unit))
    if share:
        sentences.append(words.overall(said.get(unit, 0), heard.get(unit, 0), share, unit))
    if part.get("reach"):
        sentences.append(words.reach(part["reach"], segmented=bool(best)))
    return sentences


def _behind(name: str, part: Evidence) -> dict[str, list[str]]:
    """Ids of what a number rests on where that is not all statements of the theme."""
    if name == "generality":
        return {"customers": _ids(part.get("customers"))}
    worst = [str(row.get("statement")) for row in part.get("worst", [])]
    return {"statements": worst} if worst else {}


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

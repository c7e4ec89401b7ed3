"""Keywords follow a theme; its title stays what people know, and a better one is suggested."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from vocloop.themes.labels import Label
from vocloop_models import Theme, now

LANGUAGES = ("ja", "en")
# A title is in doubt when the keywords it was given for and those of today have less than this
# in common (Jaccard index; of eight and eight: at most one). benchmarks/drift.py: of two random
# halves of the same theme it calls 0 % (MLIT), 3 % (banking77) and 25 % (the small themes of the
# sample company) drifted, when three quarters were exchanged 50, 47 and 89 %, when all 100, 84
# and 100 %. A wrong suggestion costs a glance, so some are borne.
DRIFT = 0.1


def write_labels(
    session: Session, themes: Mapping[int, uuid.UUID], labels: Mapping[int, Label]
) -> None:
    """Write keywords and titles of the themes that a run labelled.

    A theme gets its title in a language once. Later its keywords may drift away from what the
    title was given for; then the run's title is suggested beside it, whoever gave the old one,
    and no run writes it over."""
    found = {themes[number]: label for number, label in labels.items() if number in themes}
    for theme in session.exec(select(Theme).order_by(col(Theme.number))):
        if theme.id in found and _changed(theme, found[theme.id]):
            theme.updated_at = now()
    session.flush()


def drifted(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether keywords speak of something else by now. Nothing can be said of no keywords."""
    if not before or not after:
        return False
    one, other = set(before), set(after)
    return len(one & other) < DRIFT * len(one | other)


def _changed(theme: Theme, label: Label) -> bool:
    changed = [_in_language(theme, label, language) for language in LANGUAGES]
    return any(changed)


def _in_language(theme: Theme, label: Label, language: str) -> bool:
    """Bring one language of ``theme`` up to date; whether anything changed."""
    title, keywords = label.titles.get(language), list(label.keywords.get(language, []))
    wanted: dict[str, object] = {"keywords": keywords, "suggested_title": None}
    own = getattr(theme, f"title_{language}")
    titled_for = getattr(theme, f"titled_for_{language}")
    fixed = getattr(theme, f"fixed_{language}")
    written = getattr(theme, f"written_{language}")
    if title and (own is None or not (fixed or titled_for or written)):
        wanted |= {"title": title, "titled_for": keywords, "written": False}
    if title and own is not None and title != own and drifted(titled_for, keywords):
        wanted["suggested_title"] = title
    changed = False
    for name, value in wanted.items():
        if getattr(theme, f"{name}_{language}") != value:
            setattr(theme, f"{name}_{language}", value)
            changed = True
    return changed

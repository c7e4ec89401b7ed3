"""People's edits of themes in words: what each was, whether it holds, and how to take it back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from vocloop.themes import overrule
from vocloop.themes.record import Author
from vocloop_models import FactKind, FactStatement, Theme, ThemeFact
from vocloop_ui import domain_words, words
from vocloop_ui.forms import name_of
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View


@dataclass(frozen=True)
class Edit:
    """One edit; ``overruled``: a newer one says otherwise; ``statements``: how many it placed."""

    fact: ThemeFact
    theme: Theme | None
    other: Theme | None
    statements: int

    @property
    def stands(self) -> bool:
        return self.fact.undone_at is None and self.fact.overruled_by is None


@dataclass(frozen=True)
class Contradiction:
    older: Edit
    newer: Edit


def author(view: View) -> Author:
    """Under whose name the reader's edits are kept."""
    return Author(name_of(view) or None)


def told(session: Session, facts: Iterable[ThemeFact]) -> list[Edit]:
    """Edits with what they name, in the order given."""
    facts = list(facts)
    named = {i for f in facts for i in (f.theme_id, f.other_id) if i is not None}
    themes: Mapping[uuid.UUID, Theme] = {
        theme.id: theme for theme in session.exec(select(Theme).where(col(Theme.id).in_(named)))
    }
    counts = dict(
        session.exec(
            select(FactStatement.fact_id, func.count())
            .where(col(FactStatement.fact_id).in_([f.id for f in facts]))
            .group_by(col(FactStatement.fact_id))
        ).all()
    )
    return [
        Edit(
            fact,
            themes.get(fact.theme_id) if fact.theme_id else None,
            themes.get(fact.other_id) if fact.other_id else None,
            counts.get(fact.id, 0),
        )
        for fact in facts
    ]


def contradictions(session: Session, theme_id: uuid.UUID | None = None) -> list[Contradiction]:
    """Edits that can't both hold, the last one first."""
    found = overrule.conflicts(session, theme_id)
    pairs = told(session, [fact for each in found for fact in (each.older, each.newer)])
    return [Contradiction(*pairs[i : i + 2]) for i in range(0, len(pairs), 2)]


def number(theme: Theme | None) -> str:
    return f"T-{theme.number:04d}" if theme else "–"


def line(reader: Reader, edit: Edit) -> str:
    """What the edit says."""
    kind = edit.fact.kind
    if kind is FactKind.MOVE and edit.theme is None:
        sentence = reader.ngettext(
            "%(num)s statement taken out of its theme",
            "%(num)s statements taken out of their themes",
            edit.statements,
        )
    else:
        sentence = {
            FactKind.RENAME: lambda: reader.gettext("%(theme)s is called “%(title)s”"),
            FactKind.MERGE: lambda: reader.gettext("%(theme)s is part of %(other)s"),
            FactKind.SPLIT: lambda: reader.ngettext(
                "%(num)s statement of %(theme)s became %(other)s",
                "%(num)s statements of %(theme)s became %(other)s",
                edit.statements,
            ),
            FactKind.MOVE: lambda: reader.ngettext(
                "%(num)s statement moved to %(theme)s",
                "%(num)s statements moved to %(theme)s",
                edit.statements,
            ),
            FactKind.PIN: lambda: reader.gettext("%(theme)s is pinned"),
            FactKind.ARCHIVE: lambda: reader.gettext("%(theme)s is archived"),
            FactKind.NOT_A_THEME: lambda: reader.gettext("%(theme)s is not a theme"),
            FactKind.DIFFERENT: lambda: reader.gettext("%(theme)s and %(other)s are different"),
            FactKind.LAYER: lambda: (
                reader.gettext("%(theme)s hurts: %(layer)s")
                if edit.fact.layer
                else reader.gettext("%(theme)s hurts no layer of value")
            ),
        }[kind]()
    return sentence % {
        "theme": number(edit.theme),
        "other": number(edit.other),
        "title": edit.fact.title or "",
        "layer": words.layer(reader, edit.fact.layer) if edit.fact.layer else "",
        "num": reader.number(edit.statements),
    }


def remarks(reader: Reader, kept: Sequence[str]) -> str:
    """That an edit is undone, and what did not go back to what it was, for the toast."""
    said = [domain_words.told(reader, each) for each in kept]
    if reader.language == "en":
        said = [f"{each[:1].upper()}{each[1:]}." for each in said]
    return reader.gap.join([reader.gettext("The edit is undone."), *said])

"""Whether what machines made of voices repeats somebody's words, and whose words they may be made
of: titles, keywords and summaries of themes are read by everyone."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy import select as rows_of
from sqlmodel import Session, col

from vocloop_models import Customer, Feedback, Statement, Theme, ThemeMembership, Wording
from vocloop_models.bulk import parts
from vocloop_models.database import whole

# A title that shares so many characters with what was said quotes it.
_SHORTEST_QUOTE = 12


def quotes(title: str | None, texts: Iterable[str]) -> bool:
    """Whether a title stands in one of ``texts``, or holds a good piece of one word for word."""
    if not title:
        return False
    words = _plain(title).strip(" 。.…")
    for text in texts:
        said = _plain(text)
        if words in said:
            return True
        size = max(_SHORTEST_QUOTE, len(words) // 2)
        if any(words[n : n + size] in said for n in range(len(words) - size + 1)):
            return True
    return False


def withheld(session: Session) -> set[uuid.UUID]:
    """Statements of customers that only named people see: nothing for everyone is made of them."""
    with whole(session):
        return set(session.scalars(_of_restricted(col(Statement.id))))


def withhold(session: Session) -> None:
    """Clear what runs made for everyone and what repeats words that by now only named people see,
    and nobody else's; the next run makes new ones. What a person wrote stays."""
    said: dict[uuid.UUID, dict[uuid.UUID, str]] = defaultdict(dict)
    with whole(session):
        columns = col(ThemeMembership.theme_id), col(Statement.id), col(Statement.text)
        query = _of_restricted(*columns).join(
            ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id)
        )
        for theme_id, statement_id, text in session.execute(query):
            said[theme_id][statement_id] = text
        for some in parts(sorted(said)):
            themes = rows_of(Theme).where(col(Theme.id).in_(some)).order_by(col(Theme.id))
            for theme in session.scalars(themes):
                _clear(session, theme, said[theme.id])
    session.flush()


def clear_wording(session: Session, theme: Theme, statements: Collection[str]) -> None:
    """Clear what a language model wrote of ``statements`` (ids as text): nobody can tell how much
    of them is in it."""
    wording = session.get(Wording, theme.wording) if theme.wording else None
    if wording is None or set(statements).isdisjoint(wording.read):
        return
    session.delete(wording)
    theme.wording = None
    for language in ("ja", "en"):
        setattr(theme, f"summary_{language}", None)
        if getattr(theme, f"written_{language}"):
            setattr(theme, f"title_{language}", None)
            setattr(theme, f"written_{language}", False)


def _of_restricted(*columns: Any) -> Select[Any]:
    return (
        rows_of(*columns)
        .select_from(Statement)
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(Customer, col(Customer.id) == col(Feedback.customer_id))
        .where(col(Customer.restricted))
    )


def _clear(session: Session, theme: Theme, said: dict[uuid.UUID, str]) -> None:
    hidden = list(said.values())
    others: list[str] | None = None

    def theirs(words: str | None) -> bool:
        nonlocal others
        if not quotes(words, hidden):
            return False
        if others is None:
            members = rows_of(col(Statement.id), col(Statement.text)).join(
                ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id)
            )
            every = session.execute(members.where(col(ThemeMembership.theme_id) == theme.id))
            others = [_plain(text) for own, text in every if own not in said]
        return not _stands(words or "", others)

    for language in ("ja", "en"):
        keywords = getattr(theme, f"keywords_{language}")
        if any(theirs(word) for word in keywords):
            left = [word for word in keywords if not theirs(word)]
            setattr(theme, f"keywords_{language}", left)
        if theirs(getattr(theme, f"suggested_title_{language}")):
            setattr(theme, f"suggested_title_{language}", None)
        kept = getattr(theme, f"fixed_{language}") or getattr(theme, f"written_{language}")
        if not kept and theirs(getattr(theme, f"title_{language}")):
            setattr(theme, f"title_{language}", None)
    clear_wording(session, theme, {str(each) for each in said})


def _stands(words: str, texts: Sequence[str]) -> bool:
    return any(_plain(words).strip(" 。.…") in text for text in texts)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())

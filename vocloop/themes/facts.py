"""People's edits of themes. Each is a fact that takes effect at once and binds every later run.

Nothing is lost: a fact can be undone (vocloop.themes.undo), and one that contradicts an older one
overrules it and is shown beside it (vocloop.themes.overrule)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.quoting import withheld
from vocloop.themes.overrule import denied_merge, overrule
from vocloop.themes.placing import (
    get_theme,
    living,
    members,
    open_theme,
    put,
    shown,
    size,
    themes_of,
    there,
)
from vocloop.themes.record import SOMEONE, Author, link, outdate, record, tell
from vocloop.themes.turns import take_turns
from vocloop.themes.undo import apply_merge, take_back
from vocloop_models import (
    FactKind,
    Statement,
    Theme,
    ThemeEventKind,
    ThemeFact,
    ThemeState,
    ValueLayer,
    now,
)
from vocloop_models.bulk import parts

LANGUAGES = ("ja", "en")
MOST_TITLE = 300
# A title until the first run finds a better one: the first statement, cut to fit a list.
FIRST_WORDS = {"ja": 40, "en": 80}


def rename(
    session: Session, theme_id: uuid.UUID, titles: Mapping[str, str], author: Author = SOMEONE
) -> list[ThemeFact]:
    """Give a theme its title in one language or both; no run changes it from then on.

    One fact a language. Raises NotFoundError, ConflictError for a theme that is merged or
    dismissed, InvalidInputError for a title that is empty or longer than 300 characters."""
    given = {language: " ".join(title.split()) for language, title in titles.items()}
    problems = [
        (f"title_{language}", f"is {len(title)} characters long; give 1 … {MOST_TITLE}")
        for language, title in given.items()
        if not 1 <= len(title) <= MOST_TITLE
    ]
    problems += [(g, "has no titles; use ja or en") for g in given if g not in LANGUAGES]
    if not given:
        problems = [("title_ja", "give a title in Japanese or in English")]
    if problems:
        raise InvalidInputError(f"the title can't be taken: {problems[0][1]}", problems)
    take_turns(session)
    theme = open_theme(session, theme_id)
    facts = []
    for language, title in given.items():
        before = {n: getattr(theme, f"{n}_{language}") for n in ("title", "fixed", "written")}
        fact = record(
            session,
            FactKind.RENAME,
            author,
            theme_id,
            language=language,
            title=title,
            before=before,
        )
        setattr(theme, f"title_{language}", title)
        setattr(theme, f"fixed_{language}", True)
        setattr(theme, f"written_{language}", False)
        setattr(theme, f"titled_for_{language}", getattr(theme, f"keywords_{language}"))
        setattr(theme, f"suggested_title_{language}", None)
        theme.updated_at = now()
        overrule(session, fact)
        tell(session, theme_id, ThemeEventKind.RENAMED, fact, title=title, language=language)
        facts.append(fact)
    return facts


def accept_titles(
    session: Session, theme_id: uuid.UUID, languages: Sequence[str], author: Author = SOMEONE
) -> list[ThemeFact]:
    """Take the titles that a run suggests. Raises ConflictError where none is suggested."""
    take_turns(session)
    theme = open_theme(session, theme_id)
    suggested = {g: getattr(theme, f"suggested_title_{g}", None) for g in languages}
    missing = [g for g, title in suggested.items() if title is None]
    if missing or not suggested:
        raise ConflictError(
            f"{shown(theme)} has no suggested title in {' or '.join(missing) or 'no language'}; "
            "read the theme again"
        )
    return rename(session, theme_id, {g: t for g, t in suggested.items() if t}, author)


def merge(
    session: Session, theme_id: uuid.UUID, into_id: uuid.UUID, author: Author = SOMEONE
) -> ThemeFact:
    """One problem, two themes: all statements of ``theme_id`` join ``into_id``, whose id and title
    stay. The old id goes on to lead there. Raises NotFoundError, InvalidInputError for a theme
    and itself, ConflictError for themes that are merged or dismissed already."""
    if theme_id == into_id:
        reason = "is the theme itself; name another one"
        raise InvalidInputError(f"into {reason}", [("into", reason)])
    take_turns(session)
    theme = open_theme(session, theme_id)
    open_theme(session, into_id)
    fact = record(
        session,
        FactKind.MERGE,
        author,
        theme_id,
        into_id,
        before={"state": theme.state.value, "pinned": theme.pinned},
    )
    apply_merge(session, fact)
    overrule(session, fact)
    outdate(session, theme_id)
    return fact


def split(
    session: Session,
    theme_id: uuid.UUID,
    statements: Sequence[uuid.UUID],
    titles: Mapping[str, str] | None = None,
    author: Author = SOMEONE,
) -> ThemeFact:
    """Two problems, one theme: ``statements`` become a theme of their own, which the fact names as
    ``other_id``. From then on the two are different. Without ``titles`` the next run names it.

    Raises NotFoundError, ConflictError for a theme that is merged or dismissed, InvalidInputError
    for statements that are not of the theme, or for all of them."""
    take_turns(session)
    theme = open_theme(session, theme_id)
    chosen = list(dict.fromkeys(statements))
    own = set(members(session, theme_id))
    strange = [s for s in chosen if s not in own]
    if strange or not chosen:
        reason = f"{len(strange)} are not of {shown(theme)}" if strange else "none is given"
        raise InvalidInputError(
            f"statements: {reason}; choose from its quotes",
            [("statements", f"{s} is not of {shown(theme)}") for s in strange]
            or [("statements", reason)],
        )
    if len(chosen) == len(own):
        reason = f"these are all of {shown(theme)}; leave some, or rename it instead"
        raise InvalidInputError(f"statements: {reason}", [("statements", reason)])
    born = Theme(number=(session.exec(select(func.max(Theme.number))).one() or 0) + 1)
    for language, title in _first_words(session, chosen).items():
        setattr(born, f"title_{language}", title)
    session.add(born)
    session.flush()
    fact = record(session, FactKind.SPLIT, author, theme_id, born.id)
    link(session, fact, dict.fromkeys(chosen, theme_id))
    put(session, chosen, born.id)
    overrule(session, fact, chosen)
    theme.updated_at = now()
    origin = {"from": theme_id}
    tell(session, born.id, ThemeEventKind.BORN, fact, **origin, statements=len(chosen))
    rest = len(own) - len(chosen)
    tell(session, theme_id, ThemeEventKind.SPLIT, fact, into=born.id, statements=rest)
    if titles:
        rename(session, born.id, titles, author)
    outdate(session, theme_id, splits_only=True)
    return fact


def move(
    session: Session,
    statements: Sequence[uuid.UUID],
    theme_id: uuid.UUID | None,
    author: Author = SOMEONE,
) -> list[ThemeFact]:
    """Put statements into a theme, or with None into none; one fact a statement.

    Raises NotFoundError for an unknown theme, InvalidInputError for unknown statements,
    ConflictError for a theme that is merged or dismissed."""
    take_turns(session)
    chosen = list(dict.fromkeys(statements))
    _refuse_unknown(session, chosen)
    theme = open_theme(session, theme_id) if theme_id is not None else None
    before = themes_of(session, chosen)
    facts = []
    for statement in chosen:
        fact = record(session, FactKind.MOVE, author, theme_id)
        link(session, fact, {statement: before.get(statement)})
        overrule(session, fact, [statement])
        facts.append(fact)
    put(session, chosen, theme_id)
    if theme is not None:
        living(session, theme)
    left = {t for t in before.values() if t != theme_id}
    for touched in sorted(left | ({theme_id} if theme_id else set())):
        joined = sum(before.get(s) != theme_id for s in chosen) if touched == theme_id else 0
        gone = sum(t == touched for t in before.values()) if touched != theme_id else 0
        tell(
            session,
            touched,
            ThemeEventKind.MOVED,
            facts[0],
            joined=joined,
            left=gone,
            statements=size(session, touched),
        )
    return facts


def pin(session: Session, theme_id: uuid.UUID, author: Author = SOMEONE) -> ThemeFact:
    """No run may let the theme fade, retire, or go into another. Raises ConflictError when it is
    pinned already."""
    take_turns(session)
    theme = open_theme(session, theme_id)
    if theme.pinned:
        raise ConflictError(
            says("%(theme)s is pinned already; nothing is to be done", theme=shown(theme))
        )
    fact = record(session, FactKind.PIN, author, theme_id)
    theme.pinned = True
    if theme.state in (ThemeState.FADED, ThemeState.RETIRED):
        living(session, theme)
    tell(session, theme_id, ThemeEventKind.PINNED, fact)
    return fact


def archive(session: Session, theme_id: uuid.UUID, author: Author = SOMEONE) -> ThemeFact:
    """Put a theme away. Runs still know it, so that it does not come back as a new one."""
    take_turns(session)
    theme = open_theme(session, theme_id)
    if theme.state is ThemeState.ARCHIVED:
        raise ConflictError(
            says("%(theme)s is archived already; nothing is to be done", theme=shown(theme))
        )
    fact = record(session, FactKind.ARCHIVE, author, theme_id, before={"state": theme.state.value})
    theme.state, theme.updated_at = ThemeState.ARCHIVED, now()
    tell(session, theme_id, ThemeEventKind.ARCHIVED, fact)
    return fact


def not_a_theme(session: Session, theme_id: uuid.UUID, author: Author = SOMEONE) -> ThemeFact:
    """These statements have no problem in common: they stay without a theme, and no run makes one
    of them again."""
    take_turns(session)
    theme = open_theme(session, theme_id)
    own = members(session, theme_id)
    before = {"state": theme.state.value}
    fact = record(session, FactKind.NOT_A_THEME, author, theme_id, before=before)
    link(session, fact, dict.fromkeys(own, theme_id))
    put(session, own, None)
    theme.state, theme.pinned, theme.updated_at = ThemeState.DISMISSED, False, now()
    overrule(session, fact)
    outdate(session, theme_id)
    tell(session, theme_id, ThemeEventKind.DISMISSED, fact, left=len(own), statements=0)
    return fact


def different(
    session: Session, theme_id: uuid.UUID, other_id: uuid.UUID, author: Author = SOMEONE
) -> ThemeFact:
    """The two are different problems: no run makes them one or proposes it. If people had merged
    them, that merge is overruled and taken back."""
    if theme_id == other_id:
        reason = "is the theme itself; name another one"
        raise InvalidInputError(f"other {reason}", [("other", reason)])
    take_turns(session)
    for each in (theme_id, other_id):
        theme = get_theme(session, each)
        if theme.state is not ThemeState.MERGED:
            open_theme(session, each)
    denied = denied_merge(session, theme_id, other_id)
    fact = record(session, FactKind.DIFFERENT, author, theme_id, other_id)
    if denied is not None:
        denied.overruled_by = fact.id
        take_back(session, denied)
    outdate(session, theme_id, other_id)
    tell(session, theme_id, ThemeEventKind.DIFFERENT, fact, other=other_id)
    tell(session, other_id, ThemeEventKind.DIFFERENT, fact, other=theme_id)
    return fact


def layer(
    session: Session, theme_id: uuid.UUID, value: ValueLayer | None, author: Author = SOMEONE
) -> ThemeFact:
    """Say which layer of customer value the theme hurts, None for none. Raises ConflictError when
    that is said already, or for a theme that is merged or dismissed."""
    take_turns(session)
    theme = open_theme(session, theme_id)
    if theme.layer is value:
        raise ConflictError(
            says("%(theme)s says so already; nothing is to be done", theme=shown(theme))
        )
    fact = record(session, FactKind.LAYER, author, theme_id)
    fact.layer = theme.layer = value
    theme.updated_at = now()
    overrule(session, fact)
    tell(session, theme_id, ThemeEventKind.LAYERED, fact, layer=value and value.value)
    return fact


def _refuse_unknown(session: Session, statements: Sequence[uuid.UUID]) -> None:
    known = there(session, statements)
    problems = [("statements", f"{s} does not exist") for s in statements if s not in known]
    if problems or not statements:
        raise InvalidInputError(
            f"{len(problems) or 'no'} statements can't be moved; read the theme's quotes again",
            problems or [("statements", "give at least one")],
        )


def _first_words(session: Session, statements: Sequence[uuid.UUID]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts(sorted(set(statements) - withheld(session))):
        for statement in session.exec(select(Statement).where(col(Statement.id).in_(part))):
            language = "ja" if statement.language == "ja" else "en"
            if language not in found:
                text, most = " ".join(statement.text.split()), FIRST_WORDS[language]
                found[language] = text if len(text) <= most else text[: most - 1] + "…"
        if len(found) == len(LANGUAGES):
            break
    return found

"""Taking edits back: what was before comes back as far as it still makes sense.

Where it does not, a remark says so; a person who reads "undone" must be able to rely on it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, NotFoundError, Says, says, says_of
from vocloop.themes.overrule import in_force, newest, overrule, victims
from vocloop.themes.placing import (
    destinations,
    get_theme,
    living,
    members,
    note,
    placements,
    put,
    shown,
    size,
    standing,
    themes_of,
)
from vocloop.themes.turns import take_turns
from vocloop_models import (
    KNOWN_STATES,
    FactKind,
    FactStatement,
    Theme,
    ThemeEventKind,
    ThemeFact,
    ThemeState,
    now,
)
from vocloop_models.bulk import parts


@dataclass(frozen=True)
class Undone:
    """A fact that holds no longer; ``remarks`` say what did not go back to what it was."""

    fact: ThemeFact
    remarks: list[Says] = field(default_factory=list)


def undo(session: Session, fact_id: uuid.UUID, *, by: str | None = None) -> Undone:
    """Take an edit back. Older facts that it alone overruled hold again.

    Raises NotFoundError, and ConflictError for one that was undone before."""
    take_turns(session)
    fact = session.get(ThemeFact, fact_id)
    if fact is None:
        raise NotFoundError(f"there is no fact {fact_id}; list the facts of its theme")
    if fact.undone_at is not None:
        raise ConflictError(f"{fact_id} was undone at {fact.undone_at:%Y-%m-%d %H:%M} UTC")
    fact.undone_at, fact.undone_by = now(), by
    session.flush()
    for theme_id in (fact.theme_id, fact.other_id):
        if theme_id is not None:
            told = {"kind": fact.kind, "fact": fact.id, "by": by}
            note(session, theme_id, ThemeEventKind.UNDONE, told)
    if fact.overruled_by is not None:
        for older in victims(session, fact):
            older.overruled_by = fact.overruled_by
        return Undone(
            fact, [says("a newer edit had overruled it already; that one stays in force")]
        )
    return Undone(fact, take_back(session, fact))


def take_back(session: Session, fact: ThemeFact) -> list[Says]:
    """Reverse the effect of a fact that was just undone or overruled; remarks on what stays."""
    freed = victims(session, fact)
    for older in freed:
        older.overruled_by = None
    session.flush()
    remarks = _reverse(session, fact)
    for older in freed:
        remarks += _again(session, older)
    session.flush()
    if fact.kind in (FactKind.MERGE, FactKind.SPLIT, FactKind.NOT_A_THEME, FactKind.DIFFERENT):
        _follow(session)
    return remarks


def _follow(session: Session) -> None:
    """Statements that people put into a theme while it was part of another one, or none at all,
    never were in it: now that it leads elsewhere they go where it leads. So do those of a merge
    that holds again which a run has moved meanwhile."""
    said = {s: p.theme_id for s, p in placements(session).items() if not p.automatic}
    ended, present = destinations(session), themes_of(session, said)
    wrong: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
    for statement, theme in said.items():
        home = ended.get(theme, theme) if theme is not None else None
        if present.get(statement) != home:
            wrong[home].append(statement)
    for home, statements in wrong.items():
        put(session, statements, home)


def apply_merge(session: Session, fact: ThemeFact) -> None:
    """Let all statements of ``fact.theme_id`` join ``fact.other_id``, and its id lead there."""
    gone, into = _both(session, fact)
    own = members(session, gone.id)
    linked = _linked(session, fact)
    rows = [
        {"fact_id": fact.id, "statement_id": s, "before_id": gone.id}
        for s in own
        if s not in linked
    ]
    if rows:
        session.execute(insert(FactStatement), rows)
    put(session, own, into.id)
    gone.state, gone.merged_into = ThemeState.MERGED, into.id
    gone.pinned, gone.updated_at = False, now()
    living(session, into)
    session.flush()
    after = size(session, into.id)
    told = {"fact": fact.id, "by": fact.by}
    note(session, gone.id, ThemeEventKind.MERGED, {"into": into.id, "statements": 0, **told})
    more = {"from": gone.id, "joined": len(own), "statements": after}
    note(session, into.id, ThemeEventKind.MERGED, more | told)


def _both(session: Session, fact: ThemeFact) -> tuple[Theme, Theme]:
    if fact.theme_id is None or fact.other_id is None:
        raise ConflictError(f"fact {fact.id} names no second theme; the database was changed")
    return get_theme(session, fact.theme_id), get_theme(session, fact.other_id)


def _reverse(session: Session, fact: ThemeFact) -> list[Says]:
    if fact.kind is FactKind.MOVE:
        return _restore(session, fact)
    if fact.kind is FactKind.SPLIT:
        return _unsplit(session, fact)
    if fact.theme_id is None:
        return []
    theme = get_theme(session, fact.theme_id)
    theme.updated_at = now()
    if fact.kind is FactKind.RENAME:
        _retitle(session, theme, fact.language or "")
    if fact.kind is FactKind.PIN:
        theme.pinned = newest(session, theme.id, FactKind.PIN) is not None
    if fact.kind is FactKind.LAYER:
        said = newest(session, theme.id, FactKind.LAYER)
        theme.layer = said.layer if said else None
    if fact.kind is FactKind.ARCHIVE:
        _restate(session, theme)
    if fact.kind in (FactKind.MERGE, FactKind.NOT_A_THEME):
        # The target while the pointer still stands; the theme has to be one before it is filled.
        target = standing(session, fact.other_id) if fact.kind is FactKind.MERGE else None
        theme.merged_into = None
        _restate(session, theme)
        session.flush()
        remarks = _restore(session, fact, target)
        _restate(session, theme)
        return remarks
    return []


def _again(session: Session, fact: ThemeFact) -> list[Says]:
    """Let a fact that is overruled no longer take effect once more, if it still can."""
    if fact.kind is FactKind.PIN and fact.theme_id is not None:
        get_theme(session, fact.theme_id).pinned = True
    if fact.kind is FactKind.ARCHIVE and fact.theme_id is not None:
        _restate(session, get_theme(session, fact.theme_id))
    if fact.kind is not FactKind.MERGE:
        return []
    gone, into = _both(session, fact)
    if gone.state not in KNOWN_STATES or into.state not in KNOWN_STATES:
        fact.undone_at = now()
        return [
            says(
                "%(gone)s and %(into)s are not merged again: one of them is no more",
                gone=shown(gone),
                into=shown(into),
            )
        ]
    apply_merge(session, fact)
    overrule(session, fact)
    return []


def _unsplit(session: Session, fact: ThemeFact) -> list[Says]:
    """The new theme goes back into the one that it left, as a merge that binds no run: its id
    leads there, and what else people said of it is seen to be overruled."""
    old, born = _both(session, fact)
    if born.state not in KNOWN_STATES:
        return [
            says(
                "%(born)s is no theme of its own any more; its statements stay where they are",
                born=shown(born),
            )
        ]
    home = standing(session, old.id)
    if home is None or home == born.id:
        return [
            says(
                "%(old)s is no theme of its own any more; %(born)s stays as it is",
                old=shown(old),
                born=shown(born),
            )
        ]
    since = len(set(members(session, born.id)) - _linked(session, fact))
    back = ThemeFact(
        kind=FactKind.MERGE,
        theme_id=born.id,
        other_id=home,
        by=fact.undone_by,
        note="the split was undone",
        automatic=True,
        before={"state": born.state.value},
    )
    session.add(back)
    session.flush()
    apply_merge(session, back)
    overrule(session, back)
    if not since:
        return []
    return [
        says_of(
            since,
            "%(num)s statement that joined %(born)s since went to %(old)s with it",
            "%(num)s statements that joined %(born)s since went to %(old)s with it",
            born=shown(born),
            old=shown(old),
        )
    ]


def _restore(session: Session, fact: ThemeFact, target: uuid.UUID | None = None) -> list[Says]:
    """Statements go back to what an older fact says of them, else to the theme they had before.
    Those that a newer fact or a run placed elsewhere since stay there."""
    if fact.kind is FactKind.MOVE:
        target = standing(session, fact.theme_id)
    links = dict(
        session.execute(
            select(FactStatement.statement_id, FactStatement.before_id).where(
                FactStatement.fact_id == fact.id
            )
        ).all()
    )
    now_in = themes_of(session, links)
    if fact.kind is FactKind.MERGE:
        _uncarry(session, fact, [s for s in links if now_in.get(s) == target])
    decided = placements(session, links)
    back: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
    stay = lost = 0
    for statement, before in links.items():
        said = decided.get(statement)
        if now_in.get(statement) != target or (said is not None and said.fact_id > fact.id):
            stay += 1
            continue
        wanted = before if said is None else said.theme_id
        home = standing(session, wanted)
        lost += home is None and wanted is not None
        back[home].append(statement)
    for home, statements in back.items():
        put(session, statements, home)
        if home is not None and home != target:
            living(session, get_theme(session, home))
    remarks: list[Says] = []
    if stay:
        remarks.append(
            says_of(
                stay,
                "%(num)s statement has been placed elsewhere since and stays there",
                "%(num)s statements have been placed elsewhere since and stay there",
            )
        )
    if lost:
        remarks.append(
            says_of(
                lost,
                "%(num)s statement has no theme now: its own is not a theme any more",
                "%(num)s statements have no theme now: theirs is not a theme any more",
            )
        )
    return remarks


def _uncarry(session: Session, fact: ThemeFact, statements: list[uuid.UUID]) -> None:
    """Take ``statements`` out of later merges, which held them only because of this one."""
    chain = {fact.other_id}
    later = session.exec(
        select(ThemeFact)
        .where(*in_force(), ThemeFact.kind == FactKind.MERGE, col(ThemeFact.id) > fact.id)
        .order_by(col(ThemeFact.id))
    )
    for carrying in later:
        if carrying.theme_id not in chain:
            continue
        chain.add(carrying.other_id)
        for part in parts(sorted(statements)):
            session.exec(
                delete(FactStatement).where(
                    col(FactStatement.fact_id) == carrying.id,
                    col(FactStatement.statement_id).in_(part),
                )
            )


def _linked(session: Session, fact: ThemeFact) -> set[uuid.UUID]:
    return set(
        session.exec(select(FactStatement.statement_id).where(FactStatement.fact_id == fact.id))
    )


def _retitle(session: Session, theme: Theme, language: str) -> None:
    given = newest(session, theme.id, FactKind.RENAME, ThemeFact.language == language)
    title, written = (given.title, False) if given else _by_machine(session, theme.id, language)
    setattr(theme, f"title_{language}", title)
    setattr(theme, f"fixed_{language}", given is not None)
    setattr(theme, f"written_{language}", written)


def _by_machine(session: Session, theme_id: uuid.UUID, language: str) -> tuple[str | None, bool]:
    """The last title that a theme had before a person gave it one, and whether a language model
    wrote it."""
    renamed = session.exec(
        select(ThemeFact)
        .where(
            ThemeFact.kind == FactKind.RENAME,
            ThemeFact.theme_id == theme_id,
            ThemeFact.language == language,
        )
        .order_by(col(ThemeFact.id).desc())
    )
    before = next((f.before for f in renamed if not f.before.get("fixed")), {})
    return before.get("title"), bool(before.get("written"))


def _restate(session: Session, theme: Theme) -> None:
    """What people say of the theme, else whether it has statements, is its state."""
    said = session.exec(
        select(ThemeFact.kind)
        .where(
            *in_force(),
            ThemeFact.theme_id == theme.id,
            col(ThemeFact.kind).in_([FactKind.ARCHIVE, FactKind.NOT_A_THEME, FactKind.MERGE]),
        )
        .order_by(col(ThemeFact.id).desc())
    ).first()
    if said is FactKind.ARCHIVE:
        theme.state = ThemeState.ARCHIVED
        return
    if said is not None:
        return
    theme.pinned = newest(session, theme.id, FactKind.PIN) is not None
    lives = theme.pinned or size(session, theme.id) > 0
    theme.state = ThemeState.ACTIVE if lives else ThemeState.FADED

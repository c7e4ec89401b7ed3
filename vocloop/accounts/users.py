"""Users: added, changed, disabled; never deleted, since what they did is kept under their name."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, func, select

from vocloop.accounts import journal, passwords, sessions, tokens
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop_models import AuditAction, Department, Role, User
from vocloop_models.database import held

LONGEST_LOGIN = 254
LONGEST_NAME = 200
_LOGIN = re.compile(r"[^\s@<>,;\"\x00-\x1f]+(@[^\s@<>,;\"\x00-\x1f]+)?")


def plain_login(login: str) -> str:
    """A login as it is kept: neither case nor width counts."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def add(
    session: Session,
    login: str,
    name: str,
    roles: Iterable[Role],
    *,
    password: str | None = None,
    department: str | None = None,
    language: str | None = None,
    subject: str | None = None,
) -> User:
    """``password`` None: they can't sign in until one is set.

    Raises ConflictError for a login or name that is taken; InvalidInputError, NotFoundError."""
    login, name = plain_login(login), " ".join(name.split())
    if not _LOGIN.fullmatch(login) or len(login) > LONGEST_LOGIN:
        raise InvalidInputError(
            f"'{login[:60]}' is no login; use a mail address or a short name without spaces",
            [("login", "use a mail address or a short name without spaces")],
        )
    _check_name(session, name)
    if by_login(session, login) is not None:
        raise ConflictError(
            says("the login %(login)s is taken; change that user, or use another", login=login)
        )
    user = User(
        login=login,
        name=name,
        roles=_checked(roles),
        password_hash=None
        if password is None
        else passwords.hashed(password, known_of=(login, name)),
        department_id=_department(session, department),
        language=language,
        subject=subject,
    )
    session.add(user)
    session.flush()
    journal.note(session, AuditAction.ADDED_USER, user=login, roles=user.roles)
    return user


def everyone(session: Session) -> list[User]:
    return list(session.exec(select(User).order_by(col(User.active).desc(), col(User.login))))


def free_name(session: Session, name: str, login: str) -> str:
    """``name``, or with the login behind it where another user is called so."""
    name = " ".join(name.replace("\x00", "").split())[:LONGEST_NAME].strip() or login
    taken = select(User.id).where(func.lower(col(User.name)) == name.lower())
    if session.exec(taken).first() is None:
        return name
    return f"{name[: LONGEST_NAME // 2]} ({login})"[:LONGEST_NAME]


def any_there(session: Session) -> bool:
    return session.exec(select(User.id).limit(1)).first() is not None


def by_login(session: Session, login: str) -> User | None:
    plain = plain_login(login)
    # No database takes all that people may send.
    if not _LOGIN.fullmatch(plain):
        return None
    return session.exec(select(User).where(User.login == plain)).first()


def get(session: Session, user_id: uuid.UUID) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(f"there is no user {user_id}; see the list of users")
    return user


def named(session: Session, login: str) -> User:
    user = by_login(session, login)
    if user is None:
        raise NotFoundError(
            says("there is no user %(login)s; the list of users shows all", login=login)
        )
    return user


def set_roles(session: Session, user: User, roles: Iterable[Role]) -> User:
    """Raises ConflictError for taking the last administrator's role away."""
    wanted = _checked(roles)
    if Role.ADMINISTRATOR not in wanted:
        _not_the_last(session, user)
    before, user.roles = user.roles, wanted
    session.flush()
    journal.note(
        session, AuditAction.CHANGED_USER, user=user.login, roles=wanted, roles_before=before
    )
    return user


def set_password(
    session: Session, user: User, password: str, *, but: uuid.UUID | None = None
) -> User:
    """Every other place where the user is signed in has to sign in again; ``but`` this session."""
    user.password_hash = passwords.hashed(password, known_of=(user.login, user.name))
    sessions.end_all(session, user.id, but=but)
    session.flush()
    journal.note(session, AuditAction.CHANGED_USER, user=user.login, password=True)
    return user


def set_active(session: Session, user: User, *, active: bool) -> User:
    """Disabling ends every session and revokes every token at once."""
    if not active:
        _not_the_last(session, user)
        # Whoever signs in as them just now is waited for: that session ends, too.
        held(session, User, user.id)
        sessions.end_all(session, user.id)
        tokens.revoke_all(session, user.id)
    user.active = active
    session.flush()
    journal.note(session, AuditAction.CHANGED_USER, user=user.login, active=active)
    return user


def set_language(session: Session, user: User, language: str | None) -> User:
    user.language = language
    session.flush()
    return user


def roles_of(user: User) -> frozenset[Role]:
    return frozenset(Role(each) for each in user.roles)


def _checked(roles: Iterable[Role]) -> list[str]:
    wanted = sorted({Role(each) for each in roles})
    if not wanted:
        known = ", ".join(Role)
        raise InvalidInputError(
            f"a user needs a role; use one or more of {known}", [("roles", f"one of {known}")]
        )
    return [each.value for each in wanted]


def _check_name(session: Session, name: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME or "\x00" in name:
        raise InvalidInputError(
            "a user needs a name of 1 to 200 letters", [("name", "1 to 200 letters")]
        )
    # Edits and votes are kept under it: two of one name could not be told apart.
    same = select(User.id).where(func.lower(col(User.name)) == name.lower())
    if session.exec(same).first() is not None:
        raise ConflictError(
            says("another user is called %(name)s; add what tells the two apart", name=name)
        )


def _department(session: Session, key: str | None) -> uuid.UUID | None:
    if not key:
        return None
    found = session.exec(select(Department.id).where(Department.key == key)).first()
    if found is None:
        raise NotFoundError(f"there is no department {key}; see the list of departments")
    return found


def _not_the_last(session: Session, user: User) -> None:
    if Role.ADMINISTRATOR not in user.roles or not user.active:
        return
    # The user's own row, too, and all in one order: else two who do this at once wait for each
    # other until the database ends one of them.
    active: Sequence[User] = session.exec(
        select(User).where(User.active).order_by(col(User.id)).with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    others = (each for each in active if each.id != user.id)
    if not any(Role.ADMINISTRATOR in other.roles for other in others):
        raise ConflictError(
            says(
                "%(login)s is the last administrator; make another one administrator first",
                login=user.login,
            )
        )

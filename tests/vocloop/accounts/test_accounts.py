"""Users, sessions and tokens, kept so that who reads the database can't sign in."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pyotp
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.meanwhile import at_once, meanwhile
from vocloop.accounts import entrance, openid, passwords, sessions, signing, tokens, totp, users
from vocloop.accounts.signing import Refusal, sign_in
from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError
from vocloop_models import (
    ApiToken,
    AuditAction,
    AuditEntry,
    Role,
    Scope,
    SignedInBy,
    User,
    UserSession,
    now,
)
from vocloop_models.database import held, reading, transaction

PASSWORD = "correct horse battery"  # noqa: S105
WHERE = "203.0.113.9"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 at its least: how long it takes is not what is tested here."""
    cheap = _cheap()
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    passwords._of_nobody.cache_clear()
    yield
    passwords._of_nobody.cache_clear()


def _cheap(memory_cost: int = 8) -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=memory_cost, parallelism=1),))


def _hash_of(engine: Engine, user_id: uuid.UUID) -> str:
    with reading(engine) as session:
        return users.get(session, user_id).password_hash or ""


def added(engine: Engine, login: str = "sato@minamo.example", *roles: Role) -> User:
    with transaction(engine) as session:
        return users.add(
            session, login, login.partition("@")[0], roles or [Role.AGENT], password=PASSWORD
        )


class TestUsers:
    def test_a_login_is_one_whatever_its_case_and_width(self, engine: Engine) -> None:
        added(engine, "Sato@Minamo.example")
        with pytest.raises(ConflictError, match="taken"):
            added(engine, "ｓａｔｏ@minamo.example")

    def test_two_users_never_sign_with_one_name(self, session: Session) -> None:
        users.add(session, "a", "Sato", [Role.AGENT])
        with pytest.raises(ConflictError, match="called SATO"):
            users.add(session, "b", "SATO", [Role.AGENT])

    @pytest.mark.parametrize(
        ("password", "reason"),
        [
            ("short", "12 to 200"),
            ("a" * 201, "12 to 200"),
            ("abababababab", "repeats"),
            ("sato-says-hello", "your name"),
        ],
    )
    def test_a_password_that_is_easily_found_is_refused(
        self, session: Session, password: str, reason: str
    ) -> None:
        with pytest.raises(InvalidInputError, match=reason):
            users.add(session, "sato", "Sato", [Role.AGENT], password=password)

    def test_the_last_administrator_stays(self, engine: Engine) -> None:
        first = added(engine, "first", Role.ADMINISTRATOR)
        with transaction(engine) as session, pytest.raises(ConflictError, match="last"):
            users.set_active(session, users.get(session, first.id), active=False)
        with transaction(engine) as session, pytest.raises(ConflictError, match="last"):
            users.set_roles(session, users.get(session, first.id), [Role.AUDITOR])
        added(engine, "second", Role.ADMINISTRATOR)
        with transaction(engine) as session:
            users.set_active(session, users.get(session, first.id), active=False)

    def test_of_two_administrators_who_leave_at_once_one_stays(self, engine: Engine) -> None:
        one, other = (added(engine, each, Role.ADMINISTRATOR) for each in ("one", "other"))
        both = threading.Barrier(2, timeout=1)

        def leave(session: Session, user: User) -> None:
            found = users.get(session, user.id)
            with suppress(threading.BrokenBarrierError):
                both.wait()  # on SQLite the other one waits to begin
            users.set_roles(session, found, [Role.AUDITOR])

        def done(user: User) -> str:
            try:
                with transaction(engine) as session:
                    leave(session, user)
            except ConflictError as error:
                return str(error)
            return ""

        with ThreadPoolExecutor(2) as pool:
            refused = [each for each in pool.map(done, (one, other)) if each]
        assert len(refused) == 1
        assert "last administrator" in refused[0]


class TestSignIn:
    def test_the_right_password_gives_a_session_and_is_kept_nowhere(self, engine: Engine) -> None:
        user = added(engine)
        done = sign_in(engine, "SATO@minamo.example", PASSWORD, address=WHERE, browser="Firefox")
        assert done.refused is None
        visitor = entrance.by_cookie(engine, done.token)
        assert visitor is not None
        assert (visitor.user_id, visitor.roles) == (user.id, {Role.AGENT})
        with reading(engine) as session:
            kept = session.exec(select(UserSession.token_hash)).one()
            assert kept != done.token
            assert PASSWORD not in (session.exec(select(User.password_hash)).one() or "")

    @pytest.mark.parametrize("login", ["sato@minamo.example", "nobody@minamo.example"])
    def test_a_wrong_password_and_no_such_user_are_refused_alike(
        self, engine: Engine, login: str
    ) -> None:
        added(engine)
        assert sign_in(engine, login, "wrong", address=WHERE).refused is Refusal.WRONG

    def test_a_password_that_was_hashed_at_another_cost_is_hashed_anew(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = added(engine)
        before = _hash_of(engine, user.id)
        assert sign_in(engine, user.login, PASSWORD, address=WHERE).token
        assert _hash_of(engine, user.id) == before
        monkeypatch.setattr(passwords, "_hasher", lambda: _cheap(memory_cost=16))
        assert sign_in(engine, user.login, "wrong", address=WHERE).refused is Refusal.WRONG
        assert _hash_of(engine, user.id) == before
        assert sign_in(engine, user.login, PASSWORD, address=WHERE).token
        assert "m=16," in _hash_of(engine, user.id)
        assert sign_in(engine, user.login, PASSWORD, address=WHERE).token

    @pytest.mark.parametrize(("password", "refused"), [(PASSWORD, None), ("another", "wrong")])
    def test_a_hash_that_changed_while_it_was_looked_at(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch, password: str, refused: str | None
    ) -> None:
        user = added(engine)
        look = passwords.verified

        def changed(given: str, kept: str | None) -> bool:
            monkeypatch.setattr(passwords, "verified", look)
            with transaction(engine) as session:
                users.get(session, user.id).password_hash = _cheap(memory_cost=16).hash(password)
            return look(given, kept)

        monkeypatch.setattr(passwords, "verified", changed)
        assert sign_in(engine, user.login, PASSWORD, address=WHERE).refused == refused

    def test_what_a_password_costs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        assert passwords.hashed(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    def test_a_user_without_password_or_disabled_is_refused(self, engine: Engine) -> None:
        with transaction(engine) as session:
            users.add(session, "openid", "Openid", [Role.AGENT])
            gone = users.add(session, "gone", "Gone", [Role.AGENT], password=PASSWORD)
            users.set_active(session, gone, active=False)
        for login, password in (
            ("openid", ""),
            ("openid", "nobody signs in with this"),
            ("gone", PASSWORD),
        ):
            assert sign_in(engine, login, password, address=WHERE).refused is Refusal.WRONG

    def test_too_many_wrong_ones_lock_the_login_even_for_the_right_one(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        added(engine)
        for _ in range(signing.MOST_OF_LOGIN):
            assert (
                sign_in(engine, "sato@minamo.example", "x", address=WHERE).refused is Refusal.WRONG
            )
        locked = sign_in(engine, "sato@minamo.example", PASSWORD, address="198.51.100.1")
        assert locked.refused is Refusal.LOCKED
        assert 0 < locked.wait <= 15 * 60
        with reading(engine) as session:
            entry = session.exec(
                select(AuditEntry).where(AuditEntry.action == AuditAction.LOCKED)
            ).one()
            assert entry.detail["user"] == "sato@minamo.example"
        monkeypatch.setattr(signing, "now", lambda: now() + signing.LOCKED)
        assert sign_in(engine, "sato@minamo.example", PASSWORD, address=WHERE).refused is None

    def test_one_address_that_tries_many_logins_is_locked(self, engine: Engine) -> None:
        for n in range(signing.MOST_OF_ADDRESS):
            sign_in(engine, f"n{n}", "x", address=WHERE)
        assert sign_in(engine, "another", "x", address=WHERE).refused is Refusal.LOCKED
        assert sign_in(engine, "another", "x", address="198.51.100.1").refused is Refusal.WRONG

    def test_an_office_behind_one_address_signs_in(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(signing, "MOST_OF_ADDRESS", 3)
        colleagues = [added(engine, f"colleague{n}") for n in range(4)]
        with transaction(engine) as session:
            users.get(session, colleagues[0].id).totp_since = now()
        sign_in(engine, "colleague1", "x", address=WHERE)
        for user in colleagues:
            told = sign_in(engine, user.login, PASSWORD, address=WHERE)
            assert told.refused is (Refusal.CODE if user is colleagues[0] else None)
        # Wrong ones go on counting, whoever came in between.
        refused = [sign_in(engine, "x", "x", address=WHERE).refused for _ in range(3)]
        assert refused == [Refusal.WRONG, Refusal.WRONG, Refusal.LOCKED]

    def test_the_right_one_clears_the_count_and_an_administrator_lifts_a_lock(
        self, engine: Engine
    ) -> None:
        added(engine)
        for _ in range(2):
            for _ in range(signing.MOST_OF_LOGIN - 1):
                sign_in(engine, "sato@minamo.example", "x", address=WHERE)
            assert sign_in(engine, "sato@minamo.example", PASSWORD, address=WHERE).token
        for _ in range(signing.MOST_OF_LOGIN + 1):
            last = sign_in(engine, "sato@minamo.example", "x", address="198.51.100.1")
        assert last.refused is Refusal.LOCKED
        with transaction(engine) as session:
            signing.unlock(session, "sato@minamo.example")
        assert sign_in(engine, "sato@minamo.example", PASSWORD, address="198.51.100.1").token


class TestSecondFactor:
    def test_it_is_asked_for_once_confirmed_and_no_code_serves_twice(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = added(engine)
        clock = [1_800_000_000.0]
        monkeypatch.setattr(totp.time, "time", lambda: clock[0])
        with transaction(engine) as session:
            known = users.get(session, user.id)
            code = pyotp.parse_uri(totp.begin(session, known))
            with pytest.raises(InvalidInputError, match="not right now"):
                totp.confirm(session, known, "000000")
        assert isinstance(code, pyotp.TOTP)
        # Enrolling is not enrolled.
        assert sign_in(engine, user.login, PASSWORD, address=WHERE).token
        with transaction(engine) as session:
            totp.confirm(session, users.get(session, user.id), code.at(int(clock[0])))
        used = code.at(int(clock[0]))
        for wrong in ("", "123", "١٢٣٤٥٦", used):
            refused = sign_in(engine, user.login, PASSWORD, code=wrong, address=WHERE).refused
            assert refused is Refusal.CODE
        clock[0] += totp.STEP_SECONDS
        right = code.at(int(clock[0]))
        assert sign_in(
            engine, user.login, PASSWORD, code=f" {right[:3]} {right[3:]}", address=WHERE
        ).token
        assert (
            sign_in(engine, user.login, "wrong", code=right, address=WHERE).refused is Refusal.WRONG
        )

    def test_its_secret_is_sealed(self, session: Session) -> None:
        user = users.add(session, "sato", "Sato", [Role.AGENT])
        secret = totp.begin(session, user).split("secret=")[1][:32]
        assert user.totp_secret is not None
        assert secret.encode() not in user.totp_secret


class TestSessions:
    def test_ended_old_and_idle_ones_let_nobody_in(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = added(engine)
        with transaction(engine) as session:
            ended, live = (
                sessions.start(session, user, SignedInBy.PASSWORD, "x") for _ in range(2)
            )
            found = sessions.find(session, ended)
            assert found is not None
            sessions.end(session, user.id, found[0].id)
        assert entrance.by_cookie(engine, ended) is None
        assert entrance.by_cookie(engine, live) is not None
        monkeypatch.setattr(sessions, "now", lambda: now() + sessions.IDLE)
        assert entrance.by_cookie(engine, live) is None

    def test_a_session_in_use_goes_on_until_its_last_day(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = added(engine)
        with transaction(engine) as session:
            token = sessions.start(session, user, SignedInBy.PASSWORD, "x")
        step = dt.timedelta(hours=20)
        at = now()
        days = 0
        monkeypatch.setattr(sessions, "now", lambda: at + days * step)
        while entrance.by_cookie(engine, token):
            days += 1
        assert days == sessions.LASTS // step + 1

    def test_a_new_password_and_disabling_end_them(self, engine: Engine) -> None:
        user = added(engine)
        with transaction(engine) as session:
            mine, other = (sessions.start(session, user, SignedInBy.PASSWORD, "") for _ in range(2))
            found = sessions.find(session, mine)
            assert found is not None
            users.set_password(
                session, users.get(session, user.id), "another long one", but=found[0].id
            )
        assert entrance.by_cookie(engine, mine) is not None
        assert entrance.by_cookie(engine, other) is None
        with transaction(engine) as session:
            users.set_active(session, users.get(session, user.id), active=False)
        assert entrance.by_cookie(engine, mine) is None

    def test_one_that_begins_while_its_user_is_disabled_ends_too(self, engine: Engine) -> None:
        user = added(engine)

        def come_in(session: Session) -> None:
            known = held(session, User, user.id)
            assert known is not None
            sessions.start(session, known, SignedInBy.PASSWORD, "")

        def disable(session: Session) -> None:
            users.set_active(session, users.get(session, user.id), active=False)

        assert at_once(engine, come_in, disable) is None
        with transaction(engine) as session:
            users.set_active(session, users.get(session, user.id), active=True)
            assert not sessions.live(session, user.id)

    def test_who_is_disabled_while_the_provider_vouches_for_them_stays_outside(
        self, engine: Engine
    ) -> None:
        user = added(engine)
        claims = {"iss": "https://id.example", "sub": "1"}
        with transaction(engine) as session:
            users.get(session, user.id).subject = openid._subject(claims)

        def disable(session: Session) -> None:
            users.set_active(session, users.get(session, user.id), active=False)

        refused = meanwhile(
            engine, disable, lambda: openid._signed_in(engine, settings(), claims, "")
        )
        assert isinstance(refused, openid.UnknownPersonError)


class TestTokens:
    def test_it_lets_its_owner_in_within_its_scopes_and_is_not_kept(self, engine: Engine) -> None:
        user = added(engine)
        with transaction(engine) as session:
            _, token = tokens.create(session, user, "nightly", [Scope.INTAKE, Scope.INTAKE])
        visitor = entrance.by_token(engine, token)
        assert visitor is not None
        assert (visitor.name, visitor.scopes) == (user.name, {Scope.INTAKE})
        with reading(engine) as session:
            kept = session.exec(select(ApiToken)).one()
            assert token.startswith(kept.prefix)
            assert token not in str(kept.model_dump())
            assert kept.used_at is not None

    def test_revoked_run_out_and_of_disabled_users_they_let_nobody_in(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = added(engine)
        with transaction(engine) as session:
            (first, revoked), (_, short), (_, long) = (
                tokens.create(session, user, "x", [Scope.READ], days=days)
                for days in (None, 1, None)
            )
            tokens.revoke(session, first.id)
        assert entrance.by_token(engine, revoked) is None
        assert entrance.by_token(engine, short) is not None
        with monkeypatch.context() as later:
            later.setattr(tokens, "now", lambda: now() + dt.timedelta(days=1))
            assert entrance.by_token(engine, short) is None
            assert entrance.by_token(engine, long) is not None
        with transaction(engine) as session:
            users.set_active(session, users.get(session, user.id), active=False)
        assert entrance.by_token(engine, long) is None


def test_few_passwords_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, inside, most = passwords._hasher(), [0], [0]
    counting = threading.Lock()

    class Counted:
        def verify(self, password: str, kept: str) -> bool:
            with counting:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            with counting:
                inside[0] -= 1
            return hasher.verify(password, kept)

    kept = passwords.hashed(PASSWORD)
    monkeypatch.setattr(passwords, "_hasher", Counted)
    with ThreadPoolExecutor(20) as pool:
        right = list(pool.map(lambda _: passwords.verified(PASSWORD, kept), range(40)))
    assert all(right)
    assert most[0] == 2


def test_an_attempt_counts_just_while_another_one_is_forgiven(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    added(engine)
    wrong = {"login": "sato@minamo.example", "password": "not this one", "address": "192.0.2.1"}
    sign_in(engine, **wrong)
    insert_new = signing.insert_new

    def then_forgiven(*given: Any, **named: Any) -> bool:
        done = insert_new(*given, **named)
        with transaction(engine) as session:
            signing.unlock(session, wrong["login"])
        return done

    monkeypatch.setattr(signing, "insert_new", then_forgiven)
    assert sign_in(engine, **wrong).refused is Refusal.WRONG

"""Hundreds of hostile requests to the whole application: each has the answer that docs/hostile.md
says, and leaves behind what it says and nothing else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, literal, union_all
from sqlmodel import col, func, select

from tests import stocked
from tests.conftest import empty
from tests.doors import HERE
from tests.hostile import KINDS, ROWS, page
from tests.hostile.listed import REFUSED, Hostile
from vocloop.accounts import sessions, tokens, users
from vocloop.accounts.secret_tokens import digest
from vocloop.accounts.visitor import SESSION_COOKIE
from vocloop.intake import importing
from vocloop_api.security import HEADERS
from vocloop_models import (
    Feedback,
    Record,
    Role,
    Scope,
    SignedInBy,
    SignInFailures,
    now,
)
from vocloop_models.database import reading, transaction

pytestmark = pytest.mark.slow

ADDRESS = "http://127.0.0.1:8750"
PASSWORD = "a long way to the sea"  # noqa: S105 - invented
# What a refusal may change: that somebody tried, and when somebody was seen last.
NOTED = {"signinfailures", "auditentry", "usersession", "apitoken"}
# What no answer may hold: how we are made, and other files of the machine.
INSIDE = re.compile(r"Traceback|sqlalchemy|sqlite3|psycopg|root:x:0|site-packages|/vocloop/\w+\.py")
_COUNTS = union_all(
    *(
        select(literal(table.name), func.count()).select_from(table)
        for table in Record.metadata.sorted_tables
        if table.name not in NOTED
    )
)


@dataclass
class Place:
    """The application as it answers; ``answer`` is the last one."""

    client: TestClient
    engine: Engine
    session: str
    named: Mapping[str, str]
    answer: Any = None
    _counts: dict[str, int] = field(default_factory=dict)

    def ask(self, row: Hostile) -> Any:
        send = dict(row.send)
        headers = {"Origin": ADDRESS, **send.pop("headers", {})}
        if not row.anonymous:
            own = f"{SESSION_COOKIE}={self.session}"
            headers["Cookie"] = f"{own}; {headers['Cookie']}" if "Cookie" in headers else own
        headers = {name: self._filled(value) for name, value in headers.items()}
        self.client.cookies.clear()
        self.answer = self.client.request(
            row.method, self._filled(row.path), headers=headers, **self._filled(send)
        )
        return self.answer

    def page(self, path: str) -> str:
        headers = {"Cookie": f"{SESSION_COOKIE}={self.session}", "Accept-Language": "en"}
        answer = self.client.get(self._filled(path), headers=headers)
        assert answer.status_code == 200, path
        return str(answer.text)

    def kept(self) -> str:
        """The words of the voice that was kept last."""
        with reading(self.engine) as session:
            newest = select(Feedback.text).order_by(col(Feedback.id).desc()).limit(1)
            return session.exec(newest).one()

    def tags(self) -> int:
        """How many the voice has that was kept last."""
        with reading(self.engine) as session:
            newest = select(Feedback.tags).order_by(col(Feedback.id).desc()).limit(1)
            return len(session.exec(newest).one())

    def is_disarmed(self) -> bool:
        """No cell of any spreadsheet begins as a formula does."""
        for kind in ("csv", "jira", "linear"):
            text = self.page(f"/api/backlog/export?format={kind}")
            if re.search(r'(?:^|,)"?[=+\-@\t\r＝＋－＠](?![\d.]+(?:,|\r?$))', text, re.MULTILINE):
                return False
        return True

    def is_unusable(self) -> bool:
        """Its check says why, and nothing of it can be stored."""
        found = uuid.UUID(self.answer.json()["id"])
        importing.work(self.engine, found)
        told = self.client.get(
            f"/api/imports/{found}", headers={"Cookie": f"{SESSION_COOKIE}={self.session}"}
        )
        job = told.json()
        stored = (job["report"] or {}).get("counts", {}).get("stored", 0)
        return told.status_code == 200 and not stored and not INSIDE.search(told.text)

    def leads_home(self) -> bool:
        to = self.answer.headers["location"]
        parts = urlsplit(to.replace("\\", "/"))
        return not parts.scheme and not parts.netloc and to[:1] == "/" != to[1:2]

    def changed(self) -> set[str]:
        """Tables with more or fewer rows than the last time."""
        with reading(self.engine) as session:
            counts = {row[0]: row[1] for row in session.execute(_COUNTS)}
        before, self._counts = self._counts, counts
        return {name for name in counts if counts[name] != before.get(name)}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, found in self.named.items():
                value = value.replace("{" + name + "}", found)
            return value
        if isinstance(value, dict):
            return {self._filled(name): self._filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._filled(each) for each in value[:10]] + value[10:]
        return value


def _is_guarded(answer: Any) -> bool:
    policy = answer.headers["content-security-policy"]
    others = HEADERS.keys() - {"Content-Security-Policy"}
    return (
        all(answer.headers.get(name) == HEADERS[name] for name in others)
        and "default-src 'none'" in policy
        and "unsafe" not in policy
    )


@pytest.fixture(scope="module")
def place(whole: FastAPI, opened: Engine, staying: Engine) -> Iterator[Place]:
    """One company for all requests to a database: filling it takes longer than asking it."""
    empty(staying)
    whole.state.engine = opened
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
        for name in ("CONNECTOR_TYPEFORM_SECRET", "TRACKER_WEB_SECRET"):
            patch.setenv(f"VOCLOOP_{name}", "a secret of the tests")
        with transaction(opened) as session:
            stocked.stock(session)
            administrator = users.add(session, "admin", "Admin", [Role.ADMINISTRATOR])
            own = sessions.start(session, administrator, SignedInBy.PASSWORD, "")
            users.set_password(session, users.named(session, stocked.KEEPER), PASSWORD)
            made = [tokens.create(session, administrator, "x", tuple(Scope)) for _ in range(3)]
            tokens.revoke(session, made[1][0].id)
            made[2][0].expires_at = now()
        first = {name: found[0] for name, found in stocked.known(opened).items() if found}
        named = first | {
            "session": own, "SESSION": own.swapcase(), "half": own[:20], "digest": digest(own),
            "token": made[0][1], "half_token": made[0][1][:20], "revoked": made[1][1],
            "ended": made[2][1], "password": PASSWORD,
        }  # fmt: skip
        client = TestClient(
            whole, base_url=ADDRESS, client=HERE, follow_redirects=False,
            raise_server_exceptions=False, headers={"Accept-Language": "en"},
        )  # fmt: skip
        yield Place(client, opened, own, named)
    opened.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_answered_as_it_is_written_down(place: Place, kind: str) -> None:
    wrong = []
    place.changed()
    for row in (row for row in ROWS if row.kind == kind):
        answer = place.ask(row)
        found = []
        if answer.status_code != row.status:
            found.append(f"{answer.status_code}: {answer.text[:200]}")
        changed = place.changed()
        if changed and (answer.status_code >= 400 or row.effect == REFUSED):
            found.append(f"changed {sorted(changed)}")
        if INSIDE.search(answer.text):
            found.append(f"tells of the inside: {answer.text[:300]}")
        if not _is_guarded(answer):
            found.append("lacks headers")
        if not found and row.holds is not None and not row.holds(place):
            found.append(f"does not hold: {answer.text[:200]}")
        if found:
            wrong.append(f"{row.short} → {row.where}, {row.status}: {'; '.join(found)}")
        if row.holds is not None:
            place.changed()
        with transaction(place.engine) as session:
            session.exec(SignInFailures.__table__.delete())  # type: ignore[attr-defined]
    assert wrong == [], "\n" + "\n".join(wrong)


def test_there_are_at_least_three_hundred_and_no_two_are_the_same() -> None:
    assert len({(row.short, row.where) for row in ROWS}) == len(ROWS) >= 300


def test_the_documentation_holds_the_table() -> None:
    kept = (Path(__file__).parents[2] / "docs" / "hostile.md").read_text("utf-8")
    assert kept == page(), "the list has changed: run python -m tests.hostile"

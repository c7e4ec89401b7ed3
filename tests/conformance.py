"""The API held against its own description, by requests that schemathesis draws from it.

Each request is sent by everyone: one user of each role, a token that may read and no more, and
nobody. What is found is told in words, so that one run shows all of it."""

from __future__ import annotations

import re
import traceback
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine

from tests import applications, stocked
from vocloop.accounts import users
from vocloop.accounts.permissions import ROLES, SCOPES, Permission, rule
from vocloop_api.doors import Routes
from vocloop_models import Role, Scope
from vocloop_models.database import reading, transaction

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ADDRESS = "http://127.0.0.1:8750"
# Limits of users are not what is looked at.
ENVIRONMENT = {
    "VOCLOOP_ENCRYPTION_KEY": "a key of the tests, long enough",
    "VOCLOOP_READS_A_MINUTE": "1000000000",
    "VOCLOOP_WRITES_A_MINUTE": "1000000000",
    "VOCLOOP_INTAKE_A_MINUTE": "1000000000",
}
NOBODY = "nobody"
READER = "reader"
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# Of a drawn value whose parameter names something: how many of four become what is there.
_THERE = 3


@dataclass
class Seen:
    """``findings``: what was wrong, by what it was, with the first request that showed it."""

    requests: int = 0
    operations: set[str] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    findings: dict[str, str] = field(default_factory=dict)


class Company:
    """An application with one of each role, over a database that has one of each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with transaction(engine) as session:
            self.hidden = str(stocked.stock(session).secret)
            tokens = {
                role.value: stocked.account(session, role.value, frozenset({role})) for role in Role
            }
            everything = frozenset(Role)
            tokens[READER] = stocked.account(session, READER, everything, Scope.READ)
        self.tokens = tokens
        self.app: FastAPI = applications.api(engine)
        self.routes = Routes(self.app)
        self.known = self._known()
        self.seen = Seen()
        # Refusals of an operation look alike: one of each is held against the description.
        self._refusals: set[tuple[str, int]] = set()

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who != NOBODY else {}

    def everyone(self) -> Iterator[str]:
        """Those who may least first: what they are refused must change nothing."""
        yield from (NOBODY, READER, Role.AUDITOR.value, Role.AGENT.value)
        yield from (Role.EXECUTIVE.value, Role.PRODUCT_MANAGER.value, Role.ADMINISTRATOR.value)

    def run(self, examples: int, first: int = 0, only: Sequence[str] = ()) -> Seen:
        """``examples`` requests of each operation and mode; ``first`` chooses which; ``only``: of
        these paths."""
        schema = schemathesis.openapi.from_dict(self.app.openapi())
        with get_client(self.app) as client:
            # Nothing goes out: the environment's proxies need not be looked up for each request.
            client.trust_env = False
            for number, found in enumerate(schema.get_all_operations()):
                operation = found.ok()
                for mode in MODES if not only or operation.path in only else ():

                    @seed(first + number)
                    @settings(
                        max_examples=examples,
                        database=None,
                        phases=[Phase.generate],
                        deadline=None,
                        suppress_health_check=list(HealthCheck),
                    )
                    @given(case=operation.as_strategy(generation_mode=mode))
                    def ask(case: Case) -> None:
                        self.ask(client, case)

                    ask()
                if operation.method.upper() not in ("GET", "HEAD"):
                    self.known = self._known()
        return self.seen

    def ask(self, client: Any, case: Case) -> None:
        self._made_real(case)
        # Who asks is said by us.
        case.headers.pop("Authorization", None)
        self.seen.operations.add(case.operation.label)
        # Sent by ourselves: for schemathesis a header may be what a case leaves out.
        request = case.as_transport_kwargs(base_url=ADDRESS)
        drawn = dict(request.pop("headers"))
        for who in self.everyone():
            try:
                answer = client.request(**request, headers=drawn | self.headers(who))
            except Exception:  # noqa: BLE001 - whatever breaks is what is looked for
                self._note(case, who, f"broke:\n{traceback.format_exc(limit=-4)}")
                continue
            self.seen.requests += 1
            status = answer.status_code
            self.seen.statuses[status] = self.seen.statuses.get(status, 0) + 1
            self._hold(case, who, answer)

    def _known(self) -> dict[str, list[str]]:
        """Without those who ask: a drawn request would give them other roles."""
        known = stocked.known(self.engine)
        with reading(self.engine) as session:
            keeper = users.named(session, stocked.KEEPER)
        return known | {"user_id": [str(keeper.id)], "token_id": []}

    def _hold(self, case: Case, who: str, answer: Any) -> None:
        path = unquote(urlsplit(str(answer.request.url)).path)
        method = str(answer.request.method)
        template = self.routes.find(method, path)
        if stocked.SECRET in answer.text:
            self._note(case, who, f"tells {method} {template} of a customer that is hidden")
        allowed = template is None or self._may(who, rule(method, template))
        refused = {401 if who == NOBODY else 403}
        if "%00" in str(answer.request.url):
            # Such an address is refused before it is looked who asks.
            refused.add(400)
        if not allowed and answer.status_code not in refused:
            self._note(case, who, f"may not, and is answered {answer.status_code}")
        # Of imports, what the file holds decides beside the route (accounts/own_imports.py).
        holds = "you may not edit customers" in answer.text and who == Role.AGENT.value
        if allowed and template and answer.status_code == 403 and not holds:
            self._note(case, who, f"may, and is refused: {answer.text[:200]}")
        if template != case.operation.path:
            # A drawn value led elsewhere, as "x/access" would.
            if answer.status_code >= 500:
                self._note(case, who, f"{method} {path}: {answer.status_code}")
            return
        told = (case.operation.label, answer.status_code)
        if answer.status_code in (401, 403) and told in self._refusals:
            return
        self._refusals.add(told)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                self._note(case, who, f"{failure.title}: {str(failure)[:600]}")

    def _may(self, who: str, needed: Permission | None) -> bool:
        if needed is Permission.PUBLIC:
            return True
        if needed is None or who == NOBODY:
            return False
        if needed is Permission.SELF:
            return False
        if who == READER:
            return SCOPES[needed] is Scope.READ
        return Role(who) in ROLES[needed]

    def _note(self, case: Case, who: str, what: str) -> None:
        plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "…", what)[:160]
        self.seen.findings.setdefault(
            f"{case.operation.label}: {plain}",
            f"{case.operation.label} as {who}: {what}\n  {case!r}"[:1_500],
        )

    def _made_real(self, case: Case) -> None:
        """Most of what names something names what is there."""
        case.path_parameters = self._real(case.path_parameters)
        case.query = self._real(case.query)
        if isinstance(case.body, dict):
            case.body = self._real(case.body)
        if case.operation.path.endswith("/access"):
            # What may be shown is the administrator's to say: then it would not be hidden.
            case.path_parameters = {"customer_id": self._seen_customer()}

    def _seen_customer(self) -> str:
        return next(each for each in self.known["customer_id"] if each != self.hidden)

    def _real(self, given: Mapping[str, Any]) -> dict[str, Any]:
        made = {}
        for name, value in given.items():
            draw = zlib.crc32(f"{name}{value!r}".encode("utf-8", "replace"))
            there = self._named(name)
            if isinstance(value, dict):
                made[name] = self._real(value)
            elif there and isinstance(value, str) and draw % 4 < _THERE:
                made[name] = there[draw // 4 % len(there)]
            elif there and isinstance(value, list) and value and draw % 4 < _THERE:
                made[name] = [there[(draw // 4 + n) % len(there)] for n in range(len(value))]
            else:
                made[name] = value
        return made

    def _named(self, name: str) -> list[str]:
        name = {"department": "key", "departments": "key"}.get(name, name)
        found = self.known.get(name) or self.known.get(f"{name.removesuffix('s')}_id")
        return found or self.known.get(f"{name.removesuffix('s')}", [])


def told(seen: Seen) -> str:
    return "\n\n".join(seen.findings.values())

"""The one table of who may do what: route → permission → roles.

Routes stand in api_rules.py and page_rules.py; one that is in neither is refused for everyone, and
tests/api/test_permissions.py names it. docs/accounts.md shows the table; a test keeps the two
alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from vocloop.accounts.permissions.api_rules import API_RULES
from vocloop.accounts.permissions.kinds import Permission
from vocloop.accounts.permissions.page_rules import PAGE_RULES
from vocloop.accounts.visitor import Visitor
from vocloop_models import Role, Scope

__all__ = ["ROLES", "RULES", "SCOPES", "Permission", "may", "may_at", "may_open", "rule"]

AGENT, MANAGER, EXECUTIVE = Role.AGENT, Role.PRODUCT_MANAGER, Role.EXECUTIVE
ADMINISTRATOR, AUDITOR = Role.ADMINISTRATOR, Role.AUDITOR


P = Permission

# An administrator may all: whoever can give roles could take any. An auditor reads all.
ROLES: Mapping[Permission, frozenset[Role]] = {
    P.PUBLIC: frozenset(Role),
    P.SELF: frozenset(Role),
    P.READ_VOICES: frozenset(Role),
    P.HAND_IN: frozenset({AGENT, MANAGER, EXECUTIVE, ADMINISTRATOR}),
    P.WORK_INBOX: frozenset({AGENT, MANAGER, EXECUTIVE, ADMINISTRATOR}),
    P.EDIT_THEMES: frozenset({MANAGER, ADMINISTRATOR}),
    P.READ_ROADMAP: frozenset({MANAGER, EXECUTIVE, ADMINISTRATOR, AUDITOR}),
    P.EDIT_BACKLOG: frozenset({MANAGER, ADMINISTRATOR}),
    P.SPEAK: frozenset({MANAGER, EXECUTIVE, ADMINISTRATOR}),
    P.DECIDE: frozenset({EXECUTIVE, ADMINISTRATOR}),
    # An agent brings in voices and sees their own imports (accounts/own_imports.py).
    P.READ_IMPORTS: frozenset({AGENT, MANAGER, ADMINISTRATOR, AUDITOR}),
    P.READ_ALL_IMPORTS: frozenset({MANAGER, ADMINISTRATOR, AUDITOR}),
    P.IMPORT: frozenset({AGENT, MANAGER, ADMINISTRATOR}),
    P.EDIT_CUSTOMERS: frozenset({MANAGER, ADMINISTRATOR}),
    P.READ_WORKSPACE: frozenset({ADMINISTRATOR, AUDITOR}),
    P.MANAGE_WORKSPACE: frozenset({ADMINISTRATOR}),
    P.MANAGE_PRIVACY: frozenset({ADMINISTRATOR}),
    P.MANAGE_USERS: frozenset({ADMINISTRATOR}),
    P.READ_AUDIT: frozenset({ADMINISTRATOR, AUDITOR}),
}

# What a token needs besides its owner's role. SELF is for people: no token makes another one.
SCOPES: Mapping[Permission, Scope] = {
    P.READ_VOICES: Scope.READ,
    P.READ_ROADMAP: Scope.READ,
    P.READ_IMPORTS: Scope.READ,
    P.READ_ALL_IMPORTS: Scope.READ,
    P.HAND_IN: Scope.INTAKE,
    P.IMPORT: Scope.INTAKE,
    P.EDIT_CUSTOMERS: Scope.INTAKE,
    P.WORK_INBOX: Scope.WRITE,
    P.EDIT_THEMES: Scope.WRITE,
    P.EDIT_BACKLOG: Scope.WRITE,
    P.SPEAK: Scope.WRITE,
    P.DECIDE: Scope.WRITE,
    P.READ_WORKSPACE: Scope.ADMIN,
    P.MANAGE_WORKSPACE: Scope.ADMIN,
    P.MANAGE_PRIVACY: Scope.ADMIN,
    P.MANAGE_USERS: Scope.ADMIN,
    P.READ_AUDIT: Scope.ADMIN,
}


def _by_route() -> dict[str, Permission]:
    rules: dict[str, Permission] = {}
    for permission, lines in (*API_RULES.items(), *PAGE_RULES.items()):
        for line in filter(None, map(str.strip, lines.splitlines())):
            if line in rules:
                raise ValueError(f"{line} has two rules: {rules[line]} and {permission}")
            rules[line] = permission
    return rules


# "GET /api/themes/{theme_id}", as the route is written.
RULES: Mapping[str, Permission] = _by_route()


def rule(method: str, template: str) -> Permission | None:
    """What a route needs; None when the table has no line for it, and nobody may."""
    found = RULES.get(f"{method} {template}") or RULES.get(f"* {template}")
    if found is None and method == "HEAD":
        return RULES.get(f"GET {template}")
    return found


def may(visitor: Visitor, permission: Permission) -> bool:
    if permission is P.PUBLIC:
        return True
    if visitor.roles.isdisjoint(ROLES[permission]):
        return False
    return visitor.scopes is None or SCOPES.get(permission) in visitor.scopes


def may_open(visitor: Visitor, template: str) -> bool:
    """Whether a page may be opened: what navigation offers."""
    found = rule("GET", template)
    return found is not None and may(visitor, found)


def may_at(visitor: Visitor, method: str, path: str) -> bool:
    """Whether a request for an address, with its ids filled in, would pass: what pages offer."""
    shape = f"{method} {path.split('?', maxsplit=1)[0].split('#', maxsplit=1)[0]}"
    found = next((p for matches, p in _shapes() if matches(shape)), None)
    return found is not None and may(visitor, found)


@cache
def _shapes() -> list[tuple[Callable[[str], object], Permission]]:
    # What is written out goes before what any id would fit.
    lines = sorted(RULES, key=lambda line: line.count("{"))
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(line))).fullmatch, RULES[line])
        for line in lines
    ]

"""The one table of who may do what: route → permission → roles.

A route that is not in RULES is refused for everyone, and tests/api/test_permissions.py names it.
docs/accounts.md shows the table; a test keeps the two alike."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from vocloop.accounts.visitor import Visitor
from vocloop_models import Role, Scope

AGENT, MANAGER, EXECUTIVE = Role.AGENT, Role.PRODUCT_MANAGER, Role.EXECUTIVE
ADMINISTRATOR, AUDITOR = Role.ADMINISTRATOR, Role.AUDITOR


class Permission(StrEnum):
    PUBLIC = "public"
    SELF = "self"
    READ_VOICES = "read voices"
    HAND_IN = "hand in"
    WORK_INBOX = "work inbox"
    EDIT_THEMES = "edit themes"
    READ_ROADMAP = "read roadmap"
    EDIT_BACKLOG = "edit backlog"
    SPEAK = "speak in rounds"
    DECIDE = "decide"
    READ_IMPORTS = "read imports"
    IMPORT = "import"
    READ_WORKSPACE = "read workspace"
    MANAGE_WORKSPACE = "manage workspace"
    MANAGE_PRIVACY = "manage privacy"
    MANAGE_USERS = "manage users"
    READ_AUDIT = "read audit"


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
    P.READ_IMPORTS: frozenset({MANAGER, ADMINISTRATOR, AUDITOR}),
    P.IMPORT: frozenset({MANAGER, ADMINISTRATOR}),
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
    P.HAND_IN: Scope.INTAKE,
    P.IMPORT: Scope.INTAKE,
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

_TABLE: Mapping[Permission, str] = {
    P.PUBLIC: """
        GET /api/health
        HEAD /api/hooks/{source}
        POST /api/hooks/{source}
        POST /api/trackers/{tracker_id}/events
        GET /unsubscribe/{token}
        POST /unsubscribe/{token}
        GET /sign-in
        POST /sign-in
        GET /sign-in/openid
        GET /sign-in/openid/callback
        GET /setup/{token}
        POST /setup/{token}
        * /static
    """,
    P.SELF: """
        GET /api/openapi.json
        GET /
        GET /start
        GET /search/palette
        GET /design
        POST /design
        POST /sign-out
        POST /persona
        GET /account
        POST /account/password
        POST /account/second-factor
        POST /account/second-factor/confirm
        POST /account/second-factor/off
        POST /account/sessions/{session_id}/end
        POST /account/tokens
        POST /account/tokens/{token_id}/revoke
    """,
    P.READ_VOICES: """
        GET /api/account
        GET /api/search
        GET /api/map
        GET /api/saved-views
        GET /notifications
        GET /notifications/count
        GET /api/feedback
        GET /api/feedback/{feedback_id}
        GET /api/voices
        GET /api/themes
        GET /api/totals
        GET /api/themes/{theme_id}
        GET /api/themes/{theme_id}/quotes
        GET /api/themes/{theme_id}/explanation
        GET /api/themes/{theme_id}/scores
        GET /api/weights
        GET /api/weights/versions
        GET /api/severity/lesson
        GET /api/facts
        GET /api/facts/conflicts
        GET /api/proposals
        GET /api/areas
        GET /api/minority-voices
        GET /api/quality
        GET /api/quality/checks
        GET /api/customers
        GET /api/customers/{customer_id}
        GET /api/customer-merges
        GET /api/jobs/{job_id}
        GET /api/departments
        GET /api/departments/{key}/inbox
        GET /api/triage
        GET /api/themes/{theme_id}/routing
        GET /api/routings/{routing_id}/events
        GET /api/routing-rules
        GET /api/overdue
        GET /api/success/numbers
        GET /api/success/patterns
        GET /api/customers/{customer_id}/measures
        GET /api/customers/{customer_id}/champions
        GET /api/customers/{customer_id}/owners
        GET /api/alerts
        GET /themes
        GET /themes/work
        GET /themes/{theme_id}
        GET /themes/{theme_id}/explanation
        GET /edits
        GET /proposals
        GET /changes
        GET /map
        GET /map/tree
        GET /minority-voices
        GET /quality
        GET /voices
        GET /customers
        GET /customers/{customer_id}
        GET /search
        GET /settings
        GET /numbers
        GET /alerts
        GET /inbox
        GET /inbox/{key}
        GET /triage
        GET /departments
    """,
    P.HAND_IN: """
        POST /notifications/name
        POST /notifications/read
        POST /notifications/{note_id}/{step}
        POST /api/feedback
        POST /api/feedback:batch
        GET /hand-in
        GET /hand-in/customers
        POST /hand-in/known
        POST /hand-in
        GET /hand-in/sent/{feedback_id}
        GET /hand-in/sent/{feedback_id}/themes
        GET /transcript
        POST /transcript
    """,
    P.WORK_INBOX: """
        POST /api/routings/{routing_id}:assign
        POST /api/routings/{routing_id}:hand-over
        POST /api/routings/{routing_id}:accept
        POST /api/routings/{routing_id}:answer
        POST /api/alerts/{alert_id}/acknowledge
        POST /api/alerts/{alert_id}/close
        POST /routings/{routing_id}/{step}
        POST /alerts/{alert_id}/acknowledge
        POST /alerts/{alert_id}/close
    """,
    P.EDIT_THEMES: """
        POST /api/themes:refresh
        PUT /api/statements/{statement_id}/severity
        DELETE /api/statements/{statement_id}/severity
        PATCH /api/themes/{theme_id}
        POST /api/themes/{theme_id}/suggested-title:accept
        POST /api/themes/{theme_id}/merge
        POST /api/themes/{theme_id}/split
        POST /api/themes/{theme_id}/pin
        POST /api/themes/{theme_id}/archive
        POST /api/themes/{theme_id}/not-a-theme
        POST /api/themes/{theme_id}/different
        POST /api/statements:move
        POST /api/facts:undo
        POST /api/proposals:accept
        POST /api/proposals:dismiss
        PUT /api/quality/checks/{check_id}
        POST /api/saved-views
        DELETE /api/saved-views/{view_id}
        POST /views
        POST /views/{view_id}/remove
        POST /themes/{theme_id}/rename
        POST /themes/{theme_id}/pin
        POST /themes/{theme_id}/archive
        POST /themes/{theme_id}/not-a-theme
        POST /themes/{theme_id}/different
        POST /edits/{fact_ids}/undo
        GET /themes/{theme_id}/merge
        GET /themes/{theme_id}/merge/{other_id}
        POST /themes/{theme_id}/merge
        GET /themes/{theme_id}/split
        POST /themes/{theme_id}/split/preview
        POST /themes/{theme_id}/split
        POST /themes/{theme_id}/move
        POST /proposals
        POST /quality/checks/{check_id}
    """,
    P.READ_ROADMAP: """
        GET /outbox
        GET /trackers
        GET /api/backlog
        GET /api/backlog/export
        GET /api/backlog/guidance
        GET /api/backlog/{item_id}
        GET /api/backlog/{item_id}/ratings
        GET /api/roadmap/changes
        GET /api/rounds
        GET /api/rounds/{round_id}
        GET /api/rounds/{round_id}/scenarios
        GET /api/rounds/{round_id}/items/{item_id}/why
        GET /api/rounds/{round_id}/frontier
        GET /api/rounds/{round_id}/votes
        GET /api/rounds/{round_id}/comments
        GET /api/decisions
        GET /api/decisions/{decision_id}
        GET /api/backlog/{item_id}/outcome
        GET /api/backlog/{item_id}/developments
        GET /api/backlog/{item_id}/customers
        GET /api/hypotheses
        GET /api/hypotheses/{hypothesis_id}
        GET /api/backlog/{item_id}/trackers
        GET /api/backlog/{item_id}/customer-words
        GET /api/goals
        GET /briefing
        GET /backlog
        GET /backlog/{item_id}
        GET /hypotheses
        GET /themes/{theme_id}/hypotheses
        GET /hypotheses/{hypothesis_id}
        GET /rounds
        GET /rounds/{round_id}
        GET /rounds/{round_id}/scenarios
        GET /decisions
        GET /decisions/{decision_id}
        GET /outcomes
        GET /outcomes/{item_id}
        GET /spread
        GET /spread/{item_id}
    """,
    P.EDIT_BACKLOG: """
        POST /outbox/{message_id}/retry
        POST /trackers/links/{link_id}/push
        POST /api/backlog
        PATCH /api/backlog/{item_id}
        POST /api/backlog/{item_id}/state
        POST /api/backlog/{item_id}/stage
        POST /api/backlog/{item_id}/ratings
        PUT /api/backlog/{item_id}/metrics
        POST /api/backlog/{item_id}/review
        POST /api/backlog/{item_id}/developments
        POST /api/backlog/{item_id}/tests
        POST /api/backlog/{item_id}/trackers/{tracker_id}
        POST /api/backlog/{item_id}/customer-words
        POST /api/hypotheses
        POST /api/hypotheses/{hypothesis_id}/versions
        POST /api/hypotheses/{hypothesis_id}/evidence
        POST /api/hypotheses/{hypothesis_id}/state
        POST /api/success/patterns
        POST /api/customers/{customer_id}/patterns/{pattern_id}
        PUT /api/customers/{customer_id}/measures
        PUT /api/success/measures/{measure_id}/actuals
        DELETE /api/success/measures/{measure_id}
        POST /api/success/measures:import
        PUT /api/contacts/{contact_id}/champion
        POST /api/goals
        PUT /api/goals/{goal_id}/actuals
        POST /backlog
        POST /backlog/{item_id}/stage
        POST /backlog/{item_id}/horizon
        POST /backlog/{item_id}/ratings
        POST /backlog/{item_id}/state
        POST /backlog/{item_id}/trackers/{tracker_id}
        GET /backlog/{item_id}/edit
        POST /backlog/{item_id}/edit
        POST /themes/{theme_id}/hypotheses
        POST /hypotheses/{hypothesis_id}/versions
        POST /hypotheses/{hypothesis_id}/evidence
        POST /hypotheses/{hypothesis_id}/state
        POST /outcomes/{item_id}/metrics
        POST /outcomes/{item_id}/review
        POST /outcomes/{item_id}/developments
        POST /outcomes/{item_id}/tests
        POST /numbers/measures
    """,
    P.SPEAK: """
        POST /api/rounds/{round_id}/scenarios
        POST /api/scenarios/{scenario_id}/solve
        POST /api/rounds/{round_id}/preview
        POST /api/rounds/{round_id}/votes
        POST /api/rounds/{round_id}/comments
        POST /rounds/{round_id}/scenarios
        POST /rounds/{round_id}/items/{item_id}/words
    """,
    P.DECIDE: """
        POST /api/rounds
        PUT /api/rounds/{round_id}/items
        POST /api/rounds/{round_id}/close
        POST /api/decisions
        GET /rounds/new
        POST /rounds
        GET /rounds/{round_id}/close
        POST /rounds/{round_id}/close
        GET /backlog/{item_id}/decision
        POST /backlog/{item_id}/decision
    """,
    P.READ_IMPORTS: """
        GET /api/imports
        GET /api/imports/{import_id}
        GET /api/imports/{import_id}/refused.csv
        GET /imports
        GET /imports/{import_id}
        GET /imports/{import_id}/state
        GET /imports/{import_id}/refused.csv
    """,
    P.IMPORT: """
        POST /api/customers:upsert
        PATCH /api/customers/{customer_id}
        POST /api/customer-merges
        POST /api/customer-merges:refresh
        POST /api/customer-merges/{merge_id}:accept
        POST /api/customer-merges/{merge_id}:dismiss
        POST /api/customer-merges/{merge_id}:undo
        POST /api/imports
        POST /api/imports/{import_id}:check
        POST /api/imports/{import_id}:start
        POST /api/imports/{import_id}:cancel
        POST /api/imports/{import_id}:undo
        POST /customers/{customer_id}
        POST /customer-merges/refresh
        POST /customer-merges/{merge_id}/{step}
        POST /imports
        POST /imports/{import_id}/check
        POST /imports/{import_id}/start
        POST /imports/{import_id}/cancel
        POST /imports/{import_id}/undo
    """,
    P.READ_WORKSPACE: """
        GET /api/connector-kinds
        GET /api/connectors
        GET /api/connectors/{source}
        GET /api/sources
        GET /api/trackers
        GET /api/people
        GET /api/people/{person_id}/preferences
        GET /api/people/{person_id}/notes
        GET /api/subscriptions
        GET /api/subscriptions/{subscription_id}/deliveries
        GET /api/events
        GET /api/outbox
        GET /api/users
        GET /api/customers/{customer_id}/access
        GET /api/tokens
        GET /sources
        GET /users
    """,
    P.MANAGE_WORKSPACE: """
        PUT /api/weights
        POST /api/connectors
        POST /api/connectors/{source}:pause
        POST /api/connectors/{source}:resume
        POST /api/connectors/{source}:poll
        DELETE /api/connectors/{source}
        PUT /api/sources/{source}
        POST /api/trackers
        PATCH /api/trackers/{tracker_id}
        PUT /api/departments/{key}
        POST /api/routing-rules
        DELETE /api/routing-rules/{rule_id}
        POST /api/people
        PUT /api/people/{person_id}
        PUT /api/people/{person_id}/preferences/{topic}
        POST /api/notes/{note_id}:read
        POST /api/notes/{note_id}:done
        PUT /api/customers/{customer_id}/owners
        POST /api/subscriptions
        POST /api/subscriptions/{subscription_id}:pause
        POST /api/subscriptions/{subscription_id}:resume
        POST /api/outbox/{message_id}:retry
        POST /settings/weights
        POST /sources
        POST /departments
        POST /routing-rules
        POST /routing-rules/{rule_id}/remove
    """,
    P.MANAGE_PRIVACY: """
        POST /api/contacts:find
        GET /api/contacts/{contact_id}/known
        DELETE /api/contacts/{contact_id}
        DELETE /api/customers/{customer_id}
        PUT /api/customers/{customer_id}/access
        DELETE /api/customers/{customer_id}/access
        PUT /api/contacts/{contact_id}/address
        DELETE /api/contacts/{contact_id}/address
    """,
    P.MANAGE_USERS: """
        POST /api/users
        PATCH /api/users/{user_id}
        DELETE /api/tokens/{token_id}
        POST /users
        POST /users/{user_id}/roles
        POST /users/{user_id}/password
        POST /users/{user_id}/active
        POST /users/{user_id}/second-factor-off
    """,
    P.READ_AUDIT: """
        GET /api/audit
    """,
}


def _by_route() -> dict[str, Permission]:
    rules: dict[str, Permission] = {}
    for permission, lines in _TABLE.items():
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

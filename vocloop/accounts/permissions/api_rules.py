"""The half of the table that is for the API; both halves are one table (permissions.RULES)."""

from __future__ import annotations

from collections.abc import Mapping

from vocloop.accounts.permissions.kinds import Permission

P = Permission

API_RULES: Mapping[Permission, str] = {
    P.PUBLIC: """
        GET /api/health
        HEAD /api/hooks/{source}
        POST /api/hooks/{source}
        POST /api/trackers/{tracker_id}/events
    """,
    P.SELF: """
        GET /api/openapi.json
    """,
    P.READ_VOICES: """
        GET /api/account
        GET /api/search
        GET /api/map
        GET /api/saved-views
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
    """,
    P.HAND_IN: """
        POST /api/feedback
        POST /api/feedback:batch
    """,
    P.WORK_INBOX: """
        POST /api/routings/{routing_id}:assign
        POST /api/routings/{routing_id}:hand-over
        POST /api/routings/{routing_id}:accept
        POST /api/routings/{routing_id}:answer
        POST /api/alerts/{alert_id}/acknowledge
        POST /api/alerts/{alert_id}/close
    """,
    P.EDIT_THEMES: """
        POST /api/themes:refresh
        POST /api/jobs/{job_id}:cancel
        PUT /api/statements/{statement_id}/severity
        DELETE /api/statements/{statement_id}/severity
        PATCH /api/themes/{theme_id}
        POST /api/themes/{theme_id}/suggested-title:accept
        POST /api/themes/{theme_id}/merge
        POST /api/themes/{theme_id}/split
        POST /api/themes/{theme_id}/pin
        POST /api/themes/{theme_id}/layer
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
    """,
    P.READ_ROADMAP: """
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
    """,
    P.EDIT_BACKLOG: """
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
    """,
    P.SPEAK: """
        POST /api/rounds/{round_id}/scenarios
        POST /api/scenarios/{scenario_id}/solve
        POST /api/scenarios/{scenario_id}/cancel
        POST /api/rounds/{round_id}/preview
        POST /api/rounds/{round_id}/votes
        POST /api/rounds/{round_id}/comments
    """,
    P.DECIDE: """
        POST /api/rounds
        PUT /api/rounds/{round_id}/items
        POST /api/rounds/{round_id}/close
        POST /api/decisions
    """,
    P.READ_IMPORTS: """
        GET /api/imports
        GET /api/imports/{import_id}
        GET /api/imports/{import_id}/refused.csv
    """,
    P.EDIT_CUSTOMERS: """
        POST /api/customers:upsert
        PATCH /api/customers/{customer_id}
        POST /api/customer-merges
        POST /api/customer-merges:refresh
        POST /api/customer-merges/{merge_id}:accept
        POST /api/customer-merges/{merge_id}:dismiss
        POST /api/customer-merges/{merge_id}:undo
    """,
    P.IMPORT: """
        POST /api/imports
        POST /api/imports/{import_id}:check
        POST /api/imports/{import_id}:start
        POST /api/imports/{import_id}:cancel
        POST /api/imports/{import_id}:undo
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
        GET /api/customer-restrictions
        GET /api/tokens
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
        POST /api/trackers/{tracker_id}:poll
        DELETE /api/trackers/{tracker_id}
        PUT /api/departments/{key}
        POST /api/routing-rules
        DELETE /api/routing-rules/{rule_id}
        POST /api/people
        PUT /api/people/{person_id}
        DELETE /api/people/{person_id}
        PUT /api/people/{person_id}/preferences/{topic}
        POST /api/notes/{note_id}:read
        POST /api/notes/{note_id}:done
        PUT /api/customers/{customer_id}/owners
        POST /api/subscriptions
        POST /api/subscriptions/{subscription_id}:pause
        POST /api/subscriptions/{subscription_id}:resume
        POST /api/outbox/{message_id}:retry
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
    """,
    P.READ_AUDIT: """
        GET /api/audit
    """,
}

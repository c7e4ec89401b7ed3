"""The half of the table that is for pages; both halves are one table (permissions.RULES)."""

from __future__ import annotations

from collections.abc import Mapping

from vocloop.accounts.permissions.kinds import Permission

P = Permission

PAGE_RULES: Mapping[Permission, str] = {
    P.PUBLIC: """
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
        GET /notifications
        GET /notifications/count
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
        POST /views
        POST /views/{view_id}/remove
        POST /notifications/name
        POST /notifications/read
        POST /notifications/{note_id}/{step}
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
        POST /routings/{routing_id}/{step}
        POST /alerts/{alert_id}/acknowledge
        POST /alerts/{alert_id}/close
    """,
    P.EDIT_THEMES: """
        POST /themes/{theme_id}/rename
        POST /jobs/{job_id}/cancel
        POST /themes/{theme_id}/pin
        POST /themes/{theme_id}/layer
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
        GET /briefing
        GET /backlog
        GET /backlog/{item_id}
        GET /hypotheses
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
        POST /backlog
        POST /backlog/{item_id}/stage
        POST /backlog/{item_id}/horizon
        POST /backlog/{item_id}/ratings
        POST /backlog/{item_id}/state
        POST /backlog/{item_id}/trackers/{tracker_id}
        GET /backlog/{item_id}/edit
        POST /backlog/{item_id}/edit
        GET /themes/{theme_id}/hypotheses
        POST /themes/{theme_id}/hypotheses
        POST /hypotheses/{hypothesis_id}/versions
        POST /hypotheses/{hypothesis_id}/evidence
        POST /hypotheses/{hypothesis_id}/notes
        POST /hypotheses/{hypothesis_id}/state
        POST /outcomes/{item_id}/metrics
        POST /outcomes/{item_id}/review
        POST /outcomes/{item_id}/developments
        POST /outcomes/{item_id}/tests
        POST /numbers/measures
        POST /numbers/goals
        POST /numbers/goals/{goal_id}/value
        POST /numbers/goals/{goal_id}/remove
    """,
    P.SPEAK: """
        POST /rounds/{round_id}/scenarios
        POST /scenarios/{scenario_id}/cancel
        POST /rounds/{round_id}/items/{item_id}/words
        GET /backlog/{item_id}/decision
    """,
    P.DECIDE: """
        GET /rounds/new
        POST /rounds
        GET /rounds/{round_id}/close
        POST /rounds/{round_id}/close
        POST /backlog/{item_id}/decision
    """,
    P.READ_IMPORTS: """
        GET /imports
        GET /imports/{import_id}
        GET /imports/{import_id}/state
        GET /imports/{import_id}/refused.csv
    """,
    P.EDIT_CUSTOMERS: """
        POST /customers/{customer_id}
        POST /customer-merges/refresh
        POST /customer-merges/{merge_id}/{step}
    """,
    P.IMPORT: """
        POST /imports
        POST /imports/{import_id}/check
        POST /imports/{import_id}/start
        POST /imports/{import_id}/cancel
        POST /imports/{import_id}/undo
    """,
    P.READ_WORKSPACE: """
        GET /sources
        GET /users
        GET /restricted
        GET /colleagues
    """,
    P.MANAGE_WORKSPACE: """
        POST /settings/weights
        POST /sources
        POST /trackers
        POST /trackers/{tracker_id}
        POST /trackers/{tracker_id}/poll
        POST /trackers/{tracker_id}/remove
        POST /colleagues
        POST /colleagues/{person_id}
        POST /colleagues/{person_id}/remove
        POST /departments
        POST /routing-rules
        POST /routing-rules/{rule_id}/remove
    """,
    P.MANAGE_PRIVACY: """
        POST /restricted
        POST /restricted/open
    """,
    P.MANAGE_USERS: """
        POST /users
        POST /users/{user_id}/roles
        POST /users/{user_id}/password
        POST /users/{user_id}/active
        POST /users/{user_id}/second-factor-off
    """,
}

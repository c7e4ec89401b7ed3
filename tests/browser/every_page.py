"""Every address that a browser may open, from the table of permissions."""

from __future__ import annotations

from vocloop.accounts.permissions import RULES, Permission

# Addresses that answer with no page of their own, and why.
NO_PAGE = {
    "/": "leads to the first page of one's role",
    "/sign-in/openid": "leads to the company's provider",
    "/sign-in/openid/callback": "comes from there",
    "/setup/{token}": "only before there is a user: see the empty workspace",
    "/search/palette": "a part of a page",
    "/notifications/count": "a part of a page",
    "/themes/work": "a part of a page",
    "/hand-in/customers": "a part of a page",
    "/hand-in/sent/{feedback_id}/themes": "a part of a page",
    "/imports/{import_id}/state": "a part of a page",
    "/imports/{import_id}/refused.csv": "a file",
}


def pages() -> dict[str, Permission]:
    """The templates of all addresses that a browser may open."""
    return {
        line.removeprefix("GET "): permission
        for line, permission in RULES.items()
        if line.startswith("GET /") and not line.startswith("GET /api")
    }

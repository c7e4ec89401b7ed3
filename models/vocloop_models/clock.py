"""Times that were written down, for a clock that may have been moved back since.

Without care, all that was to happen within the next minutes would wait for as long as the clock
was moved.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, or_

from vocloop_models.base import now


def over(leased_until: Any, lease: dt.timedelta) -> ColumnElement[bool]:
    """Whether a lease has run out: none reaches farther into the future than it lasts, unless it
    was given before the clock was moved back."""
    moment = now()
    return or_(leased_until < moment, leased_until > moment + lease)


def holds(leased_until: dt.datetime | None, lease: dt.timedelta) -> bool:
    """Whether a lease that was read has not run out, as ``over`` judges it."""
    return leased_until is not None and dt.timedelta() < leased_until - now() <= lease


def due(at: Any, created_at: Any) -> ColumnElement[bool]:
    """Whether the time of a row has come: it has, too, for a row that is made in the future."""
    moment = now()
    return or_(at <= moment, created_at > moment)

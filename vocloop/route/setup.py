"""Departments as people set them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from vocloop.errors import InvalidInputError
from vocloop.route.hours import DAYS
from vocloop_models import Department


def put_department(session: Session, key: str, values: Mapping[str, Any]) -> Department:
    """Make the department ``key``, or write its ``values`` anew.

    Raises InvalidInputError for hours that end before they begin, unknown days and time zones."""
    problems = [
        (f"working_hours.{day}", f"{span!r} is no day's span; write mon … sun: [from, to]")
        for day, span in values.get("working_hours", {}).items()
        if day not in DAYS or len(span) != 2 or span[0] >= span[1]
    ]
    try:
        ZoneInfo(values.get("timezone", "Asia/Tokyo"))
    except (KeyError, ValueError, OSError):
        problems.append(("timezone", "is not known; use one such as Asia/Tokyo or UTC"))
    if problems:
        raise InvalidInputError(f"the department can't be taken: {problems[0][1]}", problems)
    found = session.exec(select(Department).where(Department.key == key)).first()
    if found is None:
        found = Department(key=key, name_ja="", name_en="")
    for field, value in values.items():
        setattr(found, field, value)
    session.add(found)
    session.flush()
    return found

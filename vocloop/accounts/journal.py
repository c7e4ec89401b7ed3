"""What happens to accounts goes to the audit log, with who did it; never a password or a token."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from vocloop.accounts.visitor import signed
from vocloop_models import AuditAction, AuditEntry


def note(session: Session, action: AuditAction, *, by: str | None = None, **detail: Any) -> None:
    """``by``: who did it, when nobody is signed in yet."""
    session.add(AuditEntry(action=action, detail={"by": signed(by), **detail}))
    session.flush()

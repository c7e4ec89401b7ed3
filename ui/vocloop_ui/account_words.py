"""Roles and scopes in the reader's words."""

from __future__ import annotations

from vocloop_models import Role, Scope
from vocloop_ui.i18n import Reader


def role(reader: Reader, value: str) -> str:
    return {
        Role.AGENT: reader.gettext("Agent"),
        Role.PRODUCT_MANAGER: reader.gettext("Product manager"),
        Role.EXECUTIVE: reader.gettext("Executive"),
        Role.ADMINISTRATOR: reader.gettext("Administrator"),
        Role.AUDITOR: reader.gettext("Auditor"),
    }[Role(value)]


def role_means(reader: Reader, value: str) -> str:
    return {
        Role.AGENT: reader.gettext(
            "hands in and imports voices, reads themes, works the inboxes and alerts"
        ),
        Role.PRODUCT_MANAGER: reader.gettext(
            "edits themes, the backlog and customers, imports files"
        ),
        Role.EXECUTIVE: reader.gettext("decides rounds, reads everything about the roadmap"),
        Role.ADMINISTRATOR: reader.gettext("may all; manages users, sources and settings"),
        Role.AUDITOR: reader.gettext("reads everything, changes nothing"),
    }[Role(value)]


def scope(reader: Reader, value: str) -> str:
    return {
        Scope.READ: reader.gettext("read"),
        Scope.INTAKE: reader.gettext("hand in voices, import"),
        Scope.WRITE: reader.gettext("edit themes and the roadmap"),
        Scope.ADMIN: reader.gettext("administer"),
    }[Scope(value)]

"""What there is to be allowed."""

from __future__ import annotations

from enum import StrEnum


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
    READ_ALL_IMPORTS = "read all imports"
    IMPORT = "import"
    EDIT_CUSTOMERS = "edit customers"
    READ_WORKSPACE = "read workspace"
    MANAGE_WORKSPACE = "manage workspace"
    MANAGE_PRIVACY = "manage privacy"
    MANAGE_USERS = "manage users"
    READ_AUDIT = "read audit"

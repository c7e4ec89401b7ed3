"""Whom a visitor of the demo may look as: the sample company's people, one of each role."""

from __future__ import annotations

from vocloop.accounts.visitor import Visitor
from vocloop_models import Role

PERSONAS: dict[str, Visitor] = {
    role.value: Visitor(name, frozenset({role}))
    for role, name in (
        (Role.AGENT, "佐藤 美咲"),
        (Role.PRODUCT_MANAGER, "鈴木 健"),
        (Role.EXECUTIVE, "高橋 由美子"),
        (Role.ADMINISTRATOR, "田中 誠"),
        (Role.AUDITOR, "伊藤 さくら"),
    )
}
# Who comes in first: one who may see and try all.
FIRST = PERSONAS[Role.ADMINISTRATOR.value]

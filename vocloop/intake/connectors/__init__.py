"""The tools that vocloop asks for what is new, or that send it.

To add one, copy ``freshdesk.py`` (asked) or ``typeform.py`` (sends) and name it here.
"""

from __future__ import annotations

from vocloop.intake.connectors import (
    freshdesk,
    github,
    hubspot,
    intercom,
    typeform,
    webhook,
    zendesk,
)
from vocloop.intake.connectors.port import Tool
from vocloop_models import ConnectorKind

TOOLS: dict[ConnectorKind, Tool] = {
    each.TOOL.kind: each.TOOL
    for each in (zendesk, intercom, freshdesk, hubspot, github, typeform, webhook)
}

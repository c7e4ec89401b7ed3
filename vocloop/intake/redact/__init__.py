"""Personal data out of customers' words, before anything is stored or logged."""

from vocloop.intake.redact.redact import Redacted, Redaction, redact
from vocloop.intake.redact.spans import Kind, Span

__all__ = ["Kind", "Redacted", "Redaction", "Span", "redact"]

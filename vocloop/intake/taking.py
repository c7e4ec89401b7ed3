"""What a connector brought, stored: the pages of a tool through its format into the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlmodel import Session

from vocloop.config import settings
from vocloop.intake import formats
from vocloop.intake.connectors.port import Tool
from vocloop.intake.formats.port import Beside, Thing, voices
from vocloop.intake.objects import unwrapped
from vocloop.intake.reader import Options, Reader
from vocloop.intake.records import FeedbackIn
from vocloop.intake.rows import Refusal, Row
from vocloop.intake.store import store_many
from vocloop_models import Connector, now

_KEPT_REFUSALS = 20


@dataclass
class Taken:
    """How many rows came of some pages; ``reasons`` of those refused, without personal data."""

    stored: int = 0
    repeated: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.stored + self.repeated + len(self.reasons)


def take(session: Session, connector: Connector, tool: Tool, pages: Iterable[Thing]) -> Taken:
    """Store what ``pages`` hold and count it. What was stored before is repeated."""
    reader = Reader(Options(source=connector.source, timezone=settings().timezone))
    found, refused = reader.records(list(_entries(tool, pages)))
    stored = store_many(session, [each for _, each in found if isinstance(each, FeedbackIn)])
    taken = Taken(reasons=[each.reason for each in refused])
    for each in stored:
        if each.outcome == "stored":
            taken.stored += 1
        else:
            taken.repeated += 1
    connector.read += taken.read
    connector.stored += taken.stored
    connector.repeated += taken.repeated
    connector.refused += len(taken.reasons)
    told = [{"at": now().isoformat(), "reason": each} for each in taken.reasons]
    connector.refusals = [*connector.refusals, *told][-_KEPT_REFUSALS:]
    session.add(connector)
    session.flush()
    return taken


def _entries(tool: Tool, pages: Iterable[Thing]) -> Iterator[Row | Refusal]:
    for number, page in enumerate(pages, start=1):
        row = Row(number, dict(page))
        chosen = formats.FORMATS[tool.format] if tool.format else formats.of_objects([page])
        if chosen is None:
            yield from unwrapped([row])
        else:
            yield from voices([row], chosen, Beside())

"""What customers said, nearest to the problem of a backlog item first."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Sequence

from fastapi import Request
from sqlmodel import Session

from vocloop.roadmap.backlog import ItemParts
from vocloop.themes.quotes import Quote, first_quotes, of_statements

logger = logging.getLogger(__name__)

# Kept in ``app.state.nearest``: of some themes the statements nearest to a text, so many at most.
Nearest = Callable[[str, Collection[uuid.UUID], int], Sequence[uuid.UUID]]
# The first sentences say what the problem is; the encoder takes longer for longer texts.
MOST_LETTERS = 300


# So many are looked at for one that the reader can read.
LOOKED_AT = 12


def quotes_of(
    request: Request, session: Session, parts: ItemParts, most: int, language: str
) -> list[Quote]:
    """What customers said on the item's themes. A theme may be wider than the problem: what is
    nearest to it comes first, or what the themes show first where nothing can be compared. The
    last is in the reader's ``language`` when nothing before it is and one such is near."""
    nearest: Nearest | None = getattr(request.app.state, "nearest", None)
    before: Sequence[uuid.UUID] = ()
    themes = list(parts.themes)
    if nearest is not None and themes:
        problem = f"{parts.item.title}\n{parts.item.problem}"[:MOST_LETTERS]
        try:
            before = nearest(problem, themes, LOOKED_AT)
        except Exception:
            # A page must not fail because its quotes can't be put in order.
            logger.exception("quotes can't be compared with item %d", parts.item.number)
    near = of_statements(session, before)
    first, others = near[:most], near[most:]
    if not any(quote.language == language for quote in first):
        first[-1:] = next(([q] for q in others if q.language == language), first[-1:])
    return first_quotes(session, themes, most, before=first)

"""The worker's step of routing: rules and the classifier decide, late answers are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from vocloop.encode.port import Encoder
from vocloop.route import inbox, routing
from vocloop.route.classify import Floats
from vocloop_models.database import reading, transaction


class Router:
    """Routes what is new or changed; keeps the vectors of departments while they stay the same."""

    def __init__(self) -> None:
        self._described: tuple[str, Sequence[Floats]] | None = None

    def some(self, engine: Engine, load: Callable[[], Encoder]) -> int:
        """Route a batch; how many were routed or raised as overdue. ``load`` gives the encoder; it
        is asked only where there are departments to choose from."""
        with transaction(engine) as session:
            late = len(inbox.raise_overdue(session))
        with reading(engine) as session:
            known = routing.setup(session)
        if known is None:
            return late
        encoder = load()
        with reading(engine) as session:
            waiting = routing.pending(session, known, encoder.name)
        if not waiting:
            return late
        # Outside any transaction: encoding takes a moment, and writers must not wait for it.
        key = f"{encoder.name}:{known.digest}"
        if self._described is None or self._described[0] != key:
            self._described = (key, routing.described(known, encoder.encode))
        with reading(engine) as session:
            ready = routing.taught(session, known, self._described[1], encoder.name)
        if ready is None:
            return late
        with transaction(engine) as session:
            return late + routing.route(session, known, ready, waiting, encoder.name)

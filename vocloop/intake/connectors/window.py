"""How far a list was read that is sorted by time of change.

Reading begins a little before the newest change that was seen: clocks differ, and search indexes
show a change late. What was seen in that overlap is remembered and not fetched twice.

Pages by number shift while rows change, so the next page is asked for by the time of the last row
instead; page numbers are used only among rows of one time. A row that changes meanwhile moves to
the end, where it is met again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from vocloop.errors import RemoteError
from vocloop.intake.formats.port import Thing

OVERLAP = dt.timedelta(minutes=5)
# Rows whose words are fetched before they are stored: so much is fetched again after a kill.
ROWS_A_BATCH = 10
# What a bulk change of a whole tool may leave to be remembered; more is fetched twice.
_MOST_SEEN = 5_000

Fetch = Callable[[dt.datetime, Any], tuple[Sequence[Thing], Any]]
"""Called with the time from which on rows are wanted and the mark of the page (None: the first);
returns its rows and the mark of the next page, None after the last."""


class Window:
    def __init__(self, cursor: Mapping[str, Any]) -> None:
        self.high = moment(cursor.get("high") or cursor.get("since"))
        self._seen: dict[str, str] = dict(cursor.get("seen", {}))
        self._newest = self.high

    @property
    def start(self) -> dt.datetime:
        return self.high - OVERLAP

    def changes(
        self, fetch: Fetch, changed: Callable[[Thing], Any], name: str = "id"
    ) -> Iterator[list[Thing]]:
        """The rows that changed, in batches. ``changed`` reads a row's time of change."""
        since, mark, ordered = self.start, None, True
        while True:
            found, mark = fetch(since, mark)
            times = [moment(changed(each)) for each in found]
            # Rows out of order: time tells nothing about what is left, only the page marks do.
            ordered = ordered and times == sorted(times)
            fresh = [
                (each, time)
                for each, time in zip(found, times, strict=True)
                if self._seen.get(str(each.get(name))) != time.isoformat()
            ]
            for start in range(0, len(fresh), ROWS_A_BATCH):
                batch = fresh[start : start + ROWS_A_BATCH]
                for each, time in batch:
                    self._seen[str(each.get(name))] = time.isoformat()
                    self._newest = max(self._newest, time)
                if ordered:
                    self.high = self._newest
                yield [each for each, _ in batch]
            if mark is None:
                self.high = self._newest
                return
            if ordered and times and times[-1] > since:
                since, mark = times[-1], None

    def written(self) -> dict[str, Any]:
        """The cursor after the last batch."""
        start = self.start.isoformat()
        kept = {each: time for each, time in self._seen.items() if time >= start}
        return {"high": self.high.isoformat(), "seen": dict(list(kept.items())[-_MOST_SEEN:])}


def moment(value: Any) -> dt.datetime:
    """A tool's time of change: ISO 8601, or an epoch in seconds. Raises RemoteError otherwise."""
    try:
        if isinstance(value, str):
            found = dt.datetime.fromisoformat(value)
            return found.replace(tzinfo=found.tzinfo or dt.UTC).astimezone(dt.UTC)
        return dt.datetime.fromtimestamp(value, dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise RemoteError("the answer is not as documented: a row has no time of change") from error

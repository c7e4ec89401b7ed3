"""How much one user may ask at once: a bucket of requests each for reading, writing and intake.

Counted in this process, without the database: a limit that costs a write would cost more than
what it saves. With several web processes a user has as many buckets."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from enum import StrEnum

from vocloop.accounts.permissions import Permission
from vocloop.accounts.visitor import Visitor


class Kind(StrEnum):
    READ = "read"
    WRITE = "write"
    INTAKE = "intake"


# Users beyond this are the ones who have not asked for longest: their buckets are full again.
MOST_BUCKETS = 10_000


class Rates:
    """``a_minute``: requests on average, and as many at once."""

    def __init__(
        self, a_minute: Mapping[Kind, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_minute = a_minute
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, Kind], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, visitor: Visitor, needed: Permission | None, *, safe: bool) -> int:
        """Take one request out of the visitor's bucket; whole seconds to wait when it is empty.

        Who sits at an open machine has no bucket."""
        if visitor.user_id is None:
            return 0
        kind = Kind.READ if safe else Kind.WRITE
        if needed is Permission.HAND_IN and not safe:
            kind = Kind.INTAKE
        most = self._a_minute[kind]
        at = self._clock()
        key = (str(visitor.user_id), kind)
        with self._lock:
            left, since = self._buckets.pop(key, (float(most), at))
            left = min(most, left + (at - since) * most / 60)
            wait = 0 if left >= 1 else max(1, math.ceil((1 - left) * 60 / most))
            self._buckets[key] = (left if wait else left - 1, at)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
        return wait

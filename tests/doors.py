"""How tests that are not about signing in come in: at this machine, as one who may all."""

from __future__ import annotations

from vocloop.accounts.visitor import AT_THIS_MACHINE
from vocloop_api.doors import Openness

OPEN = Openness(AT_THIS_MACHINE)
# Where the test client says that it is.
HERE = ("127.0.0.1", 50_000)

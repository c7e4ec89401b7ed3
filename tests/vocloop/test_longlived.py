"""What stays in memory for good is set aside from Python's collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from vocloop import longlived


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_only_long_lists_are_set_aside() -> None:
    gc.unfreeze()
    kept = [[n] for n in range(longlived.MANY)]
    longlived.keep(longlived.MANY - 1)
    assert gc.get_freeze_count() == 0
    longlived.keep(len(kept))
    assert gc.get_freeze_count() > len(kept)
    assert not any(each is kept for each in gc.get_objects())


def test_what_was_let_go_in_a_cycle_is_freed_before_the_rest_is_set_aside() -> None:
    class Node:
        freed = False

        def __del__(self) -> None:
            Node.freed = True

    node = Node()
    node.itself = node  # type: ignore[attr-defined]
    gc.freeze()
    del node
    longlived.settle()
    assert Node.freed

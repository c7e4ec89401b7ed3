"""A bucket for each user and kind of request, by a clock that the test holds."""

from __future__ import annotations

import uuid

from vocloop.accounts.permissions import Permission
from vocloop.accounts.rates import Kind, Rates
from vocloop.accounts.visitor import AT_THIS_MACHINE, Visitor
from vocloop_models import Role


def test_a_bucket_empties_and_fills_again_with_time() -> None:
    clock = [0.0]
    rates = Rates({Kind.READ: 60, Kind.WRITE: 1, Kind.INTAKE: 2}, lambda: clock[0])
    user = Visitor("x", frozenset(Role), user_id=uuid.uuid4())
    reads = [rates.wait(user, Permission.READ_VOICES, safe=True) for _ in range(61)]
    assert reads == [0] * 60 + [1]
    clock[0] = 1.0
    assert rates.wait(user, Permission.READ_VOICES, safe=True) == 0
    assert rates.wait(user, Permission.EDIT_THEMES, safe=False) == 0
    assert rates.wait(user, Permission.EDIT_THEMES, safe=False) == 60
    assert [rates.wait(user, Permission.HAND_IN, safe=False) for _ in range(3)] == [0, 0, 30]


def test_who_sits_at_this_machine_is_not_counted() -> None:
    rates = Rates({Kind.READ: 1})
    assert [rates.wait(AT_THIS_MACHINE, None, safe=True) for _ in range(3)] == [0, 0, 0]

"""How sure to be of what was chosen, learned from how often each department was right."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import WordEncoder
from vocloop.route.classify import MIN_CHOICE, Floats, Lessons
from vocloop.route.departments import departments_of, encoded
from vocloop.route.machine import Texts, learn
from vocloop.route.reliability import LEAST, Reliability, as_told, reliability

SHARES = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).map(
    lambda shares: [each + 0.01 for each in shares]
)
ROWS = st.lists(st.tuples(SHARES, st.integers(0, 2)), min_size=1, max_size=60)


def odds(*shares: list[float]) -> Floats:
    told = np.array(shares)
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float32)


def learned(told: Floats, labels: list[int]) -> Reliability:
    return reliability(told, np.array(labels), np.ones(len(labels)))


def test_nothing_known_is_believed_as_it_is_told() -> None:
    told = odds([0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [1, 0, 0])
    assert np.allclose(as_told(3).of(told), [0.7, 0.5, 1 - LEAST])


def test_a_department_that_was_mostly_wrong_is_less_sure_than_one_that_was_right() -> None:
    told = odds(*[[0.6, 0.2, 0.2]] * 20, *[[0.2, 0.6, 0.2]] * 20)
    found = learned(told, [0] * 18 + [1] * 2 + [1] * 6 + [2] * 14)
    right, wrong, never = found.of(odds([0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.2, 0.2, 0.6]))
    assert 0.75 < right < 0.9
    assert 0.3 < wrong < 0.5
    assert wrong < never < right


def test_few_texts_move_little_and_one_decision_of_many_texts_is_few() -> None:
    told, labels = odds(*[[0.2, 0.6, 0.2]] * 40), np.full(40, 2)
    asked = told[:1]
    one, all_ = learned(told[:1], [2]).of(asked)[0], learned(told, [2] * 40).of(asked)[0]
    assert 0.15 > all_ > 0
    assert 0.6 > one > 0.4
    theme = reliability(told, labels, np.full(40, 40**-0.5)).of(asked)[0]
    assert all_ < theme < one


@given(ROWS, SHARES, SHARES)
def test_of_two_texts_of_a_department_the_one_told_more_surely_is_no_less_sure(
    rows: list[tuple[list[float], int]], one: list[float], two: list[float]
) -> None:
    found = learned(odds(*(shares for shares, _ in rows)), [label for _, label in rows])
    asked = odds(one, two)
    sure = found.of(asked)
    assert ((sure >= 0) & (sure <= 1)).all()
    if asked[0].argmax() == asked[1].argmax() and asked[0].max() >= asked[1].max():
        assert sure[0] >= sure[1]


@given(ROWS)
def test_the_order_of_texts_and_of_departments_changes_nothing(
    rows: list[tuple[list[float], int]],
) -> None:
    told, labels = odds(*(shares for shares, _ in rows)), [label for _, label in rows]
    turned = learned(told[::-1, ::-1], [2 - label for label in labels[::-1]])
    # Where two departments are equally likely, the first is chosen: not these.
    if (np.sort(told, axis=1)[:, -1] > np.sort(told, axis=1)[:, -2]).all():
        assert np.allclose(learned(told, labels).of(told), turned.of(told[:, ::-1]), atol=1e-3)


def test_what_people_correct_makes_a_machine_less_sure_of_that_department_only() -> None:
    """Two departments that use the same words are mistaken for each other; the third is not."""
    encode = WordEncoder().encode
    known = departments_of({"eng": "export csv", "ops": "export file", "sales": "price"}, "here")
    said = ["csv export", "export file", "price"] * 10
    texts = ["export", "export", "price"] * MIN_CHOICE
    labels = np.array([0, 1, 2] * MIN_CHOICE)
    sample = Texts(encode(said), said)
    lessons = Lessons(encode(texts), texts, labels)
    machine = learn(encoded(known, encode), [d.words() for d in known], sample, lessons)
    asked = Texts(encode(["export", "price"]), ["export", "price"])
    told = machine.odds(asked, np.array([-1, -1]))
    assert machine.confidence(told)[0] < 0.65
    assert machine.confidence(told)[1] > 0.9

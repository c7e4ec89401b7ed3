"""Descriptions, labels and other texts together."""

from __future__ import annotations

import numpy as np

from tests.fakes import WordEncoder
from vocloop.route.classify import MIN_CHOICE, Lessons
from vocloop.route.departments import departments_of, encoded
from vocloop.route.machine import Machine, Texts, learn

ENCODE = WordEncoder().encode
TOLD = {"engineering": "export csv stops", "sales": "price renewal quote"}
SAID = ["csv export again", "export stops", "renewal price", "quote please"] * 20


def machine(labels: int) -> tuple[Machine, Texts]:
    known, sample = departments_of(TOLD, "here"), Texts(ENCODE(SAID), SAID)
    texts = (["csv stops", "price"] * MIN_CHOICE)[:labels]
    lessons = Lessons(ENCODE(texts), texts, np.arange(labels) % 2)
    return learn(encoded(known, ENCODE), [d.words() for d in known], sample, lessons), sample


def test_few_labels_leave_to_the_texts_how_sure_to_be() -> None:
    none, some, many = (machine(labels)[0] for labels in (0, 4, MIN_CHOICE))
    assert none.untaught is not None
    assert some.untaught is None
    assert some.sureness != 1
    assert many.sureness == 1


def test_texts_of_the_sample_reach_their_department_with_any_number_of_labels() -> None:
    for labels in (0, 4, MIN_CHOICE):
        learned, sample = machine(labels)
        odds = learned.odds(sample, learned.sampled)
        assert (odds.argmax(axis=1) == [0, 0, 1, 1] * 20).all()
        assert np.allclose(odds.sum(axis=1), 1, atol=1e-5)


def test_labels_without_any_other_text_are_enough() -> None:
    known, texts = departments_of(TOLD, "here"), ["csv stops", "price"]
    lessons = Lessons(ENCODE(texts), texts, np.array([0, 1]))
    sample = Texts(lessons.vectors[:0], [])
    learned = learn(encoded(known, ENCODE), [d.words() for d in known], sample, lessons)
    asked = Texts(ENCODE(["csv", "quote"]), ["csv", "quote"])
    assert learned.odds(asked, np.array([-1, -1])).argmax(axis=1).tolist() == [0, 1]

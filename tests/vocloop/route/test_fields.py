"""What a text comes with beside its words is learned from labels, where it tells anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.fakes import WordEncoder
from vocloop.route import inbox, routing
from vocloop.route.classify import MIN_CHOICE, Floats, Lessons
from vocloop.route.departments import departments_of, encoded
from vocloop.route.fields import Fields, fields_of, marking
from vocloop.route.files import route_file
from vocloop.route.machine import Machine, Texts, learn
from vocloop.worker.routing import Router
from vocloop_models import (
    Customer,
    Department,
    Feedback,
    FeedbackState,
    Priority,
    Routing,
    RoutingState,
    Statement,
    StatementVector,
)
from vocloop_models.database import reading, transaction

ENCODER = WordEncoder()
ENCODE = ENCODER.encode
TOLD = {"engineering": "export csv stops", "sales": "price renewal quote"}
REFUND: Fields = fields_of({"tags": ["refund"], "source": "desk"})
CRASH: Fields = fields_of({"tags": ["crash"], "source": "desk"})


def learned(
    labels: Sequence[int],
    fields: Sequence[Fields],
    others: Sequence[Fields] = ((),),
    text: str = "help",
) -> Machine:
    """From texts that all say the same, with ``fields``, beside ``others`` that say ``text``."""
    known, said = departments_of(TOLD, "here"), ["help"] * len(labels)
    lessons = Lessons(ENCODE(said), said, np.array(labels, np.int64), fields=fields)
    unsaid = [text] * len(others)
    sample = Texts(ENCODE(unsaid), unsaid, others)
    return learn(encoded(known, ENCODE), [d.words() for d in known], sample, lessons)


def odds(machine: Machine, *fields: Fields) -> Floats:
    """Before neighbours are heard, who say the same here."""
    said = ["help"] * len(fields)
    return machine.classifier.probabilities(ENCODE(said), said, fields)


def test_what_counts_of_a_row_is_told_whatever_the_case_of_letters() -> None:
    row = {
        "tags": ["Refund", "refund ", "", None],
        "product": " App ",
        "customer": 12,
        "channel": {"not": "a word"},
        "priority": "",
        "colour": "red",
    }
    assert fields_of(row) == (("tags", "refund"), ("product", "app"), ("customer", "12"))
    assert fields_of({"tags": "a, b、c"}) == (("tags", "a"), ("tags", "b"), ("tags", "c"))
    assert fields_of({}) == ()


def test_a_value_that_all_texts_have_says_nothing_and_many_tags_say_no_more_than_one() -> None:
    many = fields_of({"tags": ["a", "b", "c", "d"], "source": "desk"})
    weights = marking([REFUND, CRASH, many], [REFUND]).weights([REFUND, many]).toarray()
    columns = marking([REFUND, CRASH, many], [REFUND]).columns
    assert (weights[:, columns["source", "desk"]] == 0).all()
    assert weights[0, columns["tags", "refund"]] == pytest.approx(0.5**0.5)
    assert (weights**2).sum(axis=1).max() <= 1


def test_labels_teach_fields_where_the_words_are_the_same() -> None:
    machine = learned([0, 1] * MIN_CHOICE, [CRASH, REFUND] * MIN_CHOICE)
    found = odds(machine, CRASH, REFUND, ())
    assert found[:2].argmax(axis=1).tolist() == [0, 1]
    assert found[:2].max(axis=1).min() > 0.8
    assert found[2].max() < 0.7, "a text without fields is told by its words"
    assert machine.classifier.reasons([REFUND], 1) == ["tags"]
    assert machine.classifier.reasons([REFUND], 0) == []
    assert machine.classifier.reasons([()], 1) == []


def test_a_value_in_a_departments_own_words_speaks_for_it_before_any_label_has_it() -> None:
    new = [fields_of({"tags": [tag], "source": "desk"}) for tag in ("csv export", "Price", "odd")]
    labels, fields = [0, 1] * MIN_CHOICE, [CRASH, REFUND] * MIN_CHOICE
    machine = learned(labels, fields, others=new, text="help price csv export")
    found = odds(machine, *new)[:, 1]
    assert found[0] < found[2] < found[1]


def test_fields_that_tell_nothing_change_nothing() -> None:
    labels, strangers = [0, 1] * MIN_CHOICE, [CRASH, CRASH, REFUND, REFUND] * (MIN_CHOICE // 2)
    with_, without = learned(labels, strangers), learned(labels, [()] * len(labels))
    assert (odds(with_, CRASH, REFUND) == odds(without, (), ())).all()
    assert with_.classifier.reasons([REFUND], 1) == []


@pytest.mark.parametrize("seed", range(4))
def test_chance_lets_no_fields_in(seed: int) -> None:
    labels = [0, 1] * MIN_CHOICE
    strangers = [(CRASH, REFUND)[n] for n in np.random.default_rng(seed).permutation(labels)]
    assert len(learned(labels, strangers).classifier.marks) == 0


def test_few_labels_say_nothing_of_fields() -> None:
    few = MIN_CHOICE - 2
    machine = learned([0, 1] * (few // 2), [CRASH, REFUND] * (few // 2))
    assert (odds(machine, CRASH) == odds(machine, REFUND)).all()


def test_a_file_is_routed_by_the_fields_of_its_rows(tmp_path: Path) -> None:
    def write(name: str, rows: Sequence[dict[str, object]]) -> str:
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
        return str(tmp_path / name)

    departments = write("d.yaml", [])
    (tmp_path / "d.yaml").write_text(json.dumps(TOLD), "utf-8")
    tags = ("crash", "refund")
    source = write("in.jsonl", [{"id": t, "text": "help", "tags": [t]} for t in tags])
    taught: list[dict[str, object]] = [
        {"text": "help", "tags": tag, "department": key}
        for tag, key in zip(tags, TOLD, strict=True)
    ]
    out = tmp_path / "out.jsonl"
    route_file(source, departments, str(out), ENCODE, train=write("t.jsonl", taught * MIN_CHOICE))
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["department"] for row in rows] == list(TOLD)


def said(session: Session, number: int, customer: Customer) -> Feedback:
    """One voice in the words of all others."""
    feedback = Feedback(
        source="desk",
        external_id=str(number),
        text="help",
        language="en",
        customer_id=customer.id,
        priority=Priority.URGENT,
        state=FeedbackState.THEMED,
    )
    session.add(feedback)
    session.flush()
    statement = Statement(feedback_id=feedback.id, position=0, text="help", language="en")
    session.add(statement)
    session.flush()
    packed = ENCODE(["help"])[0].astype("<f2").tobytes()
    session.add(StatementVector(statement_id=statement.id, encoder=ENCODER.name, vector=packed))
    return feedback


def test_what_people_decided_teaches_by_whom_it_was_said(engine: Engine) -> None:
    with transaction(engine) as session:
        for key, text in TOLD.items():
            session.add(Department(key=key, name_ja=key, name_en=key, description_en=text))
        customers = [Customer(name=str(n), industry=("hotels", "banks")[n % 2]) for n in range(90)]
        session.add_all(customers)
        session.flush()
        for number, customer in enumerate(customers[:-2]):
            feedback = said(session, number, customer)
            routed = Routing(
                feedback_id=feedback.id,
                confidence=0,
                decided_by="classifier",
                state=RoutingState.TRIAGE,
            )
            session.add(routed)
            session.flush()
            inbox.assign(session, routed.id, list(TOLD)[number % 2], "Aki")
        new = [said(session, 100 + n, customers[-2 + n]).id for n in range(2)]
    assert Router().some(engine, lambda: ENCODER) == 2
    with reading(engine) as session:
        for feedback_id, key in zip(new, TOLD, strict=True):
            found = session.exec(select(Routing).where(Routing.feedback_id == feedback_id)).one()
            assert found.department_id == inbox.department(session, key).id
            assert found.confidence > routing.SURE
            (event,) = inbox.history(session, found.id)
            assert event.detail["fields"] == ["industry"]

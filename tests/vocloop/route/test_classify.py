"""Descriptions alone, and labelled texts on top; files of departments in many shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import WordEncoder
from vocloop.errors import InvalidInputError
from vocloop.route.classify import fit
from vocloop.route.departments import departments_of, encoded
from vocloop.route.files import route_file

ENCODE = WordEncoder().encode
TOLD = {"engineering": "export csv stops", "sales": "price renewal quote"}


def test_descriptions_alone_say_where_a_text_belongs() -> None:
    texts = ["csv export again", "renewal price"]
    vectors = ENCODE(texts)
    classifier = fit(encoded(departments_of(TOLD, "here"), ENCODE), vectors.mean(axis=0))
    odds = classifier.probabilities(vectors)
    assert odds.argmax(axis=1).tolist() == [0, 1]
    assert np.allclose(odds.sum(axis=1), 1)


def test_labelled_texts_teach_what_descriptions_do_not_say() -> None:
    told = encoded(departments_of(TOLD, "here"), ENCODE)
    texts = ["lunch menu", "printer jam"] * 30
    vectors = ENCODE(texts)
    labels = np.array([1, 0] * 30)
    taught = fit(told, vectors.mean(axis=0), vectors, labels).probabilities(vectors)
    assert (taught.argmax(axis=1) == labels).all()


@pytest.mark.parametrize(
    "told",
    [
        ["engineering", "sales"],
        {"departments": ["engineering", "sales"]},
        {"engineering": None, "sales": "quotes"},
        [{"key": "engineering"}, {"name": "sales", "description_ja": "見積もり"}],
        {"engineering": {"description": {"ja": "開発", "en": "builds"}}, "sales": {"owner": "A"}},
    ],
)
def test_departments_come_in_many_shapes(told: Any) -> None:
    assert [d.key for d in departments_of(told, "here")] == ["engineering", "sales"]


@pytest.mark.parametrize(
    "told", [None, "x", [], ["one"], ["a", "a"], [{"owner": "x"}, "b"], [[], 1]]
)
def test_what_is_no_list_of_departments_is_refused(told: Any) -> None:
    with pytest.raises(InvalidInputError):
        departments_of(told, "here")


def test_a_file_is_routed_and_labels_may_be_names(tmp_path: Path) -> None:
    def write(name: str, *rows: dict[str, str]) -> str:
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
        return str(tmp_path / name)

    (tmp_path / "d.yaml").write_text(
        "- {key: eng, name_en: Engineering, description_en: export csv stops}\n"
        "- {key: sales, name_en: Sales, description_en: price renewal quote}\n"
    )
    source = write("in.jsonl", {"id": "1", "text": "csv export"}, {"id": "2", "text": "price"})
    train = write("t.jsonl", {"id": "9", "text": "csv stops", "department": "engineering"})
    out = tmp_path / "out.jsonl"
    assert route_file(source, str(tmp_path / "d.yaml"), str(out), ENCODE, train=train) == 2
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(row["id"], row["department"]) for row in rows] == [("1", "eng"), ("2", "sales")]
    assert rows[0]["alternatives"][0]["department"] == "sales"
    wrong = write("w.jsonl", {"id": "9", "text": "csv", "department": "nobody"})
    with pytest.raises(InvalidInputError) as refused:
        route_file(source, str(tmp_path / "d.yaml"), str(out), ENCODE, train=wrong)
    assert "write one of eng, sales" in refused.value.problems[0][1]

"""Descriptions alone, and labelled texts on top; files of departments in many shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import WordEncoder
from vocloop.errors import InvalidInputError
from vocloop.route import classify
from vocloop.route.classify import TRUSTS, Classifier, Encode, Floats, Lessons, Trust, fit
from vocloop.route.departments import departments_of, encoded
from vocloop.route.files import route_file
from vocloop.route.wording import terms, wording

ENCODE = WordEncoder().encode
TOLD = {"engineering": "export csv stops", "sales": "price renewal quote"}


def taught(
    told: Any,
    texts: Sequence[str],
    labels: Sequence[int] = (),
    trusts: Sequence[Trust] = TRUSTS,
    encode: Encode = ENCODE,
    *,
    decisions: Sequence[int] | None = None,
) -> Classifier:
    """Of departments ``told``, the first texts labelled."""
    known, vectors = departments_of(told, "here"), encode(texts)
    some = len(labels)
    by = None if decisions is None else np.array(decisions, np.int64)
    lessons = Lessons(vectors[:some], texts[:some], np.array(labels, np.int64), by)
    words = wording([d.words() for d in known], texts)
    return fit(encoded(known, encode), vectors.mean(axis=0), words, lessons, trusts)


def test_descriptions_alone_say_where_a_text_belongs() -> None:
    texts = ["csv export again", "renewal price"]
    odds = taught(TOLD, texts).probabilities(ENCODE(texts), texts)
    assert odds.argmax(axis=1).tolist() == [0, 1]
    assert np.allclose(odds.sum(axis=1), 1)


def test_labelled_texts_teach_what_descriptions_do_not_say() -> None:
    texts, labels = ["lunch menu", "printer jam"] * 30, [1, 0] * 30
    odds = taught(TOLD, texts, labels).probabilities(ENCODE(texts), texts)
    assert (odds.argmax(axis=1) == labels).all()


def test_a_department_named_in_a_text_is_found_where_vectors_see_no_difference() -> None:
    def blind(texts: Sequence[str]) -> Floats:
        return np.ones((len(texts), 4), np.float32)

    told = {"DFIR::phishing": "odd mails", "CTI": "threat reports"}
    texts = ["To the CTI team: please help", "For DFIR, hello", "nothing of either"]
    odds = taught(told, texts, encode=blind).probabilities(blind(texts), texts)
    assert odds[:2].argmax(axis=1).tolist() == [1, 0]
    assert odds[2].max() == pytest.approx(0.5)


def test_descriptions_that_labels_contradict_are_trusted_less() -> None:
    told = {"engineering": TOLD["sales"], "sales": TOLD["engineering"]}
    texts = ["export csv stops", "price renewal quote", "csv stops", "renewal price"] * 20
    labels = [0, 1, 0, 1] * 20
    chosen = taught(told, texts, labels).probabilities(ENCODE(texts), texts)
    trusting = taught(told, texts, labels, TRUSTS[:1]).probabilities(ENCODE(texts), texts)
    right = np.arange(len(labels)), np.array(labels)
    assert (chosen.argmax(axis=1) == labels).all()
    assert chosen[right].mean() > trusting[right].mean()


def test_what_is_decided_of_one_theme_draws_only_what_is_like_it() -> None:
    told = {**TOLD, "support": "friendly answer phone"}
    theme = ["lunch menu", "lunch menu today", "menu for lunch"] * 30
    others = ["csv export again", "renewal price", "friendly phone answer"]
    like = ["a lunch menu"]
    asked = [*others, *like]
    odds = taught(told, [*theme, *asked], [1] * len(theme), decisions=[0] * len(theme))
    found = odds.probabilities(ENCODE(asked), asked)
    assert found.argmax(axis=1).tolist() == [0, 1, 2, 1]


def test_decisions_that_contradict_descriptions_are_trusted_once_there_are_enough() -> None:
    told = {"engineering": TOLD["sales"], "sales": TOLD["engineering"]}
    texts = ["export csv stops", "price renewal quote", "csv stops", "renewal price"] * 20
    labels, decisions = [0, 1, 0, 1] * 20, list(range(80))
    asked = texts[:4]
    few = taught(told, texts, labels, decisions=[n % 4 for n in decisions])
    many = taught(told, texts, labels, decisions=decisions)
    right = np.arange(4), np.array(labels[:4])
    sure = [each.probabilities(ENCODE(asked), asked)[right].mean() for each in (few, many)]
    assert sure[0] < sure[1]
    assert sure[1] > 0.9


def test_more_texts_than_axes_are_learned_as_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, labels = ["lunch menu", "printer jam", "csv", "quote"] * 200, [1, 0, 0, 1] * 200
    learned = []
    for most in (10_000, 100):
        monkeypatch.setattr(classify, "MOST_CHOICE", most)
        learned.append(taught(TOLD, texts, labels).probabilities(ENCODE(texts), texts))
    assert learned[1] == pytest.approx(learned[0], abs=0.05)
    assert (learned[1].argmax(axis=1) == labels).all()


def test_words_of_any_script_are_terms() -> None:
    assert terms("請求書のダウンロード, CSV failed 42") == [
        "請求", "求書", "ダウンロード", "csv", "failed"
    ]  # fmt: skip
    assert terms("ﾄﾞﾗｲﾊﾞｰ Ａｐｉ") == ["ドライバー", "api"]
    assert terms("1 2 ! a") == []


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
    assert rows[0]["alternatives"][0]["confidence"] == pytest.approx(
        1 - rows[0]["confidence"], abs=1e-3
    )
    wrong = write("w.jsonl", {"id": "9", "text": "csv", "department": "nobody"})
    with pytest.raises(InvalidInputError) as refused:
        route_file(source, str(tmp_path / "d.yaml"), str(out), ENCODE, train=wrong)
    assert "write one of eng, sales" in refused.value.problems[0][1]


def test_no_alternative_of_a_file_is_surer_than_what_was_chosen(tmp_path: Path) -> None:
    """Departments that labels show to be mistaken for each other are chosen less surely than the
    odds say."""

    def write(name: str, rows: list[dict[str, str]]) -> str:
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows)), "utf-8")
        return str(tmp_path / name)

    (tmp_path / "d.yaml").write_text("{eng: export csv, ops: export file, sales: price}\n")
    labels = [("export", "eng"), ("export", "ops"), ("export", "ops"), ("price", "sales")] * 20
    train = [{"id": f"{i}", "text": t, "department": d} for i, (t, d) in enumerate(labels)]
    source = write("in.jsonl", [{"id": t, "text": t} for t in ("export", "export csv", "price")])
    out = tmp_path / "out.jsonl"
    route_file(source, str(tmp_path / "d.yaml"), str(out), ENCODE, train=write("t.jsonl", train))
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    for row in rows:
        others = [other["confidence"] for other in row["alternatives"]]
        assert max(others) <= row["confidence"]
        assert row["confidence"] + sum(others) <= 1.001
    assert rows[0]["confidence"] < 0.8 < rows[2]["confidence"]

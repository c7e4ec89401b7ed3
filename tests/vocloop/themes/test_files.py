"""Themes of a file: which rows are taken, how ids are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import WordEncoder
from vocloop.errors import InvalidInputError
from vocloop.themes.discover import Discovery
from vocloop.themes.files import _levels, discover_file
from vocloop.themes.space import Space

Row = dict[str, Any]


def rows_of(*names: str, each: int = 20) -> list[Row]:
    return [
        {"id": f"{n}-{i}", "text": f"{n} {n}ing {n}ed {n}s {n}able {n[0]}{i}"}
        for n in names
        for i in range(each)
    ]


class Run:
    """``discover_file`` in a folder, and what it asked of the encoder and the detector."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.encoded: list[str] = []
        self.detected: list[str] = []

    def __call__(self, rows: Sequence[Row], **more: Any) -> dict[str, str | None]:
        source = self.folder / "in.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        out = self.folder / "out.jsonl"
        discover_file(
            str(source), str(out), encode=self._encode, language_of=self._language_of, **more
        )
        answers = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        return {row["id"]: row["theme"] for row in answers}

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return WordEncoder().encode(texts)

    def _language_of(self, text: str) -> str:
        self.detected.append(text)
        return "en"

    def languages(self) -> dict[str, int]:
        themes = json.loads((self.folder / "themes.json").read_text("utf-8"))
        return {g: n for theme in themes.values() for g, n in theme["languages"].items()}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_themes_are_counted_from_one(run: Run) -> None:
    found = run(rows_of("export", "login", "invoice"))
    assert set(found.values()) == {"T-0001", "T-0002", "T-0003"}
    assert len({(row_id.split("-")[0], theme) for row_id, theme in found.items()}) == 3


def test_a_number_as_id_stays_a_number(run: Run) -> None:
    assert list(run([row | {"id": i} for i, row in enumerate(rows_of("export"))])) == list(
        range(20)
    )


def test_no_rows_ask_for_no_model(run: Run, tmp_path: Path) -> None:
    assert run([], themes=str(tmp_path / "themes.json")) == {}
    assert run.encoded == []
    assert json.loads((tmp_path / "themes.json").read_text("utf-8")) == {}


def test_few_rows_have_no_theme(run: Run) -> None:
    assert set(run(rows_of("export", each=2)).values()) == {None}


@pytest.mark.parametrize("field", ["customer", "product", "channel"])
def test_where_a_row_comes_from_is_no_theme(run: Run, field: str) -> None:
    topics = ("export", "login", "invoice", "rights")
    sides = [("mail", "phone")[i % 2] for i in range(120)]
    rows = [
        row | {"text": f"{row['text']} {side}ly {side}er {side}est {side}ful"}
        for row, side in zip(rows_of(*topics, each=30), sides, strict=True)
    ]
    assert len(set(run(rows).values())) == 2 * len(topics)
    told = run([row | {field: side} for row, side in zip(rows, sides, strict=True)])
    assert len({(row_id.split("-")[0], theme) for row_id, theme in told.items()}) == len(topics)


def test_a_row_may_name_its_language(run: Run, tmp_path: Path) -> None:
    rows = [row | {"language": "JA"} for row in rows_of("export")]
    run(rows + rows_of("login"), themes=str(tmp_path / "themes.json"))
    assert run.languages() == {"ja": 20, "en": 20}
    assert len(run.detected) == 20


def test_a_given_language_is_that_of_rows_that_name_none(run: Run, tmp_path: Path) -> None:
    rows = [row | {"language": "ja-JP"} for row in rows_of("export")]
    run(rows + rows_of("login"), language="de", themes=str(tmp_path / "themes.json"))
    assert run.languages() == {"ja": 20, "de": 20}
    assert run.detected == []


@pytest.mark.parametrize("wrong", ["japanese", "xx", 5, ["ja"]])
def test_an_unknown_language_is_named_with_its_line(run: Run, wrong: object) -> None:
    rows = rows_of("export")
    rows[2] |= {"language": wrong}
    with pytest.raises(InvalidInputError) as error:
        run(rows)
    ((where, why),) = error.value.problems
    assert where == "line 3, id 'export-2'"
    assert f"language {wrong!r} is not known" in why


def test_a_text_that_is_none_is_named_with_its_line(run: Run) -> None:
    with pytest.raises(InvalidInputError) as error:
        run([*rows_of("export"), {"id": "x", "text": 7}])
    assert error.value.problems == (("line 21, id 'x'", "text is int, not a string"),)


def test_rows_of_earlier_files_stay_known(run: Run, tmp_path: Path) -> None:
    registry = str(tmp_path / "registry.json")
    first = run(rows_of("export", "login"), registry=registry)
    other = run(rows_of("invoice", "colour"), registry=registry)
    assert set(other.values()) == {"T-0003", "T-0004"}
    assert run(rows_of("login", "export"), registry=registry) == first


def test_the_same_registry_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    registry = tmp_path / "registry.json"
    rows = rows_of("export", "login")
    run(rows, registry=str(registry))
    before = registry.read_bytes()
    run(rows[::-1], registry=str(registry))
    assert registry.read_bytes() == before


def test_ids_live_on_while_the_data_grow(run: Run, tmp_path: Path) -> None:
    registry = str(tmp_path / "registry.json")
    known: dict[str, str | None] = {}
    steps = [rows_of("export", "login", each=20), rows_of("export", "login", "invoice", each=26)]
    steps.append(rows_of("export", "login", "invoice", "colour", each=30))
    for count, rows in enumerate(steps, start=2):
        found = run(rows, registry=registry)
        assert known.items() <= found.items()
        assert len(set(found.values())) == count
        known = found
    assert {known[f"{word}-0"] for word in ("invoice", "colour")} == {"T-0003", "T-0004"}
    kept = json.loads(Path(registry).read_text("utf-8"))
    assert (kept["next"], kept["members"]) == (5, known)


def test_sub_themes_of_a_file_are_those_of_a_run() -> None:
    labels = [0] * 7 + [1] * 4 + [-1]
    parts = np.array([3, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1, -1], np.int32)
    found = Discovery(
        np.array(labels, np.int32),
        np.ones(12, np.float32),
        np.zeros((12, 2), np.float32),
        Space(np.zeros(2, np.float32), (), None),
        areas=np.array([1, 0], np.int32),
        parts=parts,
    )
    area, below = _levels(["T-0005"] * 7 + ["T-0002"] * 4 + [None], found)
    assert area == ["A-2"] * 7 + ["A-1"] * 4 + [None]
    # The largest is the first; a theme of one piece has none.
    assert below == ["T-0005.1"] * 4 + ["T-0005.2"] * 3 + [None] * 5


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "words",
        '{"id": 1}',
        '{"next": "2", "members": {}}',
        '{"next": true, "members": {}}',
        '{"next": 2, "members": []}',
        '{"next": 2, "members": {"a": 1}}',
        '{"next": 2, "members": {"a": "T-0002"}}',
        '{"next": 2, "members": {}}\n{"next": 2, "members": {}}',
    ],
)
def test_a_file_that_is_no_registry_is_left_alone(run: Run, tmp_path: Path, wrong: str) -> None:
    registry = tmp_path / "registry.json"
    registry.write_text(wrong, encoding="utf-8")
    with pytest.raises(InvalidInputError, match="not a theme registry"):
        run(rows_of("export"), registry=str(registry))
    assert registry.read_text("utf-8") == wrong
    assert not (tmp_path / "out.jsonl").exists()

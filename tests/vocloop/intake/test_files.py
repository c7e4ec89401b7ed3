from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vocloop.errors import InvalidInputError
from vocloop.intake.files import Refusal, Row, open_rows

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp932", "euc_jp"]
# What makes an encoding known: words as people write them.
ANCHOR = "検索の画面がとても遅くて、毎朝こまっています。"
CELLS = st.text(
    st.sampled_from("あいうカキ漢字検索、。ｱabcXYZ 019,;\t|\"'\n") | st.characters(codec="ascii"),
    max_size=12,
).map(lambda cell: cell.replace("\0", "").replace("\r", ""))


def encoded(text: str, encoding: str) -> bytes:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    return mark + text.encode(encoding)


def read(path: Path, content: bytes) -> tuple[list[Row], list[Refusal], str, list[str] | None]:
    path.write_bytes(content)
    with open_rows(path) as opened:
        entries = list(opened.entries)
        rows = [entry for entry in entries if isinstance(entry, Row)]
        refusals = [entry for entry in entries if isinstance(entry, Refusal)]
        return rows, refusals, opened.encoding, opened.columns


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    table=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    encoding=st.sampled_from(ENCODINGS),
    delimiter=st.sampled_from(",\t;|"),
    ending=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_every_cell_of_a_table_comes_back(
    *,
    tmp_path: Path,
    table: list[tuple[str, str]],
    encoding: str,
    delimiter: str,
    ending: str,
    quoting: int,
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerow(["番号", "本文", "メモ"])
    for left, right in table:
        writer.writerow([ANCHOR, left, right])
    rows, refusals, _, columns = read(tmp_path / "t.csv", encoded(out.getvalue(), encoding))
    assert (refusals, columns) == ([], ["番号", "本文", "メモ"])
    assert [(row.values["本文"], row.values["メモ"]) for row in rows] == table


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab[]{}"'), inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    rows=st.lists(st.dictionaries(st.text('abあ]"', max_size=3), VALUES), min_size=1, max_size=5),
    indent=st.sampled_from([None, 1]),
    as_list=st.booleans(),
)
def test_every_object_comes_back(
    tmp_path: Path, rows: list[dict[str, Any]], indent: int | None, as_list: bool
) -> None:
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    text = json.dumps(rows, ensure_ascii=False, indent=indent) if as_list else lines
    found, refusals, _, _ = read(tmp_path / "t.json", text.encode())
    assert refusals == []
    assert [row.values for row in found] == rows


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16-le"),
        ("cp932", "cp932"),
        ("euc_jp", "euc_jp"),
        ("iso2022_jp", "iso2022_jp_ext"),
    ],
)
def test_it_says_which_encoding_it_found(tmp_path: Path, encoding: str, name: str) -> None:
    # The first Japanese word stands far down the file.
    text = "id,text\n" + "1,plain words\n" * 5_000 + f"2,{ANCHOR}\n"
    rows, refusals, found, _ = read(tmp_path / "t.csv", text.encode(encoding))
    assert (found, refusals, rows[-1].values["text"]) == (name, [], ANCHOR)


def test_a_line_that_is_not_utf8_is_refused_alone(tmp_path: Path) -> None:
    content = b"id,text\n1,good\n2,caf\xe9\n3,good\n"
    rows, refusals, encoding, _ = read(tmp_path / "t.csv", content)
    assert encoding == "utf-8"
    assert [row.values["id"] for row in rows] == ["1", "3"]
    assert refusals == [
        Refusal(3, "not UTF-8: byte 0xE9 at position 6; save the file as UTF-8"),
    ]


def test_a_nul_refuses_its_line(tmp_path: Path) -> None:
    rows, refusals, _, _ = read(tmp_path / "t.csv", b"id,text\n1,a\0b\n2,good\n")
    assert [row.values["id"] for row in rows] == ["2"]
    assert [(r.line, r.reason) for r in refusals] == [(2, "holds a NUL character; remove it")]


def test_a_quote_that_never_closes_refuses_its_line_only(tmp_path: Path) -> None:
    content = 'id,text\n1,"good"\n2,"broken\n3,"good, too"\n4,good\n5,"two\nlines"\n6,"open\n'
    rows, refusals, _, _ = read(tmp_path / "t.csv", content.encode())
    assert [row.values["id"] for row in rows] == ["1", "3", "4", "5"]
    assert rows[3].values["text"] == "two\nlines"
    assert [refusal.line for refusal in refusals] == [3, 8]
    assert "close every quoted cell" in refusals[0].reason


def test_too_many_and_too_few_fields_are_refused(tmp_path: Path) -> None:
    rows, refusals, _, _ = read(tmp_path / "t.csv", b"id,text\n1,good\n2,a,b\n3\n\n4,good\n")
    assert [row.line for row in rows] == [2, 6]
    assert [refusal.line for refusal in refusals] == [3, 4]
    assert refusals[0].reason.startswith("3 fields where the header has 2")


def test_bad_json_lines_are_refused_alone(tmp_path: Path) -> None:
    lines = ['{"text": "good"}', "{broken", "[1]", '"text"', '{"a": NaN}', "[" * 5_000, "", "{}"]
    rows, refusals, _, _ = read(tmp_path / "t.jsonl", "\n".join(lines).encode())
    assert [row.line for row in rows] == [1, 8]
    assert [refusal.line for refusal in refusals] == [2, 3, 4, 5, 6]
    assert refusals[1].reason == 'a JSON list, not an object; write {"text": …}'


def test_a_bad_element_of_a_json_list_is_refused_alone(tmp_path: Path) -> None:
    text = '[\n {"text": "a"},\n {"text": nope},\n 5,\n {"text": "b ] , }"}\n]\n'
    rows, refusals, _, _ = read(tmp_path / "t.json", text.encode())
    assert [(row.line, row.values["text"]) for row in rows] == [(2, "a"), (5, "b ] , }")]
    assert [refusal.line for refusal in refusals] == [3, 4]


def test_a_json_list_that_is_cut_keeps_what_came_before(tmp_path: Path) -> None:
    rows, refusals, _, _ = read(tmp_path / "t.json", b'[{"text": "a"}, {"text": "b')
    assert [row.values["text"] for row in rows] == ["a"]
    assert refusals == [Refusal(1, "the JSON list does not end; add the missing bracket")]


def test_a_line_without_end_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocloop.intake.encodings.LONGEST_LINE", 1_000)
    content = b'{"text": "good"}\n{"text": "' + b"x" * 5_000 + b'"}\n{"text": "good"}\n'
    rows, refusals, _, _ = read(tmp_path / "t.jsonl", content)
    assert [row.line for row in rows] == [1, 3]
    assert [refusal.line for refusal in refusals] == [2]


def test_it_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped:
        buffer = io.BytesIO('text\n"遅い"\n'.encode())

    monkeypatch.setattr(sys, "stdin", Piped)
    with open_rows("-") as opened:
        assert list(opened.entries) == [Row(2, {"text": "遅い"})]


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInputError, match="is empty; give a file with rows"):
        read(tmp_path / "t.csv", content)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidInputError, match="can't be read"),
        open_rows(tmp_path / "none.csv"),
    ):
        pass


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="two columns are called text"):
        read(tmp_path / "t.csv", b"text,text\na,b\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(content=st.binary(max_size=80) | st.text('[]{}",:1\n \\a').map(str.encode))
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes) -> None:
    try:
        rows, refusals, _, _ = read(tmp_path / "t", content)
    except InvalidInputError:
        return
    assert all(isinstance(entry.line, int) for entry in [*rows, *refusals])


def test_memory_stays_flat(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "t.csv"
    with path.open("w") as out:
        out.write("id,text\n")
        out.writelines(f"{number},words\n" for number in range(60_000))
    with open_rows(path) as opened:
        next(opened.entries)
        tracemalloc.start()
        count = sum(1 for _ in opened.entries)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 59_999
    assert peak < 200_000

"""What files are made of: encodings without a mark, columns of dates, workbooks, documents, JSON of
any layout, and what is meant to do harm."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vocloop.intake.reading import read
from vocloop.errors import InvalidInputError
from vocloop.intake import files, workbook
from vocloop.intake.dated import without_zone
from vocloop.intake.files import Row, open_rows
from vocloop.intake.objects import json_documents

WORDS = "検索の画面がとても遅くて、毎朝こまっています。"


def table(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known(tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path / "t.csv", [["id", "本文"], ["1", WORDS]], encoding)
    voices, refused, _, found = read(path)
    assert (voices[0].text, refused, found) == (WORDS, [], encoding)


def dates(path: Path) -> list[str | None]:
    voices, _, _, _ = read(path)
    return [voice.said_at.date().isoformat() if voice.said_at else None for voice in voices]


def test_one_date_settles_its_whole_column(tmp_path: Path) -> None:
    days = ["05/06/2024", *["01/02/2024"] * 300, "25/12/2023"]
    path = table(tmp_path / "t.csv", [["text", "date"], *([WORDS, day] for day in days)])
    assert dates(path)[::301] == ["2024-06-05", "2023-12-25"]


def test_a_column_follows_the_other_dates_of_its_table(tmp_path: Path) -> None:
    rows = [["text", "date", "Closed"], [WORDS, "05/06/2024", "05/28/2024"]]
    assert dates(table(tmp_path / "t.csv", rows)) == ["2024-05-06"]


def test_a_column_that_nothing_settles_is_refused(tmp_path: Path) -> None:
    rows = [["text", "date"], [WORDS, "05/06/2024"], [WORDS, "07/08/2024"]]
    voices, refused, _, _ = read(table(tmp_path / "t.csv", rows))
    assert voices == []
    assert [line for line, _ in refused] == [2, 3]
    assert "nothing in its column tells" in refused[0][1]


def test_dates_in_json_lines_settle_too(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    days = ["05/06/2024", "25/12/2023"]
    path.write_text("\n".join(json.dumps({"text": WORDS, "date": day}) for day in days))
    assert dates(path) == ["2024-06-05", "2023-12-25"]


def test_it_says_which_time_names_no_zone() -> None:
    rows = [Row(1, {"date": "2024-05-06"}), Row(2, {"date": "2024-05-06T09:00Z"})]
    assert without_zone(rows) is None
    assert without_zone([*rows, Row(3, {"date": "2024-05-06 09:00"})]) == "2024-05-06 09:00"


def test_a_whole_list_on_one_long_line_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocloop.intake.encodings.LONGEST_LINE", 2_000)
    monkeypatch.setattr(files, "LONGEST_LINE", 2_000)
    monkeypatch.setattr("vocloop.intake.encodings._PIECE", 64)
    path = tmp_path / "t.json"
    rows = [{"id": n, "text": f'{WORDS} \\" [x] {n}'} for n in range(50)]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    voices, refused, _, _ = read(path)
    assert refused == []
    assert [voice.text for voice in voices] == [row["text"] for row in rows]


VALUES = st.recursive(
    st.none() | st.integers() | st.text('ab{}[]"\\\n', max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab{", max_size=2), inner),
    max_leaves=6,
)


@settings(max_examples=60)
@given(
    st.lists(st.dictionaries(st.text("ab}", max_size=2), VALUES), min_size=1, max_size=4),
    st.sampled_from([None, 1]),
)
def test_documents_come_back_with_the_lines_they_begin_on(
    objects: list[dict[str, object]], indent: int | None
) -> None:
    texts = [json.dumps(each, indent=indent, ensure_ascii=False) for each in objects]
    found = list(json_documents("\n".join(texts)))
    lines = [1 + sum(text.count("\n") + 1 for text in texts[:n]) for n in range(len(texts))]
    assert [each.values for each in found if isinstance(each, Row)] == objects
    assert [each.line for each in found] == lines


def test_what_stands_before_broken_json_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{\n "text": "good"\n}\n{\n "text": nope\n}\n')
    voices, refused, _, _ = read(path)
    assert [voice.text for voice in voices] == ["good"]
    assert [line for line, _ in refused] == [5]


CELLS = st.text(
    st.sampled_from("あい漢字検索ｱabcXYZ 019,;\t'\"\n") | st.characters(codec="ascii"), max_size=10
).map(lambda cell: "".join(c for c in cell if c.isprintable() or c in "\t\n"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_every_cell_of_a_workbook_comes_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    book = openpyxl.Workbook()
    for row in [("番号", "本文", "メモ"), *((WORDS, *cells) for cells in rows)]:
        book.active.append([f"'{cell}" if cell.startswith("=") else cell for cell in row])
    book.save(tmp_path / "t.xlsx")
    with open_rows(tmp_path / "t.xlsx", plain=True) as opened:
        found = list(opened.entries)
    wanted = [tuple(f"'{c}" if c.startswith("=") else c for c in cells) for cells in rows]
    assert [
        (each.values["本文"], each.values["メモ"]) for each in found if isinstance(each, Row)
    ] == wanted


def archive(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LARGEST_UNPACKED", 1024 * 1024)
    bomb = {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"0" * 3 * 1024 * 1024}
    with pytest.raises(InvalidInputError, match="unpacks to 3 MB"):
        read(archive(tmp_path / "t.xlsx", bomb))


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;&x;">]>"""


@pytest.mark.parametrize("name", ["t.docx", "t.xml", "t.xlsx"])
def test_xml_entities_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "t.docx":
        archive(path, {"word/document.xml": ENTITIES + b"<w>&y;</w>"})
    elif name == "t.xlsx":
        archive(
            path, {"xl/workbook.xml": ENTITIES + b"<w>&y;</w>", "[Content_Types].xml": ENTITIES}
        )
    else:
        path.write_bytes(ENTITIES + b"<feed>&y;</feed>")
    with pytest.raises(InvalidInputError):
        read(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04broken", "broken archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office file of the old kind"),
        (b"<?xml version='1.0'?><rss/>", "no Atom feed"),
    ],
)
def test_what_can_not_be_read_says_so(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "t.bin"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=told):
        read(path)


def test_an_archive_of_something_else_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="neither a workbook nor a document"):
        read(archive(tmp_path / "t.zip", {"a.csv": b"id,text"}))

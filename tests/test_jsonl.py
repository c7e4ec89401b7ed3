"""JSONL files: what was written is read back, bad lines are named, files are whole or not there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.errors import InvalidInputError
from vocloop.jsonl import read_rows, refuse_unwritable, write_object, write_rows

texts = st.text().filter(str.strip)
values = st.none() | st.booleans() | st.integers() | texts
bodies = st.dictionaries(st.text().filter(lambda name: name != "id"), values, max_size=4)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jsonl") / "rows.jsonl"


@given(st.lists(bodies, max_size=8))
def test_what_was_written_is_read_back(file: Path, given_rows: list[dict[str, Any]]) -> None:
    rows = [{"id": i} | row for i, row in enumerate(given_rows)]
    write_rows(str(file), rows)
    found = read_rows(str(file))
    assert found == rows
    assert [row.line for row in found] == list(range(1, len(rows) + 1))


@given(st.lists(st.sampled_from(["good", "blank", "broken", "list", "bytes", "bare"])))
def test_every_line_keeps_its_true_number(file: Path, kinds: list[str]) -> None:
    written = {
        "blank": b" \t",
        "broken": b'{"id": ',
        "list": b"[1]",
        "bytes": b'{"id": "\xff"}',
        "bare": b"{}",
    }
    lines = [
        json.dumps({"id": i}).encode() if kind == "good" else written[kind]
        for i, kind in enumerate(kinds, start=1)
    ]
    file.write_bytes(b"".join(line + b"\r\n" for line in lines))
    bad = [f"line {i}" for i, kind in enumerate(kinds, start=1) if kind not in ("good", "blank")]
    if bad:
        with pytest.raises(InvalidInputError) as error:
            read_rows(str(file))
        assert [where for where, _ in error.value.problems] == bad
        return
    assert all(row.line == row["id"] for row in read_rows(str(file)))


@given(st.binary())
def test_any_bytes_are_rows_or_an_error_in_words(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with suppress(InvalidInputError):
        assert all(isinstance(row, dict) for row in read_rows(str(file), ()))


def test_a_mark_of_byte_order_is_no_part_of_the_first_line(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf{"id": 1}\n')
    assert read_rows(str(file)) == [{"id": 1}]


@pytest.mark.parametrize("row", ['{"id": null}', '{"id": " "}', '{"id": true}', '{"id": 1.5}'])
def test_an_id_is_a_word_or_a_whole_number(file: Path, row: str) -> None:
    file.write_text(row, encoding="utf-8")
    with pytest.raises(InvalidInputError, match="1 bad line"):
        read_rows(str(file))


def test_half_a_character_comes_out_as_it_went_in(file: Path) -> None:
    line = '{"id": "\\ud800"}\n'
    file.write_text(line, encoding="utf-8")
    write_rows(str(file), read_rows(str(file)))
    assert file.read_text("utf-8") == line


def test_a_file_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("old", encoding="utf-8")
    failing = ({"id": 1 / (3 - i)} for i in range(9))
    with pytest.raises(ZeroDivisionError):
        write_rows(str(out), failing)
    assert out.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_link_and_the_mode_of_a_file_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.touch(mode=0o600)
    link.symlink_to(real)
    write_object(str(link), {"a": 1})
    assert link.is_symlink()
    assert json.loads(real.read_text("utf-8")) == {"a": 1}
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


@pytest.fixture
def nobody_else() -> Iterator[None]:
    """What this process makes is its user's alone, until the test ends."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("nobody_else")
def test_a_new_file_is_as_private_as_its_user_wants(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.jsonl"
    write_rows(str(fresh), [{"text": "夜間の連絡先"}])
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600


def test_a_device_is_written_and_not_replaced() -> None:
    write_rows("/dev/null", [{"id": 1}])
    assert Path("/dev/null").is_char_device()


def test_standard_output_stays_open(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_rows("-", [{"id": "あ"}])
    write_rows("-", [{"id": "い"}])
    assert capfdbinary.readouterr().out.decode() == '{"id": "あ"}\n{"id": "い"}\n'


def test_where_nothing_can_be_written_is_told_before(tmp_path: Path) -> None:
    for path, told in ((tmp_path, "a folder"), (tmp_path / "no" / "out", "no folder")):
        with pytest.raises(InvalidInputError, match=told):
            refuse_unwritable(str(path))
    refuse_unwritable(str(tmp_path / "out"))
    refuse_unwritable("-")

"""Two periods compared, and the table behind it as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from vocloop_ui import csv_file

Reader = Callable[[str], TestClient]


def rows(client: TestClient, **asked: str) -> list[dict[str, str]]:
    answer = client.get("/changes", params={**asked, "format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_it_compares_the_last_90_days_with_the_90_before(reader: Reader) -> None:
    page = reader("en").get("/changes").text
    assert "14 Jun 2026" in page
    assert "11 Sep 2026" in page
    assert "16 Mar 2026" in page
    assert "Growing" in page


def test_the_greatest_rise_comes_first(reader: Reader) -> None:
    found = rows(reader("en"))
    moves = [int(r["Companies, later period"]) - int(r["Companies, earlier period"]) for r in found]
    assert moves[0] >= 2
    assert moves[0] > moves[-1]


def test_another_period_gives_other_numbers(reader: Reader) -> None:
    client = reader("en")
    assert rows(client) != rows(client, against="year")
    assert rows(client) != rows(client, days="30")
    assert rows(client) != rows(client, until="2026-03-01")


@pytest.mark.parametrize("day", ["9/11", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused_with_the_remedy(reader: Reader, day: str) -> None:
    answer = reader("ja").get("/changes", params={"until": day})
    assert answer.status_code == 422
    assert "2026-09-11のように書きます" in answer.text


@pytest.mark.parametrize("days", ["31", "000309999999999", "三十"])
def test_a_length_that_is_not_offered_is_the_usual_one(reader: Reader, days: str) -> None:
    client = reader("en")
    assert rows(client, days=days) == rows(client)


def test_an_empty_workspace_says_what_to_do(client: TestClient) -> None:
    page = client.get("/changes")
    assert page.status_code == 200
    assert "No voices yet" in page.text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_of_a_file_is_a_formula(cell: str) -> None:
    written = csv_file.text([("title",), (cell,)])
    read = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"))))
    assert read[1] == [f"'{cell}"]


def test_numbers_stay_numbers_in_a_file() -> None:
    assert csv_file.text([(-3, 0.5, None)]).removeprefix("\ufeff") == "-3,0.5,\r\n"

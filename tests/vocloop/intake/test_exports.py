"""Every export: each row with its right values, or refused with line and reason."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.vocloop.intake.exports import EXPORTS, Export
from tests.vocloop.intake.other_exports import OTHER_EXPORTS
from tests.vocloop.intake.reading import read
from tests.vocloop.intake.talks import TALKS
from vocloop.errors import InvalidInputError
from vocloop.intake import formats
from vocloop.intake.formats.port import Format
from vocloop.intake.records import FeedbackIn

FIXTURES = Path(__file__).parent / "fixtures"


def shown(voice: FeedbackIn, wanted: dict[str, Any]) -> dict[str, Any]:
    found = voice.model_dump() | {
        "said_at": voice.said_at.astimezone(dt.UTC).isoformat() if voice.said_at else None,
        "customer": voice.customer.external_id if voice.customer else None,
        "customer_name": voice.customer.name if voice.customer else None,
    }
    return {name: found[name] for name in wanted}


@pytest.mark.parametrize(
    "export", [*EXPORTS, *OTHER_EXPORTS, *TALKS], ids=lambda export: export.file
)
def test_every_row_of_an_export_is_read_right_or_refused(export: Export) -> None:
    beside = [FIXTURES / name for name in export.beside]
    voices, refused, found, _ = read(FIXTURES / export.file, beside=beside)
    assert found == export.format
    assert len(voices) == len(export.voices), refused
    for voice, wanted in zip(voices, export.voices, strict=True):
        assert shown(voice, wanted) == wanted
    assert len(refused) == len(export.refused), refused
    for (_, reason), wanted in zip(sorted(refused, key=str), sorted(export.refused), strict=True):
        assert any(wanted in each for _, each in refused), (wanted, reason)


def test_a_refused_object_is_named_with_its_line() -> None:
    _, refused, _, _ = read(FIXTURES / "zendesk_tickets.json")
    line, reason = refused[0]
    assert '"id": 103' in (FIXTURES / "zendesk_tickets.json").read_text("utf-8").split("\n")[line]
    assert reason.startswith("object 3 (103): ticket 103")


def test_comments_given_along_are_told_with_their_tickets(tmp_path: Path) -> None:
    ticket = {
        "id": 5,
        "requester_id": 1,
        "submitter_id": 1,
        "subject": "A",
        "description": "It is slow.",
        "created_at": "2026-01-01T00:00:00Z",
    }
    comment = {
        "id": 9,
        "ticket_id": 5,
        "author_id": 1,
        "public": True,
        "body": "Still slow.",
        "created_at": "2026-01-02T00:00:00Z",
    }
    tickets, comments = tmp_path / "t.json", tmp_path / "c.json"
    tickets.write_text(json.dumps({"tickets": [ticket]}))
    comments.write_text(json.dumps([comment]))
    voices, _, _, _ = read(tickets, beside=[comments])
    assert [voice.text for voice in voices] == ["It is slow.\n\nStill slow."]
    assert read(comments, beside=[tickets])[:2] == ([], [])


def wrapped(objects: list[Any], how: str) -> str:
    if how == "lines":
        return "\n".join(json.dumps(each) for each in objects)
    if how == "single":
        return json.dumps(objects[0], indent=2)
    if how == "list":
        return json.dumps(objects)
    if how == "pages":
        pages = [{"data": {"items": [each]}, "next": None} for each in objects]
        return "\n".join(json.dumps(page, indent=1) for page in pages)
    return json.dumps({"type": "notification", "data": {"item": objects[0]}})


@pytest.mark.parametrize("how", ["lines", "single", "list", "pages", "event"])
@pytest.mark.parametrize(
    ("file", "where"),
    [
        ("zendesk_tickets.json", "tickets"),
        ("intercom_conversations.json", "conversations"),
        ("freshdesk_tickets.json", None),
        ("hubspot_tickets.json", "results"),
        ("salesforce_cases.json", "records"),
        ("jira_search.json", "issues"),
        ("github_issues.json", None),
        ("app_store_connect.json", "data"),
        ("surveymonkey_responses.json", "data"),
    ],
)
def test_objects_are_found_whatever_wraps_them(
    tmp_path: Path, file: str, where: str | None, how: str
) -> None:
    held = json.loads((FIXTURES / file).read_text("utf-8"))
    objects = held[where] if where else held
    path = tmp_path / "x.json"
    path.write_text(wrapped(objects, how), encoding="utf-8")
    voices, _, found, _ = read(path)
    wanted = next(each for each in EXPORTS if each.file == file)
    assert found == wanted.format
    assert voices[0].external_id == wanted.voices[0]["external_id"]


def test_a_response_without_a_date_is_kept_without_one(tmp_path: Path) -> None:
    export = (FIXTURES / "qualtrics_utf16.csv").read_text("utf-16")
    undated = tmp_path / "undated.csv"
    undated.write_text(re.sub(r"2024-03-05 09:1\d:\d\d", "", export), "utf-16")
    voices, *_ = read(undated)
    assert [voice.said_at for voice in voices] == [None]
    assert voices[0].text == "設定に一週間かかりました。"


def test_a_format_is_forced(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"id": 1, "subject": "Slow", "created_at": "2026-01-01T00:00Z"}))
    assert read(path, file_format="zendesk")[0][0].text == "Slow"
    assert read(path, file_format="freshdesk")[2] == "freshdesk"
    with pytest.raises(InvalidInputError, match="which google-forms does not export"):
        read(path, file_format="google-forms")


def test_nothing_but_an_empty_page_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"tickets": [], "count": 0}')
    assert read(path, file_format="zendesk")[:2] == ([], [])


def test_a_table_that_names_its_columns_is_read_by_them(tmp_path: Path) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["タイムスタンプ", "本文"], ["2026/05/13 9:00", "遅い"]])
    path = tmp_path / "x.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    voices, _, found, _ = read(path)
    assert (found, voices[0].text) == ("csv", "遅い")


def test_the_registry_knows_each_format_by_its_name() -> None:
    assert set(formats.NAMES) == set(formats.FORMATS)
    assert all(isinstance(each, Format) for each in formats.FORMATS.values())
    assert all(name == each.name for name, each in formats.FORMATS.items())


def test_each_format_has_its_row_in_the_documentation_and_its_fixture() -> None:
    page = (Path(__file__).parents[3] / "docs/intake.md").read_text("utf-8")
    assert [name for name in formats.NAMES if f"| `{name}` |" not in page] == []
    assert set(formats.NAMES) <= {export.format for export in EXPORTS}
    assert {each.name for each in FIXTURES.iterdir()} == {
        export.file for export in [*EXPORTS, *OTHER_EXPORTS, *TALKS]
    }
